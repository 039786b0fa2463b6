"""`tintype whoami`: show who a stack takes the caller for."""

from __future__ import annotations

from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.login.credential import LoginCredential
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import open_screen
from tintype.cli.output.identity import identity_document, identity_line
from tintype.cli.output.json import print_document
from tintype.cli.stack import find
from tintype.client.credentials import BearerCredential

NOTHING = "nothing"


def whoami(
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Show who a stack takes you for, and what you may do there.

    The commands use TINTYPE_API_KEY if it is set, else the sign-in of `tintype login`.

    Examples:
      tintype whoami
      tintype whoami --json | jq -r .owner
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json), deployed.api() as api:
        me = api.me()
        via, name = _how(api.credential)
    if json:
        print_document(identity_document(me, via=via, name=name))
    else:
        shown = name if via == "login" else via
        screen.out.print(identity_line(deployed.title, me, "" if via == NOTHING else shown))


def _how(credential: BearerCredential | None) -> tuple[str, str]:
    """Return what was sent, and a signed-in person's name."""
    if credential is None:
        return NOTHING, ""
    if not isinstance(credential, LoginCredential):
        return "TINTYPE_API_KEY", ""
    stored = credential.file.read()
    return "login", stored[1].name if stored else ""
