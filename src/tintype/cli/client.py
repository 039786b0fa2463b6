"""Tintype's HTTP API, called: tickets, uploads, images. Start with `Api`.

The only module that imports httpx, and whoever needs it imports it late: httpx takes as long to load
as the rest of the command line.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from tintype.cli.errors import (
    ApiRefusedError,
    ApiUnreachableError,
    FileChangedError,
    NotTheApiError,
    UploadBrokenError,
    UploadRefusedError,
)
from tintype.cli.pictures import as_image
from tintype.images import Document, Image

TRIES = 4  # of a request that may be repeated
FIRST_PAUSE_SECONDS = 0.2  # before the second try; each further one is twice as long
LONGEST_PAUSE_SECONDS = 10.0
TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=None)
REVISION = "x-presets-revision"  # in `info` of openapi.json, and in the answer of `GET /`

# S3's word for a second upload to a key (If-None-Match), and answers that mean "later".
_THERE_ALREADY = HTTPStatus.PRECONDITION_FAILED
_LATER = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
# Why the API has no link to the original of an image that it knows.
_NO_LINK = frozenset({"originals_not_public", "not_uploaded"})
_S3_CODE = re.compile(r"<Code>([^<]*)</Code>")
_S3_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")

Read = TypeVar("Read")


class Ticket(msgspec.Struct, frozen=True, rename="camel"):
    """A pre-signed request: it takes exactly these headers, once, until it expires (ISO 8601)."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


class Admission(msgspec.Struct, frozen=True, rename="camel"):
    """What `POST /uploads` answers: the id that the image will have, and the ticket."""

    image_id: str
    upload: Ticket


class Page(msgspec.Struct, frozen=True):
    """Some images, newest first, and where the next page begins; `cursor` is None on the last."""

    images: list[dict[str, Any]]  # msgspec knows no recursive types
    cursor: str | None = None


class _Accepted(msgspec.Struct, frozen=True, rename="camel"):
    image_id: str


class _Link(msgspec.Struct, frozen=True):
    url: str


class _Problem(msgspec.Struct, frozen=True):
    """RFC 9457, what we use of it; `message` is API Gateway's own, where it does not come to us."""

    title: str = ""
    detail: str = ""
    message: str = ""
    code: str | None = None


class Api:
    """The API at one address. May be used by several threads at once."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        agent = f"tintype/{version('tintype')}"
        self._http = httpx.Client(timeout=TIMEOUT, headers={"user-agent": agent})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def image(self, image_id: str) -> Image:
        """Return an image.

        Raises:
            ApiRefusedError: there is none, among others.
        """
        return as_image(self.image_document(image_id))

    def image_document(self, image_id: str) -> dict[str, Document]:
        """Return an image as the API says it, also what this version of us does not know."""
        answer = self._ask("GET", f"/images/{quote(image_id, safe='')}")
        return _read(answer, dict[str, Any])

    def original_link(self, image_id: str) -> str | None:
        """Return a link to an original for a few minutes, None where the stack gives out none."""
        try:
            answer = self._ask("GET", f"/images/{quote(image_id, safe='')}/original")
        except ApiRefusedError as error:
            if error.code in _NO_LINK:
                return None
            raise
        return _read(answer, _Link).url

    def finds(self, image_id: str) -> Image | None:
        """Return an image, or None where there is none or it is deleted."""
        try:
            image = self.image(image_id)
        except ApiRefusedError as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                return None
            raise
        return None if image.status == "DELETED" else image

    def images(self, *, limit: int, cursor: str | None = None) -> Page:
        """Return up to *limit* images, newest first, from *cursor* on."""
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        return _read(self._ask("GET", "/images", params=query), Page)

    def delete(self, image_id: str) -> None:
        """Have an image's original, renditions and record removed."""
        self._ask("DELETE", f"/images/{quote(image_id, safe='')}")

    def presets_revision(self) -> str | None:
        """Return the hash of the presets that the stack renders with, None if it does not say."""
        document = _read(self._ask("GET", "/openapi.json"), dict[str, Any])
        info = document.get("info")
        found = info.get(REVISION) if isinstance(info, dict) else None
        return found if isinstance(found, str) else None

    def admit(self, filename: str, content_type: str, size: int, sha256: str) -> Admission:
        """Ask for a ticket. May be repeated: a ticket that nobody uses does no harm."""
        wanted = {
            "filename": filename,
            "contentType": content_type,
            "size": size,
            "sha256": sha256,
        }
        return _read(self._ask("POST", "/uploads", json=wanted), Admission)

    def put(self, ticket: Ticket, body: Iterable[bytes]) -> bool:
        """Upload with a ticket; False if something lies there already, as after a lost answer.

        Raises:
            UploadBrokenError: the connection broke, or S3 wants it tried again.
            UploadRefusedError: anything else that S3 says.
            FileChangedError: *body* is not as long as the ticket says.
        """
        headers = httpx.Headers(ticket.headers, encoding="utf-8")
        try:
            answer = self._http.request(ticket.method, ticket.url, headers=headers, content=body)
        except httpx.LocalProtocolError as error:
            message = "its size changed while it was uploaded"
            raise FileChangedError(message) from error
        except httpx.TransportError as error:
            raise UploadBrokenError(_reason(error)) from error
        if answer.status_code == _THERE_ALREADY:
            return False
        if answer.status_code in _LATER or answer.status_code == HTTPStatus.CONFLICT:
            raise UploadBrokenError(_s3_reason(answer))
        if not answer.is_success:
            raise UploadRefusedError(_s3_reason(answer))
        return True

    def send(self, filename: str, content_type: str, size: int, body: Iterable[bytes]) -> str:
        """Send an original in one request and return the image's id. Never repeated by itself."""
        headers = {"content-type": content_type, "content-length": str(size)}
        query = {"filename": filename}
        try:
            answer = self._http.post(
                f"{self.url}/images", params=query, headers=headers, content=body
            )
        except httpx.LocalProtocolError as error:
            message = "its size changed while it was uploaded"
            raise FileChangedError(message) from error
        except httpx.TransportError as error:
            raise UploadBrokenError(_reason(error)) from error
        return _read(_checked(answer), _Accepted).image_id

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> httpx.Response:
        """Send a request that may be repeated, and repeat it while that is the cure."""
        for attempt in range(TRIES):
            last = attempt + 1 == TRIES
            try:
                answer = self._http.request(method, f"{self.url}{path}", params=params, json=json)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if last or isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
                    message = f"{self.url}: {_reason(error)}"
                    raise ApiUnreachableError(message) from error
                wait = None
            else:
                if last or answer.status_code not in _LATER:
                    return _checked(answer)
                wait = answer.headers.get("retry-after")
            time.sleep(pause(attempt, wait))
        raise AssertionError  # the last round returns or raises


def pause(attempt: int, asked: str | None = None) -> float:
    """Return the seconds before a try is repeated: what was *asked* for, else ever longer ones.

    The half that is left to chance keeps many clients from coming back at the same moment.
    """
    if asked and asked.isdecimal():
        return min(float(asked), LONGEST_PAUSE_SECONDS)
    longest: float = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
    return longest * (0.5 + secrets.randbelow(1000) / 2000)


def _checked(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is good news.

    Raises:
        ApiRefusedError: a problem document says what is wrong.
        NotTheApiError: it failed in somebody else's words.
    """
    if answer.is_success:
        return answer
    kind = answer.headers.get("content-type", "").partition(";")[0]
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem()
    status = answer.status_code
    if "json" in kind:
        said = problem.detail or problem.title or problem.message or f"HTTP status {status}"
        raise ApiRefusedError(said, status=status, code=problem.code)
    if status in _LATER:
        message = f"{_place(answer)} answers {status}, even when asked again"
        raise ApiUnreachableError(message)
    raise _not_the_api(answer)


def _read(answer: httpx.Response, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_the_api(answer) from error


def _not_the_api(answer: httpx.Response) -> NotTheApiError:
    kind = answer.headers.get("content-type", "nothing")
    said = f"{_place(answer)} answers {answer.status_code} and {kind}"
    return NotTheApiError(f"{said}; is that the API's address? It ends in /api")


def _place(answer: httpx.Response) -> str:
    """Return the address without its query, which may be a signature."""
    return str(answer.request.url.copy_with(query=None))


def _reason(error: Exception) -> str:
    return str(error) or re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()


def _s3_reason(answer: httpx.Response) -> str:
    """Return what S3 said, such as "AccessDenied: Request has expired (403)"."""
    code, message = _S3_CODE.search(answer.text), _S3_MESSAGE.search(answer.text)
    said = ": ".join(match[1] for match in (code, message) if match) or answer.reason_phrase
    return f"{said} ({answer.status_code})"
