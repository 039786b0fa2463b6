"""The source of the page's generated files: the HTTP API, and the formats for browsers."""

from __future__ import annotations

import json

from tintype.config import load, shipped
from tintype.functions.bundle import presets_revision
from tintype.functions.openapi import openapi
from tintype.imaging.format_facts import Browsers
from tintype.imaging.formats import GENERIC_BRANDS, SNIFFED_BYTES, SVG_START, Format, accepted
from tintype.imaging.refused_formats import MARKUP, REFUSED

_BEST_FIRST = (Browsers.NEW, Browsers.MOST, Browsers.ALL, Browsers.NONE)


def contract() -> str:
    """Return both as JSON, as `http` and `formats`."""
    return json.dumps({"http": http_api(), "formats": _formats()})


def http_api(*, is_open: bool = False) -> dict[str, object]:
    """Return the OpenAPI document of the shipped settings, with or without open access."""
    settings = load(shipped())
    return openapi(
        server="/api",
        presets_revision=presets_revision(settings),
        max_bytes=settings.limits.max_bytes,
        is_open=is_open,
    )


def _formats() -> dict[str, object]:
    """Return the constants of `formats.generated.ts`; bytes are characters up to U+00FF."""
    return {
        "FORMATS": [
            _row(format_) for format_ in sorted(Format, key=_rank) if not format_.facts.optional
        ],
        "MAGIC": [
            [offset, magic.decode("latin-1"), format_.content_type]
            for format_ in Format
            for offset, magic in format_.facts.magic
        ],
        "BRANDS": [
            [brand.decode("latin-1"), format_.content_type]
            for format_ in Format
            for brand in format_.facts.brands
        ],
        "GENERIC_BRANDS": sorted(brand.decode("latin-1") for brand in GENERIC_BRANDS),
        "REFUSED": [[offset, magic.decode("latin-1"), name] for offset, magic, name in REFUSED],
        "MARKUP": [tag.decode("latin-1") for tag in MARKUP],
        "SVG_START": SVG_START.pattern.decode(),
        "SNIFFED_BYTES": SNIFFED_BYTES,
        "ACCEPTED": accepted(),
    }


def _row(format_: Format) -> dict[str, object]:
    facts = format_.facts
    return {
        "name": format_.value,
        "title": facts.title,
        "contentType": format_.content_type,
        "extensions": facts.extensions,
        "animation": facts.animation,
        "browsers": facts.browsers.value,
    }


def _rank(format_: Format) -> tuple[int, bool, bool]:
    """Order the formats for a page, best first: new ones first, widely supported ones last.

    Among equally supported ones, animated formats come first, then those with a quality setting.
    """
    facts = format_.facts
    return _BEST_FIRST.index(facts.browsers), not facts.animation, facts.quality is None
