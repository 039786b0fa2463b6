"""Patterns for texts that must have a certain form."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def misfits(settings: object, forms: Mapping[str, Form]) -> list[str]:
    """Return the texts among *settings* that lack their form, each as a sentence `setting: reason`."""
    return [
        f'{setting}: "{value}" is not {form.what}'
        for setting, form in forms.items()
        if isinstance(value := getattr(settings, setting), str) and not form.fits(value)
    ]
