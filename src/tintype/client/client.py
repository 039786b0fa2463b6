"""The client of a stack, for your own programs. Start with `Client`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO, Self, TypeAlias

from msgspec import UNSET, UnsetType, to_builtins

from tintype.access import Visibility
from tintype.client.api import Api
from tintype.client.credentials import api_key as key_of
from tintype.client.credentials import api_key_of_environment
from tintype.client.errors import ClientError, ImageFailedError, NoLiveUpdatesError
from tintype.client.following import Ended, Event, Follower
from tintype.client.live import live_address
from tintype.client.responses import as_image
from tintype.client.sender import NoMeter, Parcel, Sender, parcel_of_bytes, parcel_of_file
from tintype.client.subscription import (
    Address,
    Changed,
    Lost,
    Opened,
    Subscription,
    SubscriptionEvent,
)
from tintype.images import Focus, Image, Status

Source: TypeAlias = "str | PathLike[str] | bytes | BinaryIO"

PAGE = 100  # images per request
_LONGEST_WAIT_SECONDS = 1.0  # for news; so that Ctrl-C is seen on Windows as well


class Client:
    """A stack, given by the address of its page (`https://d111.cloudfront.net`) or API (`…/api`).

    Needs no AWS credentials, like the page. A stack that is not open needs an *api_key*, by default
    the one in the environment variable `TINTYPE_API_KEY`; it is sent to the API alone. Opens connections on demand, so use it in a `with`
    statement, or `close` it. Thread-safe. Repeatable requests are tried up to four times; a response
    may take 30 seconds.

    Every method raises `ClientError`; any of them may raise `ApiUnreachableError`, `NotTheApiError`
    and `ApiRefusedError`, of which `NotSignedInError` means that the stack wants another API key.

    Raises:
        MalformedApiKeyError: the API key is not one.
        InsecureAddressError: there is a key, and the address is not encrypted.
    """

    def __init__(self, address: str, *, api_key: str | None = None) -> None:
        credential = api_key_of_environment() if api_key is None else key_of(api_key)
        self._api = Api(f"{address.rstrip('/').removesuffix('/api')}/api", credential)
        self._sender = Sender(api=self._api)
        self._following: set[Changes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections, including those of `follow`."""
        for changes in list(self._following):
            changes.close()
        self._api.close()

    def upload(
        self,
        source: Source,
        *,
        filename: str | None = None,
        visibility: Visibility | str | None = None,
    ) -> Image:
        """Upload an original and return its image once the bucket has it; `wait` for the rest.

        *source* is a path, bytes, or a file open for binary reading, which is read into memory. The
        image is named *filename*, by default the file's name. Its *visibility*, `public` or
        `private`, is by default that of the stack. If the connection breaks, the upload
        is retried, up to six times in total.

        Raises:
            FileUnreadableError: the file is missing, not readable, or not a regular file.
            FileChangedError: it changed during the upload.
            NotAnImageError, UnsupportedFormatError: from its first bytes; see `tintype.imaging.errors`.
            UploadBrokenError: the connection to the bucket broke on every try.
            UploadRefusedError: S3 refuses the upload.
            ValueError: there is no such visibility.
        """
        wanted = None if visibility is None else Visibility(visibility)
        parcel = replace(_parcel(source, filename), visibility=wanted)
        image_id = self._sender.send(parcel, NoMeter())
        return self._api.image(image_id)

    def wait(self, image_id: str, *, seconds: float = 300.0) -> Image:
        """Return an image once it is `READY`.

        Listens for changes if the page gives the address, and always polls the API occasionally.
        *seconds* is how long to wait without an update.

        Raises:
            ImageFailedError: it is `FAILED` or `DELETED`; `code` says why.
            NotReadyInTimeError: there was no update for that long.
        """
        inbox: SimpleQueue[Event] = SimpleQueue()
        follower = Follower(
            self._api,
            self._live_address_if_any(),
            on_event=inbox.put,
            on_remark=lambda _remark: None,
            timeout_seconds=seconds,
        )
        with follower:
            follower.follow(image_id)
            return _ready(_end(follower, inbox))

    def image(self, image_id: str) -> Image:
        """Return the current state of an image.

        Raises:
            ApiRefusedError: it does not exist (`image_not_found`).
        """
        return self._api.image(image_id)

    def images(self) -> Iterator[Image]:
        """Yield all images, newest first, in requests of 100."""
        cursor = None
        while True:
            page = self._api.images(limit=PAGE, cursor=cursor)
            yield from map(as_image, page.images)
            cursor = page.cursor
            if cursor is None:
                return

    def change(
        self,
        image_id: str,
        visibility: Visibility | str | None = None,
        *,
        focus: Focus | UnsetType | None = UNSET,
    ) -> None:
        """Make an image `public` or `private`, or choose what its crops keep; it takes a moment.

        The renditions get new addresses. *focus* is the point that crops keep near their centre, in
        shares of the upright original, or None to remove it; by default it stays.

        Raises:
            ApiRefusedError: the image does not exist (`image_not_found`), is being processed for the
                first time (`still_processing`), or the stack has no sign-in
                (`private_needs_sign_in`).
            ValueError: there is no such visibility, or nothing to change.
        """
        if visibility is None and focus is UNSET:
            message = "nothing to change; pass visibility, focus or both"
            raise ValueError(message)
        wanted: dict[str, object] = {}
        if visibility is not None:
            wanted["visibility"] = Visibility(visibility)
        if focus is not UNSET:
            wanted["focus"] = to_builtins(focus)
        self._api.change(image_id, wanted)

    def address(
        self, image_id: str, *, expires_in: int | None = None, **parameters: float | str
    ) -> str:
        """Return a signed address of an image in any size, for anyone who has it.

        *parameters* are those of addresses, with `_` for `-`: `address(id, w=400, h=400, fit="crop",
        fp_x=0.3, fp_y=0.5)`. The address is valid for *expires_in* seconds at least, 60 to
        31,536,000; by default that of a public image does not expire, and that of a private one
        after one to two hours.

        Raises:
            ApiRefusedError: a parameter is wrong (`invalid_request`; the message names it), the image
                does not exist (`image_not_found`), or the API key lacks the scope `upload`
                (`not_allowed`).
        """
        named = {name.replace("_", "-"): value for name, value in parameters.items()}
        return self._api.address(image_id, named, expires_in).url

    def delete(self, image_id: str) -> None:
        """Delete an image's original, renditions and record, which takes a moment.

        Raises:
            ApiRefusedError: it does not exist (`image_not_found`).
        """
        self._api.delete(image_id)

    def follow(self, *, reopened: Callable[[], None] | None = None) -> Changes:
        """Return an iterator over the changes of all images from now on.

        If the connection breaks, it is reopened, with pauses of up to 30 seconds. Changes in between
        are not reported: *reopened* is then called, so that you can check `images`.

        Raises:
            NoLiveUpdatesError: listening is not possible, as with an API key unless the stack is
                open; also later, while iterating.
        """
        address = self._live_address()
        changes = Changes(address, reopened=reopened, closed=self._following.discard)
        self._following.add(changes)
        return changes

    def _live_address(self) -> Address:
        """Return the live-update address from the page.

        Raises:
            NoLiveUpdatesError: the page does not give it, or the stack wants more than an API key.
        """
        try:
            config = self._api.page_config()
        except ClientError as error:
            message = f"the page next to {self._api.url} does not give the live-update address"
            raise NoLiveUpdatesError(message) from error
        return live_address(
            self._api,
            realtime_url=config.realtime_url,
            graphql_url=config.graphql_url,
            public_key=config.api_key,
        )

    def _live_address_if_any(self) -> Address | None:
        try:
            return self._live_address()
        except ClientError:
            return None


class Changes:
    """Iterator over the changes of all images; waits for the next one until `close`."""

    def __init__(
        self,
        address: Address,
        *,
        reopened: Callable[[], None] | None,
        closed: Callable[[Changes], None],
    ) -> None:
        self._inbox: SimpleQueue[SubscriptionEvent | None] = SimpleQueue()
        self._reopened = reopened
        self._on_closed = closed
        self._closed = False
        self._subscription = Subscription(address, self._inbox.put)
        self._subscription.start()
        first = self._next_event()
        if isinstance(first, Lost):
            self.close()
            raise NoLiveUpdatesError(first.reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Changed:
        while True:
            event = self._next_event()
            if event is None:
                raise StopIteration
            if isinstance(event, Changed):
                return event
            if isinstance(event, Opened):
                if self._reopened:
                    self._reopened()
            elif event.final:
                self.close()
                raise NoLiveUpdatesError(event.reason)

    def close(self) -> None:
        """Stop listening and end the iteration, also one in another thread."""
        self._closed = True
        self._subscription.close()
        self._inbox.put(None)
        self._on_closed(self)

    def _next_event(self) -> SubscriptionEvent | None:
        """Return the next event, or None once it is closed."""
        while not self._closed:
            try:
                return self._inbox.get(timeout=_LONGEST_WAIT_SECONDS)
            except Empty:
                continue
        return None


def _parcel(source: Source, filename: str | None) -> Parcel:
    if isinstance(source, bytes):
        return parcel_of_bytes(source, filename)
    if isinstance(source, str | PathLike):
        return parcel_of_file(Path(source), filename)
    name = getattr(source, "name", None)  # of an open file; may be a number
    known = Path(name).name if isinstance(name, str) else None
    return parcel_of_bytes(source.read(), filename or known)


def _end(follower: Follower, inbox: SimpleQueue[Event]) -> Ended:
    """Return the result of the one followed image."""
    while True:
        for ended in follower.poll():
            return ended
        pause = follower.seconds_to_next()
        wait = _LONGEST_WAIT_SECONDS if pause is None else min(pause, _LONGEST_WAIT_SECONDS)
        try:
            event = inbox.get(timeout=wait)
        except Empty:
            continue
        for ended in follower.handle(event):
            return ended


def _ready(ended: Ended) -> Image:
    if ended.error:
        raise ended.error
    assert ended.image is not None  # noqa: S101 - the one or the other
    if ended.image.status is Status.READY:
        return ended.image
    failure = ended.image.failure
    message = failure.message if failure else "the image was deleted"
    code = failure.code if failure else None
    raise ImageFailedError(message, image=ended.image, code=code)
