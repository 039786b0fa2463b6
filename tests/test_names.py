"""What is named in backticks, on pages, in docstrings and in comments, is there.

`tests/names.py` says what is looked up, and what is not. Left out are decisions and the changelog,
which speak of their time; pages about others; blocks of code; parts that are made from the code; and words of links,
whose targets other tests look up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import prose
from tests.names import ROOT, docstrings, files, lost

INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
OF_THEIR_TIME = {"CHANGELOG.md", "decisions"}
ABOUT_OTHERS = {"replace-cloudinary-or-imgix.md"}  # whose parameters it names
NOT = "detnalp"[::-1]  # which stands nowhere, so that names made of it do not
NOT_OURS = {
    "REPORT",  # how a line of Lambda's own begins in a log
    "Vary",  # a header of HTTP, which nothing here sends
    "offline_access",  # a scope of OpenID Connect's
    "requestedAccessTokenVersion",  # in the manifest of an application at Microsoft
    "deviceSizes",  # a setting of Next.js's
    "imageSizes",  # another
    "transpilePackages",  # another
    "Markup",  # MarkupSafe's
    "grant_read",  # CDK's, which nothing here calls
    "token.actions.githubusercontent.com",  # who vouches for a run on GitHub
}


def pages() -> list[Path]:
    return [
        path
        for path in files()
        if path.suffix == ".md"
        and not (OF_THEIR_TIME | ABOUT_OTHERS) & set(path.relative_to(ROOT).parts)
    ]


def modules() -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and (ROOT / "src") in path.parents]


def named(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    for part in docstrings(text) if path.suffix == ".py" else [LINK.sub("", prose(text))]:
        yield from INLINE.findall(part)


@pytest.mark.parametrize(
    "path", [*pages(), *modules()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_what_is_named_is_there(path: Path) -> None:
    assert sorted({name for name in named(path) if lost(name)} - NOT_OURS) == []


@pytest.mark.parametrize(
    "name",
    [
        f"{NOT}_name",
        f"{NOT.title()}Name",
        f"{NOT}_name()",
        f"Preset.{NOT}_name",
        f"{NOT}_module.py",
        f"imaging/{NOT}_module.py",
        f"tests/{NOT}",
        f"docs/{NOT}.md",
        f"tintype.{NOT}_module",
        f"tintype.imaging.render.{NOT}_name",
        f"--{NOT}-option",
        f"tintype {NOT}",
        f"tintype deploy --{NOT}-option",
        f"make {NOT}",
        "journey.STEPS",
    ],
)
def test_a_planted_name_is_found(name: str) -> None:
    assert lost(name)


@pytest.mark.parametrize(
    "name",
    [
        "render_all",
        "Preset.width",
        "canary.STEPS",
        "limits.max_bytes",
        "imaging/formats.py",
        "tests/cloud",
        "tintype.imaging.errors.ImagingError",
        "tintype_infra.Tintype",
        "--dry-run",
        "tintype deploy --plan",
        "make tables",
        "image/jpeg",
        "X-Amz-Date",
    ],
)
def test_what_is_there_is_not_reported(name: str) -> None:
    assert not lost(name)
