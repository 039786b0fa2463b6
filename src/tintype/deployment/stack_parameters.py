"""What to deploy, as far as it is known before the release is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tintype.access import AccessMode
from tintype.outputs import CERTIFICATE_ARN
from tintype.releases import ACCESS

OPEN = AccessMode.OPEN.value


@dataclass(frozen=True, slots=True)
class StackOptions:
    """A stack's options besides template and parameters; empty or None leaves them unchanged."""

    tags: Mapping[str, str] = field(default_factory=dict)
    role: str = ""  # the ARN of the role that CloudFormation assumes
    protected: bool | None = None  # against deletion
    rotate: bool = False  # make a new key for private addresses

    def request(self) -> dict[str, Any]:
        """Return them as arguments for creating or changing a stack."""
        listed = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return {
            **({"Tags": listed} if listed else {}),
            **({"RoleARN": self.role} if self.role else {}),
        }


@dataclass(frozen=True, slots=True)
class StackParameters:
    """A stack's name, the version, and the parameter values known so far."""

    stack: str
    version: str
    values: Mapping[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()  # the template's resource types; empty: those of this version
    role: str = (
        ""  # the ARN of the role that CloudFormation assumes; empty: the caller's own permissions
    )

    def text(self, name: str) -> str:
        """Return a parameter's value, or an empty text."""
        return self.values.get(name, "")

    def number(self, name: str) -> int:
        """Return a parameter's value as a number, 0 without one."""
        text = self.text(name)
        return int(float(text)) if text else 0

    @property
    def is_open(self) -> bool:
        """Whether anyone can use the stack without signing in, as in releases without sign-in."""
        return bool(self.values) and self.values.get(ACCESS["mode"], OPEN) == OPEN

    @property
    def domain(self) -> str:
        """The custom domain, if there is one."""
        return self.text("DomainName")

    @property
    def needs_certificate(self) -> bool:
        """Whether to create a certificate for the domain."""
        return bool(self.domain) and not self.text(CERTIFICATE_ARN)
