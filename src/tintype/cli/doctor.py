"""`tintype doctor`: does a running stack do all that it should, and if not, which part is to blame?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from tintype.cli.diagnosis import examination_document, say_examination, say_left, say_leg
from tintype.cli.documents import printed
from tintype.cli.errors import NotTheApiError, StackIncompleteError
from tintype.cli.options import FAILED, INTERRUPTED, Json
from tintype.cli.remote import (
    Endpoint,
    Profile,
    Region,
    StackName,
    finding_errors,
    remarks,
)
from tintype.cli.screen import open_screen
from tintype.cli.stacks import DEFAULT_NAME, LOCAL_NAME, Stack, find
from tintype.cli.watching import Address, Changed, Heard, Lost, Opened, Subscription

if TYPE_CHECKING:
    from tintype.doctor.case import Case


def doctor(
    *,
    upload: Annotated[
        bool,
        typer.Option(
            "--upload/--no-upload",
            help="Send a small picture through and delete it again, or only look.",
        ),
    ] = True,
    alarm: Annotated[
        bool,
        typer.Option(
            "--alarm", help="Ring one alarm for some seconds, and see whether it is sent."
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", min=1, help="Seconds to wait at a station for which nothing is known."
        ),
    ] = 60.0,
    everything: Annotated[
        bool, typer.Option("--all", help="List also what is well inside.")
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Find out whether a stack works, and if not, which part is to blame.

    Sends a small picture through the public doors, looks inside as far as the
    credentials allow, names the one culprit and says what to do.
    The exit code is 0 if all is well, 1 if something fails.

    Examples:
      tintype doctor
      tintype doctor --stack tintype --region eu-central-1
      tintype doctor --no-upload --json
      tintype doctor --alarm --stack tintype
    """
    from tintype.doctor.examination import (  # noqa: PLC0415 - loads httpx
        InformedPatience,
        StoppedError,
        addresses_of,
        examine,
    )

    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        place = find(stack, profile=profile, region=region, endpoint=endpoint, say=remarks(screen))
        outputs = _outputs(place)
        case = _case(place)
        if alarm and case is None:
            message = f"{place.title} is an address alone; --alarm needs the stack"
            raise StackIncompleteError(message)
    if not json:
        screen.out.print(f"{place.title}\n", style="bold")
    ear = SubscriptionEar(outputs)
    try:
        found = examine(
            addresses_of(outputs),
            case,
            ear,
            upload=upload,
            alarm=alarm,
            patience=InformedPatience(timeout),
            tell=lambda leg: None if json else say_leg(leg, screen),
        )
    except StoppedError as stop:
        screen.err.print("Stopped.", style="bold yellow")
        say_left(stop.left, outputs["ApiUrl"], screen)
        raise typer.Exit(INTERRUPTED) from None
    except KeyboardInterrupt:
        screen.err.print("Stopped.", style="bold yellow")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        ear.close()
    if json:
        typer.echo(printed(examination_document(found, place.title)))
    else:
        say_examination(found, screen, everything=everything)
        say_left(found.left, outputs["ApiUrl"], screen)
    if not found.verdict.healthy:
        raise typer.Exit(FAILED)


class SubscriptionEar:
    """Hears the changes of all images, and remembers when it heard which."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._heard: dict[str, dict[str, float]] = {}
        self._answered = Event()
        self._reason: str | None = None
        address = Address(
            outputs["GraphqlRealtimeUrl"], outputs["GraphqlUrl"], outputs["GraphqlApiKey"]
        )
        self._subscription = Subscription(address, self._hear)
        self._begun = False

    def open(self, seconds: float) -> str | None:
        """Begin to listen; return why that cannot be, None if it can."""
        self._begun = True
        self._subscription.start()
        if not self._answered.wait(seconds):
            return f"no answer in {seconds:.0f} s"
        return self._reason

    def heard(self, image_id: str) -> Mapping[str, float]:
        """Return which statuses of an image were heard, and when."""
        return dict(self._heard.get(image_id, {}))

    def close(self) -> None:
        """Hear nothing more."""
        if self._begun:
            self._subscription.close()

    def _hear(self, event: Heard) -> None:
        if isinstance(event, Changed):
            statuses = self._heard.setdefault(event.image_id, {})
            statuses.setdefault(event.status, time.perf_counter())
        elif isinstance(event, Lost):
            self._reason = event.reason
            self._answered.set()
        elif isinstance(event, Opened):
            self._reason = None
            self._answered.set()


def _outputs(place: Stack) -> Mapping[str, str]:
    """Return the stack's outputs, or what its page tells where only the API's address is known.

    Raises:
        StackIncompleteError: an output is missing.
        NotTheApiError: there is no page beside the API.
    """
    from tintype.doctor.case import DOORS, PARTS  # noqa: PLC0415 - only here
    from tintype.doctor.examination import outputs_of_page  # noqa: PLC0415 - loads httpx
    from tintype.doctor.web import BrokenError  # noqa: PLC0415 - likewise

    if place.account is None:
        try:
            return outputs_of_page(place.output("ApiUrl"))
        except BrokenError as error:
            message = f"the page beside the API does not tell of its stack: {error}"
            raise NotTheApiError(message) from error
    for name in (*DOORS, *PARTS):
        place.output(name)
    return place.outputs


def _case(place: Stack) -> Case | None:
    """Return what can be looked at inside, None where there are no credentials."""
    if place.account is None:
        return None
    from tintype.doctor.account import Inside  # noqa: PLC0415 - loads AWS's SDK
    from tintype.doctor.case import Case  # noqa: PLC0415 - only here

    return Case(
        stack=DEFAULT_NAME if place.name == LOCAL_NAME else place.name,
        outputs=place.outputs,
        region=place.account.region,
        inside=Inside(place.account),
        endpoint=place.account.endpoint,
    )
