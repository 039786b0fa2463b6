"""What the engine knows about a format: `FormatFacts`, of which `formats.py` has a row for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Browsers(StrEnum):
    """Browser support of a format."""

    ALL = "all"
    MOST = "most"  # all but old browsers
    NEW = "new"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a photograph in a format at its default effort and quality.

    *milliseconds* of CPU time per megapixel; a file of n pixels has *factor* × n ** *exponent*
    bytes. Measured by `python -m benchmarks.cost` with three camera JPEGs of 12, 16 and 22
    megapixels, x86_64, 2026-11-21.
    """

    milliseconds: float
    factor: float
    exponent: float

    def bytes_of(self, pixels: float) -> float:
        """Return the estimated size of a file with this many pixels."""
        return float(self.factor * pixels**self.exponent)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatFacts:
    """A format's names, how it is recognised, what it supports and how it is written.

    *title* is its display name; *types* are its registered media types below `image/`, beginning
    with the one it is served with; *aliases* are other names used by browsers and systems, below
    `image/` unless they have a `/`; *extensions* begin with the one that we use. *magic* lists first
    bytes with their offsets, *brands* those of an ISO base media file. *loader* is the libvips
    operation that opens it, empty if `conversion.py` converts it first.

    *alpha*, *animation* and *gain_maps* say what a file can contain, *profiles* for which pixels it
    can have an ICC profile, in libvips' terms (`srgb`: any RGB); *longest_side* is in pixels.

    *optional*: originals are accepted only where the limits have a setting of its name.

    *cost* is None if we do not write the format. *quality* and *effort* are the defaults of an
    encoding, None if the format has no such option. *palettes* are the numbers of colours available
    in formats without a quality.
    """

    title: str
    types: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    extensions: tuple[str, ...]
    magic: tuple[tuple[int, bytes], ...] = ()
    brands: tuple[bytes, ...] = ()
    loader: str
    browsers: Browsers = Browsers.NONE
    alpha: bool = True
    animation: bool = False
    optional: bool = False
    profiles: tuple[str, ...] = ("srgb",)
    bit_depths: tuple[int, ...] = (8,)
    longest_side: int = 65_535
    cost: Cost | None = None
    quality: int | None = None
    effort: int | None = None
    efforts: range = range(0)
    lossless: bool = False
    progressive: bool = False
    chroma: bool = False
    gain_maps: bool = False
    palettes: tuple[int, ...] = ()
