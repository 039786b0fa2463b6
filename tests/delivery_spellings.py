"""Random variants of addresses, each spelled in one of the many ways that mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import strategies as st

from tintype.delivery.grammar import COMPASS, FITS, FLIPS, FORMATS, GRAVITIES, MAX_SIDE, BoxFit

_IGNORED = ("auto=format", "v=7", "ver=", "ixlib=js-3.8.0", "utm_source=mail", "utm_campaign=a%20b")
_CANONICAL_FITS = st.sampled_from(sorted(BoxFit))


@dataclass(frozen=True, slots=True)
class Spelled:
    """A query and the canonical form that it has, worked out without the grammar."""

    query: str
    canonical: str


@st.composite
def spelled(draw: st.DrawFn) -> Spelled:
    """Return a random variant in a random spelling."""
    pairs = _preset(draw) if draw(st.integers(0, 9)) == 0 else _size(draw)
    canonical = "&".join(f"{name}={text}" for name, text, _ in pairs if text)
    spellings = [f"{name}={spelling}" for name, _, spelling in pairs if spelling]
    ignored = draw(st.lists(st.sampled_from(_IGNORED), max_size=3))
    return Spelled("&".join(draw(st.permutations([*spellings, *ignored]))), canonical)


Pair = tuple[
    str, str, str
]  # a parameter's name, its canonical text and its spelling; each may be empty


def _preset(draw: st.DrawFn) -> list[Pair]:
    fm = draw(st.sampled_from(("", "webp")))
    return [("preset", "thumb", "thumb"), ("fm", fm, fm)]


def _size(draw: st.DrawFn) -> list[Pair]:
    width, height = draw(_side()), draw(_side())
    fit = draw(_CANONICAL_FITS)
    dpr: list[Pair] = []
    sides = [_padded(draw, side) for side in (width, height)]
    if draw(st.booleans()) and all(int(side or 0) % 2 == 0 for side in (width, height)):
        sides = [_padded(draw, side and str(int(side) // 2)) for side in (width, height)]
        dpr = [("dpr", "", draw(st.sampled_from(("2", "2.0", "2.00", "02"))))]
    return [
        ("w", width, sides[0]),
        ("h", height, sides[1]),
        *_fit(draw, fit, both=bool(width and height), one=bool(width or height)),
        ("q", *_number(draw, 1, 100)),
        ("fm", *draw(st.sampled_from([("", ""), ("jpg", "jpeg"), *((f, f) for f in FORMATS)]))),
        ("bg", *_colour(draw)),
        ("blur", *_tenths(draw, 100)),
        ("sharpen", *_tenths(draw, 10)),
        ("sat", *_number(draw, -100, 100)),
        ("rotate", *_rotation(draw)),
        ("flip", *draw(st.sampled_from([("", ""), *((f, f) for f in FLIPS)]))),
        ("rect", *_rect(draw)),
        *dpr,
    ]


def _side() -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), st.integers(1, MAX_SIDE).map(str), st.just(str(MAX_SIDE)))


def _padded(draw: st.DrawFn, digits: str) -> str:
    return digits and "0" * draw(st.integers(0, 3)) + digits


def _fit(draw: st.DrawFn, fit: BoxFit, *, both: bool, one: bool) -> list[Pair]:
    aliases = [word for word, meaning in FITS.items() if meaning is fit]
    spelling = draw(st.sampled_from(aliases)) if fit != "inside" or draw(st.booleans()) else ""
    canonical = fit.value if both else "inside"
    if one and not both and fit in {"clip", "fill", "scale"}:
        canonical = "clip"
    shown = "" if canonical == "inside" else canonical
    cut, padded = canonical in {"cover", "crop"}, canonical in {"contain", "fill"}
    pairs: list[Pair] = [("fit", shown, spelling)]
    if draw(st.booleans()):
        word = draw(st.sampled_from(GRAVITIES))
        kept = cut or (padded and word in COMPASS)
        return [*pairs, ("gravity", word if kept else "", word)]
    if draw(st.booleans()):
        for name in ("fp-x", "fp-y"):
            thousandths = draw(st.integers(0, 1_000))
            text = f"{thousandths / 1_000:.3f}"
            pairs.append((name, _short(text) if cut else "", text))
    return pairs


def _short(decimals: str) -> str:
    return decimals.rstrip("0").rstrip(".")


def _number(draw: st.DrawFn, low: int, high: int) -> tuple[str, str]:
    """Return a whole number that may be beyond its range, canonical and spelled; 0 is a default."""
    if draw(st.booleans()):
        return "", ""
    given = draw(st.integers(low - 20 if low < 0 else 0, high + 50))
    kept = min(max(given, low), high)
    return str(kept) if kept else "", str(given)


def _tenths(draw: st.DrawFn, high: int) -> tuple[str, str]:
    if draw(st.booleans()):
        return "", ""
    given = draw(st.integers(0, 20 * high))
    kept = min(given, 10 * high)
    return (_short(f"{kept / 10:.1f}") if kept else ""), f"{given / 10:.1f}"


def _colour(draw: st.DrawFn) -> tuple[str, str]:
    digits = draw(st.sampled_from(("", "", "ff00aa", "012345", "ffffff", "abcdef")))
    short = digits[::2] if digits[::2] == digits[1::2] and draw(st.booleans()) else digits
    spelling = short.upper() if draw(st.booleans()) else short
    return digits, spelling


def _rotation(draw: st.DrawFn) -> tuple[str, str]:
    if draw(st.booleans()):
        return "", ""
    given = draw(st.integers(0, 1_000))
    return (str(given % 360) if given % 360 else ""), str(given)


def _rect(draw: st.DrawFn) -> tuple[str, str]:
    if draw(st.booleans()):
        return "", ""
    numbers = [draw(st.integers(low, 65_535)) for low in (0, 0, 1, 1)]
    text = ",".join(map(str, numbers))
    return text, quote(text, safe="") if draw(st.booleans()) else text
