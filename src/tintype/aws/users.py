"""The people of a stack that brings its own issuer: users of its Cognito pool. Start with `CognitoPool`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tintype.aws.errors import NotFoundError, PreconditionFailedError

if TYPE_CHECKING:
    from tintype.aws.sdk import Clients

_SERVICE = "cognito-idp"
_NEVER_SIGNED_IN = "FORCE_CHANGE_PASSWORD"


@dataclass(frozen=True, slots=True)
class Person:
    """A user. *subject* is the `sub` of the tokens; *status* is Cognito's word."""

    email: str
    subject: str
    status: str
    enabled: bool
    created_at: datetime
    admin: bool = False

    @property
    def has_signed_in(self) -> bool:
        """Whether the person has chosen a password."""
        return self.status != _NEVER_SIGNED_IN


@dataclass(frozen=True, slots=True)
class CognitoPool:
    """The user pool with this *id*, whose admins are in *admin_group*."""

    aws: Clients
    id: str
    admin_group: str

    def people(self) -> Iterator[Person]:
        """Yield all users, in no particular order.

        Raises:
            ServiceError: the pool cannot be read.
        """
        admins = set(self._admins())
        for page in self.aws.pages(_SERVICE, "list_users", UserPoolId=self.id):
            for user in page["Users"]:
                yield _person(user["Attributes"], user, admins)

    def person(self, email: str) -> Person:
        """Return the user with an e-mail address.

        Raises:
            NotFoundError: there is none.
            ServiceError: the pool cannot be read.
        """
        user = self._ask("admin_get_user", Username=email)
        return _person(user["UserAttributes"], user, set(self._admins()))

    def with_subject(self, subject: str) -> tuple[Person, Mapping[str, str]] | None:
        """Return the user whose tokens have this `sub`, with all attributes, or None.

        Raises:
            ServiceError: the pool cannot be read.
        """
        quoted = subject.replace("\\", "\\\\").replace('"', '\\"')
        users = self._ask("list_users", Filter=f'sub = "{quoted}"', Limit=1)["Users"]
        if not users:
            return None
        attributes = users[0]["Attributes"]
        return _person(attributes, users[0], set(self._admins())), _attributes(attributes)

    def add(self, email: str, *, password: str | None = None) -> bool:
        """Create a user, and return whether there was none with this e-mail address.

        Cognito mails a temporary password, unless one is given.

        Raises:
            ServiceError: the pool cannot be written.
        """
        attributes = {"email": email, "email_verified": "true"}
        try:
            self._ask(
                "admin_create_user",
                Username=email,
                UserAttributes=[{"Name": name, "Value": it} for name, it in attributes.items()],
                **_delivery(password),
            )
        except PreconditionFailedError:
            return False
        return True

    def set_admin(self, email: str, *, admin: bool) -> None:
        """Put a user into the admins' group, or take it out.

        Raises:
            ServiceError: the pool cannot be written.
        """
        operation = "admin_add_user_to_group" if admin else "admin_remove_user_from_group"
        self._ask(operation, Username=email, GroupName=self.admin_group)

    def remove(self, email: str) -> None:
        """Delete a user.

        Raises:
            NotFoundError: there is none.
            ServiceError: the pool cannot be written.
        """
        self._ask("admin_delete_user", Username=email)

    def reset(self, person: Person, *, password: str | None = None) -> None:
        """Make a user choose a new password, and end all sign-ins; issued tokens live up to an hour.

        Cognito mails a code, or a new temporary password to those who never signed in, unless a
        temporary *password* is given.

        Raises:
            ServiceError: the pool cannot be written.
        """
        email = person.email
        if password:
            self._ask("admin_set_user_password", Username=email, Password=password, Permanent=False)
        elif person.has_signed_in:
            self._ask("admin_reset_user_password", Username=email)
        else:
            self._ask(
                "admin_create_user", Username=email, MessageAction="RESEND", **_delivery(None)
            )
        self._ask("admin_user_global_sign_out", Username=email)

    def remove_second_factor(self, email: str) -> None:
        """Let a user sign in with the password alone, as after the loss of a phone.

        Raises:
            ServiceError: the pool cannot be written.
        """
        none = {"Enabled": False, "PreferredMfa": False}
        self._ask("admin_set_user_mfa_preference", Username=email, SoftwareTokenMfaSettings=none)

    def _admins(self) -> Iterator[str]:
        """Yield the admins' subjects."""
        group = {"UserPoolId": self.id, "GroupName": self.admin_group}
        with suppress(NotFoundError):  # somebody deleted the group
            for page in self.aws.pages(_SERVICE, "list_users_in_group", **group):
                for user in page["Users"]:
                    yield _attributes(user["Attributes"]).get("sub", "")

    def _ask(self, operation: str, **parameters: object) -> Mapping[str, Any]:
        return self.aws.ask(_SERVICE, operation, UserPoolId=self.id, **parameters)


def temporary_password() -> str:
    """Return a password that every pool's policy accepts, for one sign-in."""
    return f"{secrets.token_urlsafe(15)}-aA1"


def _delivery(password: str | None) -> dict[str, object]:
    if password is None:
        return {"DesiredDeliveryMediums": ["EMAIL"]}
    return {"MessageAction": "SUPPRESS", "TemporaryPassword": password}


def _person(
    attributes: list[Mapping[str, str]], user: Mapping[str, Any], admins: set[str]
) -> Person:
    known = _attributes(attributes)
    subject = known.get("sub", "")
    return Person(
        email=known.get("email", user["Username"]),
        subject=subject,
        status=user["UserStatus"],
        enabled=user["Enabled"],
        created_at=user["UserCreateDate"],
        admin=subject in admins,
    )


def _attributes(listed: list[Mapping[str, str]]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in listed}
