"""Encoding: from pixels to a file's bytes, at the requested quality or the best one that fits.

Start with `encode`. docs/explanation/decisions/0002-codecs.md explains the codecs and defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from tintype.imaging.alpha import blended
from tintype.imaging.auto_quality import Codec, quality_for
from tintype.imaging.depth import sixteen_bits
from tintype.imaging.errors import CannotFitError
from tintype.imaging.formats import Format
from tintype.imaging.presets import Chroma, Encoding, QualityTarget
from tintype.imaging.vips import Deadline, pyvips, save

try:
    import pyjpegli as jpegli
except ImportError:
    jpegli = None


@dataclass(frozen=True, slots=True)
class Animation:
    """The timing of an animation: milliseconds per frame, and how often it plays (0: endlessly)."""

    delays: tuple[int, ...]
    loops: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file's bytes and its quality (None for PNG and GIF)."""

    data: bytes
    quality: int | None


Write = Callable[[pyvips.Image, Encoding, str], bytes]


def encode(
    image: pyvips.Image,
    encoding: Encoding,
    *,
    deadline: Deadline,
    keep: str,
    write: Write | None = None,
) -> Encoded:
    """Write *image* (frames stacked vertically) as *encoding* specifies.

    It is RGB or RGBA of 8 bits, or of what else the format's facts have.

    *keep* names the metadata to write, in libvips' terms: `none`, or of `icc`, `exif` and `xmp` those
    to keep, as in `icc:exif`.
    *write* replaces the format's own encoder.

    Raises:
        CannotFitError: the file exceeds `max_bytes` even at the lowest quality.
        TimeLimitError: the deadline passed.
    """
    animates = encoding.format.facts.animation and write is not None
    moves = animates or bool(image.get_typeof("page-height"))
    encoding = _completed(encoding, None if moves else image, _codec(encoding, keep))
    written = write or ENCODERS[encoding.format]
    candidates = _candidates(encoding)

    def attempt(candidate: Encoding) -> bytes:
        with deadline.stopping(image):
            return written(image, candidate, keep)

    chosen, data = _best_that_fits(candidates, attempt, encoding.max_bytes)
    return Encoded(data, None if encoding.lossless else _quality(chosen) or None)


def join(frames: Sequence[pyvips.Image], animation: Animation) -> pyvips.Image:
    """Stack the frames vertically, with the fields that make libvips write an animation.

    The strip is not evaluated, which would copy all frames in memory.
    """
    if len(frames) == 1:
        return frames[0]
    strip = pyvips.Image.arrayjoin(list(frames), across=1).copy()
    strip.set_type(pyvips.GValue.gint_type, "page-height", frames[0].height)
    strip.set_type(pyvips.GValue.gint_type, "loop", animation.loops)
    strip.set_type(pyvips.GValue.array_int_type, "delay", list(animation.delays))
    return strip


def shortened(image: pyvips.Image, longest: int, deadline: Deadline) -> pyvips.Image:
    """Return *image* no longer than *longest* pixels, which is what its format can store."""
    scale = longest / max(image.width, image.height)
    if scale >= 1:
        return image
    return deadline.evaluated(blended(image, lambda mixed: mixed.resize(scale)))


def _completed(encoding: Encoding, still: pyvips.Image | None, codec: Codec) -> Encoding:
    """Return *encoding* with what it omits; a target becomes the quality that *still* needs for it."""
    facts, quality = encoding.format.facts, encoding.quality
    if isinstance(quality, QualityTarget):
        target, quality = quality.target, facts.quality
        if still is not None and quality is not None:
            quality = quality_for(still, target, codec, quality)
    quality = facts.quality if quality is None else quality
    effort = facts.effort if encoding.effort is None else encoding.effort
    return replace(encoding, quality=quality, effort=effort)


def _candidates(encoding: Encoding) -> list[Encoding]:
    """Return the encodings to try for `max_bytes`, from the best to the smallest."""
    if encoding.max_bytes is None:
        return [encoding]
    if encoding.format.facts.quality is None:
        fewer = [
            replace(encoding, colours=colours)
            for colours in reversed(encoding.format.facts.palettes)
            if encoding.colours is None or colours < encoding.colours
        ]
        return [encoding, *fewer]
    best = _quality(encoding)
    return [replace(encoding, quality=quality) for quality in range(best, 0, -1)]


def _best_that_fits(
    candidates: Sequence[Encoding],
    attempt: Callable[[Encoding], bytes],
    max_bytes: int | None,
) -> tuple[Encoding, bytes]:
    """Return the first candidate that fits, by bisection, since sizes fall along the list."""
    data = attempt(candidates[0])
    if max_bytes is None or len(data) <= max_bytes:
        return candidates[0], data
    smallest = attempt(candidates[-1])
    if len(smallest) > max_bytes:
        message = f"{len(smallest):,} bytes at the lowest quality; max_bytes is {max_bytes:,}"
        raise CannotFitError(message)
    found = candidates[-1], smallest
    too_large, fits = 0, len(candidates) - 1
    while fits - too_large > 1:
        middle = (too_large + fits) // 2
        data = attempt(candidates[middle])
        if len(data) <= max_bytes:
            fits, found = middle, (candidates[middle], data)
        else:
            too_large = middle
    return found


def _quality(encoding: Encoding) -> int:
    """Return the quality of a completed encoding, 0 if its format has none."""
    return encoding.quality if isinstance(encoding.quality, int) else 0


def _codec(encoding: Encoding, keep: str) -> Codec:
    """Return what writes *encoding*; of a format without a quality, whatever."""
    if encoding.format is not Format.JPEG:
        return Codec.AVIF if encoding.format is Format.AVIF else Codec.WEBP
    lacks = encoding.progressive or encoding.chroma is Chroma.FULL or keep != "none"
    return Codec.JPEG if jpegli is None or lacks else Codec.JPEGLI


def _jpeg(image: pyvips.Image, encoding: Encoding, keep: str) -> bytes:
    """Write with jpegli, or with libvips for what jpegli lacks (progressive, metadata, 4:4:4).

    libvips writes them all where pyjpegli, which is young and one author's, is not installed.
    """
    quality = _quality(encoding)
    if _codec(encoding, keep) is Codec.JPEGLI and jpegli is not None:
        pixels = image.write_to_memory()
        return bytes(jpegli.encode(pixels, image.width, image.height, quality=quality))
    return save(
        "jpegsave_buffer",
        image,
        Q=quality,
        interlace=encoding.progressive,
        # Left to itself, libvips would keep all colour from a quality of 90 on.
        subsample_mode="off" if encoding.chroma is Chroma.FULL else "on",
        optimize_coding=True,
        quant_table=3,
        keep=keep,
    )


def _png(image: pyvips.Image, encoding: Encoding, keep: str) -> bytes:
    effort = encoding.effort or 1
    palette: dict[str, object] = {}
    if encoding.colours is not None:
        palette = {"palette": True, "bitdepth": _depth(encoding.colours), "effort": effort}
    return save(
        "pngsave_buffer",
        image,
        compression=min(effort, 9),
        interlace=encoding.progressive,
        keep=keep,
        **palette,
    )


def _webp(image: pyvips.Image, encoding: Encoding, keep: str) -> bytes:
    """Write with libvips, or with Pillow if it produces the same bytes faster."""
    plain = not (encoding.lossless or image.hasalpha() or image.get_typeof("page-height"))
    if plain and keep == "none":
        return _opaque_webp(image, encoding)
    return save(
        "webpsave_buffer",
        image,
        Q=encoding.quality,
        effort=encoding.effort,
        lossless=encoding.lossless,
        keep=keep,
    )


def _opaque_webp(image: pyvips.Image, encoding: Encoding) -> bytes:
    """Call the same libwebp through Pillow, which takes 5 to 10 % less CPU for a set of files."""
    from PIL import Image  # noqa: PLC0415 - 18 ms to import, once

    size, pixels = (image.width, image.height), bytes(image.write_to_memory())
    file = BytesIO()
    picture = Image.frombuffer("RGB", size, pixels, "raw", "RGB", 0, 1)
    picture.save(file, "WEBP", quality=encoding.quality, method=encoding.effort)
    return file.getvalue()


def _avif(image: pyvips.Image, encoding: Encoding, keep: str) -> bytes:
    full = encoding.lossless or encoding.chroma is Chroma.FULL
    if encoding.bit_depth > 8:  # noqa: PLR2004 - libvips would make 1020 of 255
        image = sixteen_bits(image)
    return save(
        "heifsave_buffer",
        image,
        compression="av1",
        Q=encoding.quality,
        effort=encoding.effort,
        lossless=encoding.lossless,
        bitdepth=encoding.bit_depth,
        subsample_mode="off" if full else "on",
        keep=keep,
    )


def _gif(image: pyvips.Image, encoding: Encoding, keep: str) -> bytes:
    depth = _depth(encoding.colours or 256)
    return save("gifsave_buffer", image, effort=encoding.effort, bitdepth=depth, keep=keep)


def _depth(colours: int) -> int:
    """Return the bits needed for this many colours.

    >>> [_depth(count) for count in (2, 4, 16, 256)]
    [1, 2, 4, 8]
    """
    return (colours - 1).bit_length()


ENCODERS: dict[Format, Callable[[pyvips.Image, Encoding, str], bytes]] = {
    Format.JPEG: _jpeg,
    Format.PNG: _png,
    Format.WEBP: _webp,
    Format.AVIF: _avif,
    Format.GIF: _gif,
}
