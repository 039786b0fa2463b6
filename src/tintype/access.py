"""Who may do what: the one function that decides, and the words it decides by.

Start with `may`. A caller is a signed-in person, an API key, or everyone where access is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from tintype import owners


class AccessMode(StrEnum):
    """How callers sign in: not at all, with the stack's user pool, or with another issuer."""

    OPEN = "open"
    COGNITO = "cognito"
    OIDC = "oidc"


class Visibility(StrEnum):
    """Who can get an image's renditions: anyone with an address, or only its owner and whom it gives one."""

    PUBLIC = "public"
    PRIVATE = "private"


class Scope(StrEnum):
    """What an API key, or everyone where access is open, may do with its owner's images.

    `upload`, with `read`, also covers signing addresses of any size.
    `delete` also covers rendering again and changing who can see an image, and `admin` everything, with the images of all owners.
    """

    READ = "read"
    UPLOAD = "upload"
    DELETE = "delete"
    ADMIN = "admin"


class Action(StrEnum):
    """What a request does."""

    IDENTIFY = "identify"
    READ = "read"
    READ_ORIGINAL = "read_original"
    UPLOAD = "upload"
    DELETE = "delete"
    REPROCESS = "reprocess"
    CHANGE = "change"
    SIGN_ADDRESS = "sign_address"
    PROCESS = "process"
    MANAGE_KEYS = "manage_keys"
    START_SESSION = "start_session"


class Decision(StrEnum):
    """Whether a caller may act: yes; as if the image did not exist (404); or no (403)."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    FORBIDDEN = "forbidden"


Scopes: TypeAlias = frozenset[Scope]
ALL: Scopes = frozenset(Scope)
PERSONAL: Scopes = ALL - {Scope.ADMIN}  # of a signed-in person who is no admin

# The scope that an action requires. Every caller may identify itself; keys and sessions are for people.
REQUIRED: dict[Action, Scope | None] = {
    Action.IDENTIFY: None,
    Action.READ: Scope.READ,
    Action.READ_ORIGINAL: Scope.READ,
    Action.UPLOAD: Scope.UPLOAD,
    Action.DELETE: Scope.DELETE,
    Action.REPROCESS: Scope.DELETE,
    Action.CHANGE: Scope.DELETE,
    Action.PROCESS: Scope.UPLOAD,
    Action.SIGN_ADDRESS: Scope.UPLOAD,  # whoever has the address can have the file made
    Action.MANAGE_KEYS: None,
    Action.START_SESSION: None,
}
# What only somebody who has signed in may do.
PERSONS = frozenset({Action.MANAGE_KEYS, Action.START_SESSION})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: the *owner* of everything it creates.

    *key_id* is the API key's, empty for people and where access is open.
    """

    owner: str
    admin: bool = False
    scopes: Scopes = ALL
    key_id: str = ""

    @property
    def is_person(self) -> bool:
        """Whether somebody has signed in, rather than sent a key or nothing."""
        return not self.key_id and self.owner not in {"", owners.PUBLIC}


NO_CALLER = Caller("", scopes=frozenset())  # may do nothing


def person(owner: str, *, admin: bool = False) -> Caller:
    """Return the caller of a signed-in person."""
    return Caller(owner, admin, ALL if admin else PERSONAL)


def limited(owner: str, scopes: Iterable[Scope], key_id: str = "") -> Caller:
    """Return the caller with these *scopes*, of which `admin` includes all others.

    >>> limited("alice", {Scope.ADMIN}, "k3y").admin, len(limited("alice", {Scope.ADMIN}).scopes)
    (True, 4)
    """
    given = frozenset(scopes)
    admin = Scope.ADMIN in given
    return Caller(owner, admin, ALL if admin else given, key_id)


def may(caller: Caller, action: Action, image_owner: str | None) -> Decision:
    """Decide whether *caller* may do *action* to an image of *image_owner*.

    None stands for no image in particular: a listing, an upload, a key.

    >>> alice, key = person("alice"), limited("alice", {Scope.READ}, "k3y")
    >>> [str(may(alice, Action.DELETE, owner)) for owner in ("alice", "bob", None)]
    ['allowed', 'hidden', 'allowed']
    >>> [str(may(key, Action.DELETE, owner)) for owner in ("alice", "bob", None)]
    ['forbidden', 'hidden', 'forbidden']
    >>> str(may(person("eve", admin=True), Action.DELETE, "bob"))
    'allowed'
    """
    if image_owner is not None and image_owner != caller.owner and not caller.admin:
        return Decision.HIDDEN
    if action in PERSONS:
        return Decision.ALLOWED if caller.is_person else Decision.FORBIDDEN
    required = REQUIRED[action]
    allowed = required is None or required in caller.scopes
    return Decision.ALLOWED if allowed else Decision.FORBIDDEN
