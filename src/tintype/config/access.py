"""`[access]` of `tintype.toml`: who can use a deployment, and where they sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tintype.access import AccessMode, Scope, Visibility
from tintype.config.forms import Form, misfits
from tintype.constraints import Doc, Length

_WORD = r"[!-~]+"
FORMS = {
    # Exactly as the tokens have it: Auth0's ends with a slash, Keycloak's does not.
    "issuer": Form(
        r"https://[^\s?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?",
        'an issuer like "https://login.example.com/realms/main"',
    ),
    # AppSync takes it for a regular expression: none of its characters but the dot, which is escaped.
    "audience": Form(r"[A-Za-z0-9_.:/@%&=#~!-]+", "an audience: letters, digits and _.:/@%&=#~!-"),
    "client_id": Form(_WORD, "a client's ID: printable ASCII without spaces"),
    "scope": Form(rf"{_WORD}( {_WORD})*", "scopes separated by a space"),
    "groups_claim": Form(_WORD, "the name of a claim: printable ASCII without spaces"),
    # What Cognito allows, without what separates groups in a claim.
    "admin_group": Form(r"[A-Za-z0-9_.:/@+-]+", "a group: letters, digits and _.:/@+-"),
}
NEEDED_BY_OIDC = ("issuer", "audience", "client_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who can use a deployment; *issuer* and the like belong to one mode each."""

    mode: Annotated[AccessMode, Doc("who can use the service")] = AccessMode.COGNITO
    anyone: Annotated[tuple[Scope, ...], Length(0, 4), Doc("in mode open, what anyone can do")] = (
        Scope.READ,
        Scope.UPLOAD,
    )
    sign_up: Annotated[bool, Doc("in mode cognito, visitors can create an account")] = False
    admin_group: Annotated[
        str, Length(1, 128), Doc("group whose members can see and change everyone's images")
    ] = "admin"
    visibility: Annotated[
        Visibility, Doc("who can get an image's renditions, if its upload does not say")
    ] = Visibility.PUBLIC
    issuer: Annotated[str | None, Length(10, 512), Doc("for mode oidc: issuer of the tokens")] = (
        None
    )
    audience: Annotated[
        str | None, Length(1, 512), Doc("for mode oidc: audience of the access tokens")
    ] = None
    client_id: Annotated[
        str | None,
        Length(1, 256),
        Doc("for mode oidc: ID of the public client of the page and the command line"),
    ] = None
    scope: Annotated[
        str, Length(1, 512), Doc("for mode oidc: OAuth scopes requested at sign-in")
    ] = "openid email"
    groups_claim: Annotated[
        str, Length(1, 256), Doc("for mode oidc: claim of the access token with the groups")
    ] = "groups"


DEFAULT_ACCESS = Access()


def contradictions(access: Access) -> list[str]:
    """Return contradictions between valid settings, each as a sentence `setting: reason`.

    >>> contradictions(Access(mode=AccessMode.OIDC, audience="images", client_id="page"))
    ['issuer: mode "oidc" needs it']
    """
    return [*misfits(access, FORMS), *_gaps(access), *_nobody(access)]


def _nobody(access: Access) -> list[str]:
    if (access.mode, access.visibility) != (AccessMode.OPEN, Visibility.PRIVATE):
        return []
    return ['visibility: "private" needs sign-in, and mode "open" has none']


def _gaps(access: Access) -> list[str]:
    if access.mode is not AccessMode.OIDC:
        return []
    return [
        f'{setting}: mode "oidc" needs it'
        for setting in NEEDED_BY_OIDC
        if getattr(access, setting) is None
    ]
