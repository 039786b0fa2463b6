"""Parts of the report: the table of bars, and a page in which single parts are measured again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import fill

from benchmarks.bench import Bar, Section, table

WIDTH = 100
READING_TITLE = "How to read the tables"  # what follows the sections


def bars_table(bars: Iterable[Bar]) -> str:
    """Return the claims, what was measured for each, and whether it holds."""
    heads = ("bar", "measured", "at most", "")
    return table(heads, [_bar_row(bar) for bar in bars])


def _bar_row(bar: Bar) -> tuple[str, ...]:
    holds = "yes" if bar.holds else "**no**"
    return bar.claim, _figure(bar, bar.measured), _figure(bar, bar.limit), holds


def update(sections: Iterable[Section], docs: Path) -> None:
    """Put *sections* in the places of those with their titles in `benchmarks.md`, with their bars."""
    page = docs / "benchmarks.md"
    text = page.read_text()
    for section in sections:
        text = with_section(text, section)
    page.write_text(text)


def with_section(page: str, section: Section) -> str:
    """Return *page* with a section instead of the one of its title, else before the explanations."""
    parts = page.split("\n## ")
    written = wrapped(f"{section.title}\n\n{section.body}\n")
    known = [part.partition("\n")[0] for part in parts]
    if section.title in known:
        parts[known.index(section.title)] = written
    else:
        parts.insert(known.index(READING_TITLE), written)
    at = known.index("Bars")
    parts[at] = _with_bars(parts[at], section.bars)
    return "\n## ".join(parts)


def _with_bars(page_part: str, bars: Iterable[Bar]) -> str:
    """Return the part of the page that is the table of bars with those of the same claim replaced."""
    lines = [line for line in page_part.splitlines() if line.startswith("|")]
    heads, _, *rows = [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in lines]
    known = {row[0]: row for row in rows} | {bar.claim: _bar_row(bar) for bar in bars}
    return f"Bars\n\n{table(heads, list(known.values()))}\n"


def wrapped(text: str) -> str:
    r"""Return a page with its paragraphs and list items wrapped, but not its tables and pictures.

    >>> wrapped("- one\n  two\n- three\n\n| a\n| b")
    '- one two\n- three\n\n| a\n| b\n'
    """
    joined: list[str] = []
    for line in text.splitlines():
        if joined and _is_prose(joined[-1]) and _is_prose(line) and not line.startswith("- "):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    return "".join(f"{_broken(line) if _is_prose(line) else line}\n" for line in joined)


def _is_prose(line: str) -> bool:
    return bool(line) and not line.startswith(("|", "!", "#"))


def _broken(line: str) -> str:
    indent = "  " if line.startswith(("- ", "  ")) else ""
    return fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _figure(bar: Bar, value: float) -> str:
    digits = 3 if bar.unit == "×" else 1
    return f"{value:,.{digits}f} {bar.unit}"
