"""What is to be deployed, as far as it is known before a release is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
