"""What a file says about its colours, in one place: profile, code points, chromaticities, EXIF.

Start with `read_colour`. Of several signals the first counts: in a PNG `cICP`, `iCCP`, `sRGB`, then
`gAMA` with `cHRM` (PNG, third edition, 4.3); in AVIF and HEIC a profile, then `nclx` (MIAF, 7.3.6.4);
in a JPEG a profile, then EXIF. WebP and TIFF have profiles only. A signal that is broken or
unspecified does not count, and without any the colours are sRGB.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from struct import unpack

from tintype.imaging.cicp import (
    ADOBE_RGB_CURVE,
    ADOBE_RGB_PRIMARIES,
    P3_PRIMARIES,
    PRIMARIES,
    REC_2020_PRIMARIES,
    SRGB_CURVE,
    SRGB_PRIMARIES,
    TELEVISION,
    TRANSFERS,
    Curve,
    HdrTransfer,
    Primaries,
    Transfer,
)
from tintype.imaging.container import png_chunks
from tintype.imaging.formats import Format
from tintype.imaging.heif_properties import main_properties
from tintype.imaging.icc import is_srgb, matrix_profile, read_name, read_tags
from tintype.imaging.matrices import rgb_to_d50
from tintype.imaging.vips import Data, pyvips

DEFAULT_PEAK = 1000.0  # nits: what HDR is mastered for if the file does not say (ITU-R BT.2408)


@dataclass(frozen=True, slots=True)
class SourceColour:
    """What an original's numbers mean: its ICC profile, or the space of *primaries* and *transfer*.

    *icc* is None where it is sRGB, or where another signal has precedence. *peak* is the luminance
    that an HDR picture was mastered for, in nits. *grey*: one channel is all there is, and *icc* is
    of one, although decoders of AVIF give three that are equal.
    """

    name: str | None = None
    icc: bytes | None = None
    primaries: Primaries = SRGB_PRIMARIES
    transfer: Transfer = SRGB_CURVE
    peak: float = DEFAULT_PEAK
    grey: bool = False

    @property
    def is_srgb(self) -> bool:
        """Whether the numbers are sRGB as they are."""
        return self.profile is None and self.hdr is None

    @property
    def hdr(self) -> HdrTransfer | None:
        """The transfer function, if it is one of high dynamic range."""
        return self.transfer if isinstance(self.transfer, HdrTransfer) else None

    @property
    def profile(self) -> bytes | None:
        """The ICC profile to convert from: the file's, or one that is made for the space.

        It is None for sRGB and for HDR.
        """
        if self.icc is not None or isinstance(self.transfer, HdrTransfer):
            return self.icc
        if self.transfer == SRGB_CURVE and self.primaries.is_close_to(SRGB_PRIMARIES):
            return None
        return matrix_profile(self.primaries, self.transfer)


_MONOCHROME = 0x10  # in the third byte of an AVIF's configuration
SRGB = SourceColour()
DISPLAY_P3 = SourceColour("Display P3", primaries=P3_PRIMARIES)
_ADOBE_RGB = SourceColour("Adobe RGB", primaries=ADOBE_RGB_PRIMARIES, transfer=ADOBE_RGB_CURVE)


def read_colour(
    data: Data, format_: Format, header: pyvips.Image, icc: bytes | None
) -> SourceColour:
    """Return the meaning of the colours of a file whose *icc* profile the decoder found."""
    if format_ is Format.PNG:
        return _of_png(data, icc)
    found = _of_profile(icc)
    if found is None and format_ in {Format.AVIF, Format.HEIC}:
        found = _of_heif(data)
    if found is None and format_ is Format.JPEG:
        found = _of_exif(header)
    if found and found.icc and format_ is Format.AVIF and _is_grey(data, found.icc):
        found = replace(found, grey=True)
    return found or SRGB


def _is_grey(data: Data, icc: bytes) -> bool:
    """Whether an AVIF and its profile are of one channel (AV1 in ISOBMFF, 2.3.3; ICC.1, 7.2.8)."""
    configuration = dict(main_properties(data)).get(b"av1C", b"")
    return icc[16:20] == b"GRAY" and bool(configuration[2:3] and configuration[2] & _MONOCHROME)


def _of_profile(icc: bytes | None) -> SourceColour | None:
    """Return what a profile means, or None if it is absent or broken.

    HDR profiles say so by their `cicp` tag (ICC.1:2022, 9.2.17), and have tables for other programs.
    """
    tags = read_tags(icc) if icc is not None else {}
    if icc is None or not tags:
        return None
    name = read_name(tags)
    coded = _of_code_points(tags.get(b"cicp", b"")[8:10])
    if coded is not None and coded.hdr:
        return replace(coded, name=name or coded.name)
    return SourceColour(None if is_srgb(icc, tags) else name, None if is_srgb(icc, tags) else icc)


def _of_code_points(pair: bytes) -> SourceColour | None:
    """Return the space of the code points of primaries and transfer, both of which must be known."""
    if len(pair) < 2:  # noqa: PLR2004 - a pair
        return None
    primaries, transfer = PRIMARIES.get(pair[0]), TRANSFERS.get(pair[1])
    return _space(primaries, transfer) if primaries and transfer else None


def _space(primaries: Primaries, transfer: Transfer) -> SourceColour:
    return SourceColour(_name(primaries, transfer), primaries=primaries, transfer=transfer)


def _of_png(data: Data, icc: bytes | None) -> SourceColour:
    found: dict[bytes, bytes] = {}
    for kind, start, end in png_chunks(data):
        if kind in {b"IDAT", b"IEND"} or end > len(data):
            break
        if kind in _PNG_SIGNALS:
            found.setdefault(kind, bytes(data[start + 8 : end - 4]))
    if not found:
        return _of_profile(icc) or SRGB
    codes = found.get(b"cICP", b"")
    # RGB (matrix 0) of full range is all that browsers read.
    coded = _of_code_points(codes[:2]) if codes[2:] == b"\0\1" else None
    if coded is not None:
        return replace(coded, peak=_peak(found.get(b"cLLI"), found.get(b"mDCV"), units=10_000))
    return _of_profile(icc) or (SRGB if b"sRGB" in found else _of_gamma(found))


_PNG_SIGNALS = frozenset({b"cICP", b"sRGB", b"gAMA", b"cHRM", b"cLLI", b"mDCV"})
_GAMMA_OF_SRGB = 45_455
_GAMMAS = (5_000, 1_000_000)  # others are taken as errors


def _of_gamma(chunks: dict[bytes, bytes]) -> SourceColour:
    """Return the space of `gAMA` and, if it is there, `cHRM`, both in units of 1/100,000.

    A `gAMA` of 1/2.2 alone is how older programs write sRGB.
    """
    gamma = int.from_bytes(chunks.get(b"gAMA", b"")[:4], "big")
    points = chunks.get(b"cHRM", b"")
    if gamma == 0 or (gamma == _GAMMA_OF_SRGB and not points):
        return SRGB
    if not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return SRGB
    primaries = SRGB_PRIMARIES
    if len(points) == 32:  # noqa: PLR2004 - four points of two numbers
        values = [value / 100_000 for value in unpack(">8i", points)]
        white, red, green, blue = zip(values[::2], values[1::2], strict=True)
        primaries = Primaries(red, green, blue, white)
    try:
        rgb_to_d50(primaries)
    except ValueError:
        return SRGB
    return _space(primaries, Curve(100_000 / gamma))


def _of_heif(data: Data) -> SourceColour | None:
    """Return the space of `nclx`, of whose numbers one may be missing: that is sRGB's.

    As in browsers, the curves of television mean that of sRGB.
    """
    properties = main_properties(data)
    coded = next((box[4:] for kind, box in properties if box[:4] == b"nclx"), b"")
    if len(coded) < 4:  # noqa: PLR2004 - two numbers of 16 bits
        return None
    first, second = int.from_bytes(coded[:2], "big"), int.from_bytes(coded[2:4], "big")
    transfer = SRGB_CURVE if second in TELEVISION else TRANSFERS.get(second, SRGB_CURVE)
    found = dict(properties)
    return replace(
        _space(PRIMARIES.get(first, SRGB_PRIMARIES), transfer),
        peak=_peak(found.get(b"clli"), found.get(b"mdcv"), units=1),
    )


def _of_exif(header: pyvips.Image) -> SourceColour | None:
    """Return Adobe RGB where a camera says so (DCF 2.0, 5.1: "R03"; some write 2 as colour space)."""
    index, space = (
        str(header.get(name)) if header.get_typeof(name) else ""
        for name in ("exif-ifd4-InteroperabilityIndex", "exif-ifd2-ColorSpace")
    )
    calibrated = space.startswith(("sRGB", "1 "))
    if (index.startswith("R03") and not calibrated) or space.startswith(("Adobe RGB", "2 ")):
        return _ADOBE_RGB
    return None


def _name(primaries: Primaries, transfer: Transfer) -> str | None:
    """Return the name of a space: its own, or that of its primaries and its gamma."""
    spaces = [name for name, known in _NAMES.items() if known.is_close_to(primaries)]
    base = spaces[0] if spaces else "RGB with primaries of its own"
    if isinstance(transfer, HdrTransfer):
        return f"{base.replace('2020', '2100')}, {transfer.name}"
    if transfer == SRGB_CURVE:
        return None if base == "sRGB" else base
    return f"{base}, {'linear' if transfer.gamma == 1 else f'gamma {transfer.gamma:.2g}'}"


_NAMES = {
    "sRGB": SRGB_PRIMARIES,
    "Display P3": P3_PRIMARIES,
    "Rec. 2020": REC_2020_PRIMARIES,
    "Adobe RGB": ADOBE_RGB_PRIMARIES,
}


def _peak(light: bytes | None, display: bytes | None, *, units: int) -> float:
    """Return the peak in nits of the content (`cLLI`), or of the display it was mastered on."""
    if light and (content := int.from_bytes(light[: 4 if units > 1 else 2], "big")):
        return content / units
    if display and (brightest := int.from_bytes(display[16:20], "big")):
        return brightest / 10_000
    return DEFAULT_PEAK
