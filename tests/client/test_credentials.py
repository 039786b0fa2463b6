"""API keys and tokens: where they are sent, where never, and what happens when they are refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.cli.service import OWNER, Service, running
from tests.pictures import picture
from tintype.client import (
    Client,
    InsecureAddressError,
    MalformedApiKeyError,
    NoLiveUpdatesError,
    NotSignedInError,
    NotTheApiError,
    api,
    following,
    subscription,
)
from tintype.client.api import Api
from tintype.client.credentials import KeyCredential
from tintype.client.live import live_address
from tintype.client.sender import NoMeter, Sender, parcel_of_bytes
from tintype.client.subscription import (
    Address,
    Changed,
    Lost,
    Opened,
    Subscription,
    SubscriptionEvent,
)

JPEG = picture(60, 40)
KEY = "tint_abcdefghijkl_c2VjcmV0"


@dataclass
class Renewing:
    """A credential whose token is replaced by the next one when it is refused."""

    tokens: list[str] = field(repr=False)
    refused: list[str] = field(default_factory=list, repr=False)
    is_live: bool = True
    advice: str = "sign in again"

    def token(self) -> str:
        return self.tokens[0]

    def renew(self, refused: str) -> bool:
        self.refused.append(refused)
        if len(self.tokens) > 1:
            self.tokens.pop(0)
            return True
        return False


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Run a small stack that accepts one API key; nobody waits long for it."""
    monkeypatch.delenv("TINTYPE_API_KEY", raising=False)
    for module in (api, following, subscription):
        monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.02)
    with running() as service:
        service.tokens = {KEY}
        yield service


def addressed(service: Service, prefix: str) -> set[str]:
    """Return what came as credential with requests to paths that start with a *prefix*."""
    return {sent for path, sent in service.seen if path.startswith(prefix)}


def test_api_key_goes_to_the_api_and_never_to_the_bucket_or_the_page(stack: Service) -> None:
    with Client(stack.api, api_key=KEY) as client:
        image = client.wait(client.upload(JPEG).id, seconds=10)
        client.delete(image.id)

    assert stack.objects == {image.id: JPEG}
    assert addressed(stack, "/api/") == {f"Bearer {KEY}"}
    assert addressed(stack, "/bucket/") == {""}
    assert addressed(stack, "/config.json") == {""}


def test_api_key_is_read_from_the_environment_without_its_line_end(
    stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINTYPE_API_KEY", f"{KEY}\n")

    with Client(stack.api) as client:
        assert list(client.images()) == []


def test_key_that_is_passed_goes_before_the_one_of_the_environment(
    stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINTYPE_API_KEY", "tint_wrong_key")

    with Client(stack.api, api_key=KEY) as client:
        assert list(client.images()) == []


def test_without_a_credential_the_error_says_how_to_get_one(stack: Service) -> None:
    with Client(stack.api) as client, pytest.raises(NotSignedInError, match="tintype login") as got:
        client.image("01JD0Q4Y7S8T9V0W1X2Y3Z4A5B")

    assert (got.value.code, got.value.status) == ("not_signed_in", 401)
    assert "TINTYPE_API_KEY" in str(got.value)


def test_refused_key_is_named_as_the_cause_but_not_printed(stack: Service) -> None:
    wrong = "tint_abcdefghijkl_somethingelse"

    with Client(stack.api, api_key=wrong) as client, pytest.raises(NotSignedInError) as got:
        list(client.images())

    assert "wrong, expired or revoked" in str(got.value)
    assert wrong not in f"{got.value!r}{got.value.__cause__!r}{KeyCredential(wrong)!r}"
    assert addressed(stack, "/api/") == {f"Bearer {wrong}"}
    assert stack.requests["GET /api/images"] == 1  # asking again would change nothing


@pytest.mark.parametrize("text", ["", "  ", "secret", "tint_", "tint_a b", "Bearer tint_a_b"])
def test_what_is_no_api_key_is_refused_before_anything_is_sent(text: str) -> None:
    with pytest.raises(MalformedApiKeyError) as got:
        Client("http://127.0.0.1:9", api_key=text)

    assert text.strip() in {"", "tint_"} or text not in str(got.value)


def test_variable_with_something_else_in_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINTYPE_API_KEY", "secret")

    with pytest.raises(MalformedApiKeyError, match="TINTYPE_API_KEY is not an API key"):
        Client("http://127.0.0.1:9")


def test_no_key_is_sent_unencrypted_to_another_machine() -> None:
    with pytest.raises(InsecureAddressError, match="use https"):
        Client("http://images.example.com", api_key=KEY)


def test_redirect_carries_the_key_nowhere() -> None:
    seen: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(307)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with Client(url, api_key=KEY) as client, pytest.raises(NotTheApiError):
            list(client.images())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert seen == ["/api/images?limit=100"]


def test_expired_token_is_renewed_once_and_the_request_sent_again(stack: Service) -> None:
    stack.tokens = {"new"}
    credential = Renewing(["old", "new"])

    with Api(f"{stack.api}/api", credential) as client:
        assert client.me().owner == OWNER

    assert credential.refused == ["old"]
    assert [sent for path, sent in stack.seen if path == "/api/me"] == ["Bearer old", "Bearer new"]


def test_second_refusal_is_an_error(stack: Service) -> None:
    credential = Renewing(["old", "older", "oldest"])

    with (
        Api(f"{stack.api}/api", credential) as client,
        pytest.raises(NotSignedInError, match="sign in again"),
    ):
        client.me()

    assert credential.refused == ["old"]


def test_direct_upload_is_sent_whole_again_after_renewal(stack: Service) -> None:
    stack.tokens = {"new"}

    with Api(f"{stack.api}/api", Renewing(["old", "new"])) as client:
        image_id = Sender(api=client).send_directly(parcel_of_bytes(JPEG), NoMeter())

    assert stack.objects == {image_id: JPEG}


def test_key_gets_no_live_updates_and_is_told(stack: Service) -> None:
    with (
        Client(stack.api, api_key=KEY) as client,
        pytest.raises(NoLiveUpdatesError, match="API keys get no live updates"),
    ):
        client.follow()


def test_open_stack_is_followed_also_with_a_key(stack: Service) -> None:
    stack.tokens = set()

    with Client(stack.api, api_key=KEY) as client, client.follow():
        assert stack.subscriptions == [{}]


@pytest.mark.parametrize(("admin", "variables"), [(False, {"owner": OWNER}), (True, {})])
def test_caller_subscribes_to_its_own_images_and_an_admin_to_all(
    stack: Service, *, admin: bool, variables: dict[str, str]
) -> None:
    stack.tokens, stack.admin = {"token"}, admin
    with Api(f"{stack.api}/api", Renewing(["token"])) as client:
        address = live_address(
            client, realtime_url=stack.realtime, graphql_url=stack.graphql, public_key=""
        )

    assert heard(stack, address) == [Opened()]
    assert stack.subscriptions == [variables]


def test_socket_whose_token_has_expired_is_reopened_with_a_new_one(stack: Service) -> None:
    stack.tokens = {"new"}
    credential = Renewing(["old", "new"])
    address = Address(stack.realtime, stack.graphql, credential=credential, owner=OWNER)

    lost, opened = heard(stack, address)

    assert isinstance(lost, Lost)
    assert not lost.final
    assert opened == Opened()
    assert credential.refused == ["old"]


def test_token_that_stays_refused_ends_the_subscription(stack: Service) -> None:
    credential = Renewing(["old", "older", "oldest"])

    events = heard(stack, Address(stack.realtime, stack.graphql, credential=credential))

    assert [one.final for one in events if isinstance(one, Lost)] == [False, True]
    assert credential.refused == ["old"]


def test_no_token_goes_through_an_unencrypted_socket_to_another_machine(stack: Service) -> None:
    address = Address(
        "ws://live.example.com", "https://live.example.com", credential=Renewing(["a"])
    )

    (lost,) = heard(stack, address)

    assert lost == Lost("ws://live.example.com is not encrypted", final=True)


def heard(stack: Service, address: Address) -> list[SubscriptionEvent]:
    """Return the events of a subscription until it is open or lost for good."""
    events: list[SubscriptionEvent] = []
    done = threading.Event()

    def hear(event: SubscriptionEvent) -> None:
        assert not isinstance(event, Changed)
        events.append(event)
        if isinstance(event, Opened) or event.final:
            done.set()

    listening = Subscription(address, hear)
    listening.start()
    assert done.wait(10), stack.requests
    time.sleep(0.05)
    listening.close()
    return events
