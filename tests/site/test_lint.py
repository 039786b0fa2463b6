"""The page's linter finds what is planted for it: what bars people, and a switch that forgets a status."""

from __future__ import annotations

from typing import Final

import pytest

from tests.docs.markdown import ROOT
from tintype.site.building import SiteBuildError, run_script

# Typed rules know only files of the project, so what is planted takes the place of one.
PLACE: Final = "src/app/shell/not-found.ts"
PLANTED: Final = """
import { Component } from '@angular/core';
import type { Status } from '../backend/models';
@Component({
  selector: 'tt-planted',
  template: `<img src="a.png" /><label>Name</label><h2></h2>`,
})
export class Planted {}
export function word(status: Status): string {
  switch (status) {
    case 'READY':
      return 'ready';
    default:
      return 'not ready';
  }
}
"""
MENDED: Final = (
    ("<img ", "<img alt='' "),
    ("<label>Name</label>", "<label>Name <input /></label>"),
    ("<h2></h2>", "<h2>Title</h2>"),
    ("default:", "case 'AWAITING_UPLOAD': case 'PROCESSING': case 'FAILED': case 'DELETED':"),
)
RULES: Final = (
    "@angular-eslint/template/alt-text",
    "@angular-eslint/template/label-has-associated-control",
    "@angular-eslint/template/elements-content",
    "@typescript-eslint/switch-exhaustiveness-check",
)


def test_what_is_planted_is_found() -> None:
    with pytest.raises(SiteBuildError) as found:
        lint(PLANTED)

    assert [rule for rule in RULES if rule not in str(found.value)] == []


def test_what_is_mended_is_not() -> None:
    text = PLANTED
    for planted, mended in MENDED:
        text = text.replace(planted, mended)

    assert lint(text) == ""


def lint(text: str) -> str:
    """Lint *text* in the place of a file of the page."""
    return run_script(ROOT, "lint", "--stdin", "--stdin-filename", PLACE, given=text)
