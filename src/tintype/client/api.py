"""Client of Tintype's HTTP API: tickets, uploads, images. Start with `Api`.

This is the only module here that imports httpx, and the command line imports it late: httpx takes as
long to load as everything else.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from tintype.access import Visibility
from tintype.client.credentials import BearerCredential, require_confidential
from tintype.client.errors import (
    ApiRefusedError,
    ApiUnreachableError,
    FileChangedError,
    NotSignedInError,
    NotTheApiError,
    UploadBrokenError,
    UploadRefusedError,
)
from tintype.client.responses import (
    AcceptedImage,
    AddressReply,
    Admission,
    ImagePage,
    Link,
    Me,
    PageConfig,
    ProblemDocument,
    UploadTicket,
    as_image,
)
from tintype.images import Document, Image

TRIES = 4  # for a repeatable request
FIRST_PAUSE_SECONDS = 0.2  # before the second try; doubled each time
LONGEST_PAUSE_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 60.0  # that the stack may ask for: its limit on requests is one a minute
TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=None)
REVISION = "x-presets-revision"  # in `info` of openapi.json, and in the response of `GET /`

SIGN_IN = "this stack needs a sign-in: run `tintype login`, or set TINTYPE_API_KEY to an API key"

# S3's status for a second upload to a key (If-None-Match), and statuses that mean "retry".
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
_FINAL = frozenset({"quota_exceeded"})  # codes of 429 that no retry changes soon
# Why the API returns no link to the original of an existing image.
_NO_LINK = frozenset({"originals_not_public", "not_uploaded"})
_S3_CODE = re.compile(r"<Code>([^<]*)</Code>")
_S3_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
# Raised when reading JSON.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Read = TypeVar("Read")


class Api:
    """The API at one address, called with a *credential* if the stack wants one. Thread-safe.

    Raises:
        InsecureAddressError: there is a credential, and the address is not encrypted.
    """

    def __init__(self, url: str, credential: BearerCredential | None = None) -> None:
        self.url = url.rstrip("/")
        self.credential = credential
        if credential is not None:
            require_confidential(self.url)
        agent = f"tintype/{version('tintype')}"
        self._http = httpx.Client(timeout=TIMEOUT, headers={"user-agent": agent})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    @property
    def page_url(self) -> str:
        """The address of the page next to the API."""
        return self.url.removesuffix("/api")

    def image(self, image_id: str) -> Image:
        """Return an image.

        Raises:
            ApiRefusedError: it does not exist, among others.
        """
        return as_image(self.image_document(image_id))

    def image_document(self, image_id: str) -> dict[str, Document]:
        """Return an image as the API sends it, including fields unknown to this version."""
        answer = self._ask("GET", f"/images/{quote(image_id, safe='')}")
        return _read(answer, dict[str, Any])

    def original_link(self, image_id: str) -> str | None:
        """Return a short-lived link to an original, or None if the stack issues none."""
        try:
            answer = self._ask("GET", f"/images/{quote(image_id, safe='')}/original")
        except ApiRefusedError as error:
            if error.code in _NO_LINK:
                return None
            raise
        return _read(answer, Link).url

    def finds(self, image_id: str) -> Image | None:
        """Return an image, or None if it does not exist or is deleted."""
        try:
            image = self.image(image_id)
        except ApiRefusedError as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                return None
            raise
        return None if image.status == "DELETED" else image

    def images(
        self, *, limit: int, cursor: str | None = None, owner: str | None = None
    ) -> ImagePage:
        """Return up to *limit* of the caller's images, newest first, starting at *cursor*.

        Admins may name another *owner*.
        """
        options = {"cursor": cursor, "owner": owner}
        query = {"limit": str(limit)} | {name: each for name, each in options.items() if each}
        return _read(self._ask("GET", "/images", params=query), ImagePage)

    def delete(self, image_id: str) -> None:
        """Delete an image's original, renditions and record."""
        self._ask("DELETE", f"/images/{quote(image_id, safe='')}")

    def me(self) -> Me:
        """Return who the stack takes the caller for."""
        return _read(self._ask("GET", "/me"), Me)

    def presets_revision(self) -> str | None:
        """Return the hash of the stack's presets, or None if the API does not report it."""
        answer = self._ask("GET", "/openapi.json", public=True)
        document = _read(answer, dict[str, Any])
        info = document.get("info")
        found = info.get(REVISION) if isinstance(info, dict) else None
        return found if isinstance(found, str) else None

    def page_config(self) -> PageConfig:
        """Return the configuration of the page next to the API.

        Raises:
            ClientError: there is no page, or it has no configuration.
        """
        answer = self._ask("GET", "/config.json", base=self.page_url, public=True)
        try:
            return msgspec.json.decode(answer.content, type=PageConfig)
        except _UNREADABLE as error:
            message = f"{_place(answer)} does not describe a stack: {error}"
            raise NotTheApiError(message) from error

    def change(self, image_id: str, values: Mapping[str, object]) -> None:
        """Change what *values* names of an image: `visibility`, `focus` or both. It takes a moment."""
        self._ask("PATCH", f"/images/{quote(image_id, safe='')}", json=values)

    def address(
        self, image_id: str, parameters: Mapping[str, float | str], expires_in: int | None = None
    ) -> AddressReply:
        """Return a signed address, valid for *expires_in* seconds at least; *parameters* by their names in it."""
        wanted = {**parameters, **({} if expires_in is None else {"expiresIn": expires_in})}
        answer = self._ask("POST", f"/images/{quote(image_id, safe='')}/address", json=wanted)
        return _read(answer, AddressReply)

    def admit(
        self,
        filename: str,
        content_type: str,
        size: int,
        sha256: str,
        visibility: Visibility | None = None,
    ) -> Admission:
        """Request a ticket. Repeatable, since an unused ticket does no harm."""
        wanted = {
            "filename": filename,
            "contentType": content_type,
            "size": size,
            "sha256": sha256,
            **({"visibility": visibility} if visibility else {}),
        }
        return _read(self._ask("POST", "/uploads", json=wanted), Admission)

    def put(self, ticket: UploadTicket, body: Iterable[bytes]) -> bool:
        """Upload with a ticket; return False if an object exists, as after a lost response.

        Raises:
            UploadBrokenError: the connection broke, or S3 asks for a retry.
            UploadRefusedError: S3 returned any other error.
            FileChangedError: the length of *body* differs from the ticket.
        """
        headers = httpx.Headers(ticket.headers, encoding="utf-8")
        try:
            answer = self._http.request(ticket.method, ticket.url, headers=headers, content=body)
        except httpx.LocalProtocolError as error:
            message = "its size changed during the upload"
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

    def send(
        self,
        filename: str,
        content_type: str,
        size: int,
        body: Callable[[], Iterable[bytes]],
        visibility: Visibility | None = None,
    ) -> str:
        """Send an original in one request and return the image ID. Never retried after a failure.

        *body* returns the bytes from the first on; it is called again if the token has expired.
        """
        headers = {"content-type": content_type, "content-length": str(size)}
        query = {"filename": filename} | ({"visibility": visibility} if visibility else {})
        token = self._token()
        for may_renew in (True, False):
            try:
                answer = self._http.post(
                    f"{self.url}/images",
                    params=query,
                    headers=headers | _bearer(token),
                    content=body(),
                )
            except httpx.LocalProtocolError as error:
                message = "its size changed during the upload"
                raise FileChangedError(message) from error
            except httpx.TransportError as error:
                raise UploadBrokenError(_reason(error)) from error
            if not (may_renew and self._is_renewed(answer, token)):
                break
            token = self._token()
        return _read(self._checked(answer), AcceptedImage).image_id

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        base: str | None = None,
        public: bool = False,
    ) -> httpx.Response:
        """Send a repeatable request, and retry it while that can help; without a credential if *public*."""
        url = f"{self.url if base is None else base}{path}"
        may_renew = not public
        attempt = 0
        while True:
            last = attempt + 1 == TRIES
            token = None if public else self._token()
            try:
                answer = self._http.request(
                    method, url, params=params, json=json, headers=_bearer(token)
                )
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if last or isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
                    message = f"{self.url}: {_reason(error)}"
                    raise ApiUnreachableError(message) from error
                wait = None
            else:
                if may_renew and self._is_renewed(answer, token):
                    may_renew = False
                    continue
                if last or answer.status_code not in _LATER or _problem(answer).code in _FINAL:
                    return self._checked(answer)
                wait = answer.headers.get("retry-after")
            time.sleep(pause(attempt, wait))
            attempt += 1

    def _token(self) -> str | None:
        return self.credential.token() if self.credential else None

    def _is_renewed(self, answer: httpx.Response, token: str | None) -> bool:
        """Whether the token was refused, and there is now another one to try."""
        if self.credential is None or token is None:
            return False
        return answer.status_code == HTTPStatus.UNAUTHORIZED and self.credential.renew(token)

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        """Return a successful response.

        Raises:
            NotSignedInError: the API wants another credential, or one at all.
            ApiRefusedError: the response is a problem document.
            NotTheApiError: the error does not come from the API.
        """
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            said = self.credential.advice if self.credential else SIGN_IN
            code = _problem(answer).code
            raise NotSignedInError(said, status=answer.status_code, code=code)
        return _checked(answer)


def _bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


def pause(attempt: int, retry_after: str | None = None) -> float:
    """Return the seconds before a retry: the *retry_after* number, else exponentially more.

    Half of it is random, so that many clients do not retry at the same moment.
    """
    if retry_after and retry_after.isdecimal():
        return min(float(retry_after), LONGEST_WAIT_SECONDS)
    longest: float = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
    return longest * (0.5 + secrets.randbelow(1000) / 2000)


def _checked(answer: httpx.Response) -> httpx.Response:
    """Return a successful response.

    Raises:
        ApiRefusedError: the response is a problem document.
        NotTheApiError: the error does not come from the API.
    """
    if answer.is_success:
        return answer
    kind = answer.headers.get("content-type", "").partition(";")[0]
    problem = _problem(answer)
    status = answer.status_code
    if "json" in kind:
        said = problem.detail or problem.title or problem.message or f"HTTP status {status}"
        raise ApiRefusedError(said, status=status, code=problem.code)
    if status in _LATER:
        message = f"{_place(answer)} returned {status} on every attempt"
        raise ApiUnreachableError(message)
    raise _not_the_api(answer)


def _problem(answer: httpx.Response) -> ProblemDocument:
    try:
        return msgspec.json.decode(answer.content, type=ProblemDocument)
    except _UNREADABLE:
        return ProblemDocument()


def _read(answer: httpx.Response, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except _UNREADABLE as error:
        raise _not_the_api(answer) from error


def _not_the_api(answer: httpx.Response) -> NotTheApiError:
    kind = answer.headers.get("content-type", "nothing")
    said = f"{_place(answer)} returned {answer.status_code} with {kind}"
    return NotTheApiError(f"{said}; the API's address ends in /api")


def _place(answer: httpx.Response) -> str:
    """Return the address without its query, which may be a signature."""
    return str(answer.request.url.copy_with(query=None))


def _reason(error: Exception) -> str:
    return str(error) or re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()


def _s3_reason(answer: httpx.Response) -> str:
    """Return S3's error, such as "AccessDenied: Request has expired (403)"."""
    code, message = _S3_CODE.search(answer.text), _S3_MESSAGE.search(answer.text)
    said = ": ".join(match[1] for match in (code, message) if match) or answer.reason_phrase
    return f"{said} ({answer.status_code})"
