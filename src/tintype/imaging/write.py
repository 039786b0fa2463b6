"""Writing one file of a preset, from its pixels to what is stored. Start with `write_file`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from tintype.imaging.alpha import is_opaque, without_alpha
from tintype.imaging.colour import convert
from tintype.imaging.container import read_structure
from tintype.imaging.decode import Frames
from tintype.imaging.depth import colours, eight_bits
from tintype.imaging.encode import ENCODERS, Write, encode, join, shortened
from tintype.imaging.formats import Format
from tintype.imaging.gain_map import GainMap
from tintype.imaging.metadata import Metadata, write_ai_label, write_copyright
from tintype.imaging.operations import flatten
from tintype.imaging.own_colour import PROFILE
from tintype.imaging.pipeline import Picture, can_move
from tintype.imaging.presets import ColourSpace, Encoding, Preset
from tintype.imaging.signals import SourceColour
from tintype.imaging.vips import Deadline, blob, pyvips, with_blob


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One rendered file. `quality` is None for formats without one."""

    preset: str
    format: Format
    width: int
    height: int
    frames: int
    quality: int | None
    data: bytes = field(repr=False)
    gain_map: bool = False

    @property
    def filename(self) -> str:
        """The file's name: the preset with the format's extension."""
        return f"{self.preset}.{self.format.extension}"

    @property
    def content_type(self) -> str:
        """The media type to serve it with."""
        return self.format.content_type


@dataclass(frozen=True, slots=True)
class Job:
    """A file to write: its pixels and encoding."""

    preset: Preset
    picture: Picture
    encoding: Encoding

    @property
    def moves(self) -> bool:
        """Whether the file holds all frames of an animation."""
        return self.picture.count > 1 and can_move(self.encoding, self.preset, self.picture)

    @property
    def stands_still(self) -> bool:
        """Whether the preset wants an animated AVIF that cannot be had."""
        in_avif = self.preset.animate_avif and self.encoding.format is Format.AVIF
        return in_avif and self.picture.count > 1 and not self.moves


def in_space(
    frames: Frames,
    space: ColourSpace,
    source: SourceColour,
    *,
    bits: int = 16,
    deep: bool = False,
) -> Frames:
    """Return frames in *space*, with an alpha band only if any pixel is transparent.

    They have 8 bits or, if they are *deep*, 16.
    """
    converted = [convert(frame, space, source, bits=bits, deep=deep) for frame in frames]
    if all(is_opaque(frame) for frame in converted):
        converted = [without_alpha(frame) for frame in converted]
    return tuple(
        frame if lazy is frame else lazy.copy_memory()
        for frame, lazy in zip(frames, converted, strict=True)
    )


def write_file(job: Job, metadata: Metadata, deadline: Deadline) -> RenderedFile:
    """Write the file of a preset in one format.

    Raises:
        CannotFitError, TimeLimitError: as in `encode`.
    """
    facts = job.encoding.format.facts
    picture = job.picture
    frames = picture.frames if job.moves else picture.frames[:1]
    framewise = job.moves and _is_written_framewise(job)
    if job.moves and picture.render and not framewise:
        frames = tuple(picture.render())
    frames = _that_it_holds(frames, job)
    if not facts.alpha:
        frames = tuple(flatten(frame, job.preset) for frame in frames)
    if job.encoding.bit_depth <= 8:  # noqa: PLR2004 - bits of a byte
        frames = tuple(eight_bits(frame) for frame in frames)
    frames = tuple(shortened(frame, facts.longest_side, deadline) for frame in frames)
    image = join(frames, picture.animation)
    image, keep = _with_kept_metadata(image, job.preset, metadata)
    gain_map = picture.gain_map if facts.gain_maps else None
    special: Write | None = partial(_moving, job, deadline) if framewise else None
    if gain_map is not None:
        special = partial(_with_gain_map, gain_map)
    encoded = encode(image, job.encoding, deadline=deadline, keep=keep, write=special)
    return RenderedFile(
        preset=job.preset.name,
        format=job.encoding.format,
        width=frames[0].width,
        height=frames[0].height,
        # Encoders join frames that are alike.
        frames=read_structure(encoded.data, job.encoding.format, max_frames=0).frames
        if job.moves
        else 1,
        quality=encoded.quality,
        data=encoded.data,
        gain_map=gain_map is not None,
    )


def _that_it_holds(frames: Frames, job: Job) -> Frames:
    """Return the frames in sRGB if their format has no profiles, or none for grey or CMYK."""
    first, srgb = frames[0], job.preset.colour_space is ColourSpace.SRGB
    if srgb or colours(first) in job.encoding.format.facts.profiles:
        return frames
    deep = first.format == "ushort"
    return in_space(frames, ColourSpace.SRGB, SourceColour(icc=blob(first, PROFILE)), deep=deep)


def _with_kept_metadata(
    image: pyvips.Image,
    preset: Preset,
    metadata: Metadata,
) -> tuple[pyvips.Image, str]:
    """Return the image with the metadata that its preset keeps, and libvips' name for that."""
    kept = ["icc"] if preset.colour_space is not ColourSpace.SRGB else []
    exif = write_copyright(metadata) if preset.keep_copyright else None
    if exif is not None:
        kept.append("exif")
        image = with_blob(image, "exif-data", exif)
    label = write_ai_label(metadata) if preset.keep_ai_label else None
    if label is not None:
        kept.append("xmp")
        image = with_blob(image, "xmp-data", label)
    return image, ":".join(kept) or "none"


def _is_written_framewise(job: Job) -> bool:
    """Whether an animation is written without having all its frames in memory."""
    format_, first = job.encoding.format, job.picture.frames[0]
    fits = max(first.width, first.height) <= format_.facts.longest_side
    return format_ is Format.AVIF or (format_ is Format.WEBP and fits)


def _moving(
    job: Job, deadline: Deadline, image: pyvips.Image, encoding: Encoding, keep: str
) -> bytes:
    from tintype.imaging.moving import moving_avif, moving_webp  # noqa: PLC0415 - only for animations

    picture = job.picture

    def frames() -> Iterator[pyvips.Image]:
        for frame in picture.render() if picture.render else picture.frames:
            deadline.check()
            (held,) = _that_it_holds((frame,), job)
            yield eight_bits(held)

    write = moving_webp if encoding.format is Format.WEBP else moving_avif
    return write(frames(), picture.animation, encoding, image, keep)


def _with_gain_map(gain_map: GainMap, image: pyvips.Image, encoding: Encoding, keep: str) -> bytes:
    from tintype.imaging.gain_map_container import with_gain_map  # noqa: PLC0415 - only for presets with `hdr`

    return with_gain_map(ENCODERS[encoding.format](image, encoding, keep), gain_map)


def cost(job: Job) -> float:
    """Estimate the cost of a file; the most expensive are written first."""
    first = job.picture.frames[0]
    pixels = first.width * first.height * job.picture.count
    return job.encoding.format.cost.milliseconds * pixels
