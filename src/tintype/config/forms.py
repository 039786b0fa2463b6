"""How a text must look where any text of that length will not do."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern that the whole text matches, one that CloudFormation reads too, and its words."""

    pattern: str
    what: str

    def fits(self, text: str) -> bool:
        """Whether all of *text* has the form.

        >>> Form("Z[0-9]+", "an ID").fits("Z12 ")
        False
        """
        return re.fullmatch(self.pattern, text) is not None
