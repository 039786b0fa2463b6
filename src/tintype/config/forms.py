"""Patterns for texts that must have a certain form."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern for the whole text, also used by CloudFormation, and its description."""

    pattern: str
    what: str

    def fits(self, text: str) -> bool:
        """Whether all of *text* has the form.

        >>> Form("Z[0-9]+", "an ID").fits("Z12 ")
        False
        """
        return re.fullmatch(self.pattern, text) is not None
