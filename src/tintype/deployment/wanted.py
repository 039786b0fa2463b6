"""What is to be deployed, as far as it is known before a release is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What a stack has besides template and parameters; what is empty or None stays as it is."""

    tags: Mapping[str, str] = field(default_factory=dict)
    role: str = ""  # the ARN of the role that CloudFormation takes on
    protected: bool | None = None  # against deletion

    def request(self) -> dict[str, Any]:
        """Return what CloudFormation is told of it when a stack is created or changed."""
        listed = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return {
            **({"Tags": listed} if listed else {}),
            **({"RoleARN": self.role} if self.role else {}),
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stack's name, the version, and the value of every parameter that is known by now."""

    stack: str
    version: str
    values: Mapping[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()  # of the template's resources; none: those of this version
    role: str = (
        ""  # the ARN of the role that CloudFormation takes on; none: the caller's own rights
    )

    def text(self, name: str) -> str:
        """Return a parameter's value, or nothing."""
        return self.values.get(name, "")

    def number(self, name: str) -> int:
        """Return a parameter's value as a number, 0 if it has none."""
        text = self.text(name)
        return int(float(text)) if text else 0

    @property
    def domain(self) -> str:
        """The name of one's own, if there is one."""
        return self.text("DomainName")

    @property
    def needs_certificate(self) -> bool:
        """Whether a certificate is to be made for the domain."""
        return bool(self.domain) and not self.text("CertificateArn")
