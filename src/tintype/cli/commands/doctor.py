"""`tintype doctor`: check whether a running stack works and, if not, find the cause."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from tintype.access import AccessMode
from tintype.aws.errors import ServiceError
from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.errors import StackIncompleteError
from tintype.cli.login.credential import credential_for
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.diagnosis import (
    examination_document,
    print_examination,
    print_left,
    print_step,
)
from tintype.cli.output.json import print_document
from tintype.cli.stack import DEFAULT_NAME, LOCAL_NAME, Stack, find
from tintype.client.credentials import BearerCredential
from tintype.client.errors import ClientError, NotTheApiError
from tintype.client.subscription import (
    Address,
    Changed,
    Lost,
    Opened,
    Subscription,
    SubscriptionEvent,
)
from tintype.outputs import Output
from tintype.owners import PUBLIC

if TYPE_CHECKING:
    from tintype.doctor.stack import StackUnderTest


def doctor(
    *,
    upload: Annotated[
        bool,
        typer.Option(
            "--upload/--no-upload",
            help="Process a small test image and delete it, or only inspect the stack.",
        ),
    ] = True,
    alarm: Annotated[
        bool,
        typer.Option(
            "--alarm", help="Trigger one alarm for a few seconds and check that it is sent."
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout",
            min=1,
            help="Timeout in seconds for a step whose delay no finding explains.",
        ),
    ] = 60.0,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list internal checks that passed.")
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Check whether a stack works and, if not, find the cause.

    Processes a small test image through the public API, inspects the stack as far
    as the credentials allow, names the root cause and says how to fix it. Where people
    sign in, it uses your sign-in or TINTYPE_API_KEY, else an API key that it makes with
    the AWS credentials, and removes. A key gets no live updates; their steps are skipped.
    Exit codes: 0 no problems found, 1 something fails.

    Examples:
      tintype doctor
      tintype doctor --stack tintype --region eu-central-1
      tintype doctor --no-upload --json
      tintype doctor --alarm --stack tintype
    """
    from tintype.doctor.run import (  # noqa: PLC0415 - loads httpx
        ExaminationStoppedError,
        InformedTimeouts,
        addresses_of,
        examine,
    )

    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
        outputs = _outputs(deployed)
        target = _target(deployed)
        if alarm and target is None:
            message = "--endpoint is not enough for --alarm; pass --stack"
            raise StackIncompleteError(message)
    if not json:
        screen.out.print(f"{deployed.title}\n", style="bold")
    open_things = ExitStack()
    try:
        with reported_errors(screen, json=json, code=USAGE):
            credential = open_things.enter_context(_caller(deployed, outputs, screen))
            addresses = addresses_of(outputs, credential)
        listener = SubscriptionListener(outputs, credential)
        open_things.callback(listener.close)
        found = examine(
            addresses,
            target,
            listener,
            upload=upload,
            alarm=alarm,
            timeouts=InformedTimeouts(timeout),
            report=lambda result: None if json else print_step(result, screen),
        )
    except ExaminationStoppedError as stop:
        screen.err.print("Stopped.", style="bold yellow")
        print_left(stop.left, outputs[Output.API_URL], screen)
        raise typer.Exit(INTERRUPTED) from None
    except KeyboardInterrupt:
        screen.err.print("Stopped.", style="bold yellow")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        open_things.close()
    if json:
        print_document(examination_document(found, deployed.title))
    else:
        print_examination(found, screen, everything=everything)
        print_left(found.left, outputs[Output.API_URL], screen)
    if not found.diagnosis.healthy:
        raise typer.Exit(FAILED)


class SubscriptionListener:
    """Listens for the changes of all of the caller's images, and records when each arrived."""

    def __init__(self, outputs: Mapping[str, str], credential: BearerCredential | None) -> None:
        self._outputs = outputs
        self._credential = credential
        self._heard: dict[str, dict[str, float]] = {}
        self._answered = Event()
        self._reason: str | None = None
        self._subscription: Subscription | None = None

    def open(self, seconds: float) -> str | None:
        """Start listening; return why that failed, or None."""
        try:
            self._subscription = Subscription(self._address(), self._hear)
        except ClientError as error:
            return str(error)
        self._subscription.start()
        if not self._answered.wait(seconds):
            return f"no answer in {seconds:.0f} s"
        return self._reason

    def announced(self, image_id: str) -> Mapping[str, float]:
        """Return the received statuses of an image, and when they arrived."""
        return dict(self._heard.get(image_id, {}))

    def close(self) -> None:
        """Stop listening."""
        if self._subscription:
            self._subscription.close()

    def _address(self) -> Address:
        from tintype.client.api import Api  # noqa: PLC0415 - httpx takes 0.2 s to load
        from tintype.client.live import live_address  # noqa: PLC0415 - loads httpx

        with Api(self._outputs[Output.API_URL], self._credential) as api:
            return live_address(
                api,
                realtime_url=self._outputs[Output.GRAPHQL_REALTIME_URL],
                graphql_url=self._outputs[Output.GRAPHQL_URL],
                public_key=self._outputs.get(Output.GRAPHQL_API_KEY, ""),
            )

    def _hear(self, event: SubscriptionEvent) -> None:
        if isinstance(event, Changed):
            statuses = self._heard.setdefault(event.image_id, {})
            statuses.setdefault(event.status, time.perf_counter())
        elif isinstance(event, Lost):
            self._reason = event.reason
            self._answered.set()
        elif isinstance(event, Opened):
            self._reason = None
            self._answered.set()


@contextmanager
def _caller(
    deployed: Stack, outputs: Mapping[str, str], screen: Screen
) -> Iterator[BearerCredential | None]:
    """Choose what proves to the stack who calls, if it asks: the user's own, else a key made for this.

    With neither, the steps that need a caller are skipped.

    Raises:
        MalformedApiKeyError: `TINTYPE_API_KEY` is not an API key.
    """
    from tintype.doctor.run import is_closed  # noqa: PLC0415 - loads httpx

    own = credential_for(outputs[Output.API_URL]) if is_closed(outputs) else None
    table = outputs.get(Output.ACCESS_TABLE)
    if own or not is_closed(outputs) or deployed.account is None or not table:
        yield own
        return
    from tintype.aws.access_table import AccessTable  # noqa: PLC0415 - only here
    from tintype.doctor.key import OWNER, short_lived_key  # noqa: PLC0415 - only here

    is_open = outputs.get(Output.ACCESS_MODE) == AccessMode.OPEN
    with ExitStack() as made:
        try:
            key = short_lived_key(
                AccessTable(deployed.account, table), PUBLIC if is_open else OWNER
            )
            credential: BearerCredential | None = made.enter_context(key)
        except ServiceError as error:
            screen.remark(f"Cannot make an API key for the test image ({error}).")
            credential = None
        yield credential


def _outputs(deployed: Stack) -> Mapping[str, str]:
    """Return the stack's outputs, or its page's configuration if only the API's address is known.

    Raises:
        StackIncompleteError: an output is missing.
        NotTheApiError: there is no page next to the API.
    """
    from tintype.doctor.run import outputs_of_page  # noqa: PLC0415 - loads httpx
    from tintype.doctor.stack import NEEDED  # noqa: PLC0415 - only here

    if deployed.account is None:
        try:
            with deployed.api() as api:
                return outputs_of_page(api)
        except ClientError as error:
            message = f"cannot read the stack's addresses from the page next to the API: {error}"
            raise NotTheApiError(message) from error
    for output in NEEDED:
        deployed.output(output)
    return deployed.outputs


def _target(deployed: Stack) -> StackUnderTest | None:
    """Return the stack for internal checks, or None without credentials."""
    if deployed.account is None:
        return None
    from tintype.aws.sdk import clients_of  # noqa: PLC0415 - loads AWS's SDK
    from tintype.doctor.stack import StackUnderTest  # noqa: PLC0415 - only here

    return StackUnderTest(
        stack=DEFAULT_NAME if deployed.name == LOCAL_NAME else deployed.name,
        outputs=deployed.outputs,
        region=deployed.account.region,
        aws=clients_of(deployed.account),
        endpoint=deployed.account.endpoint,
    )
