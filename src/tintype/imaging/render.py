"""Rendering: from one original and many presets to renditions and a description.

Start with `render_all`; `render_one` is for a single file. It opens the original (`original.py`),
plans (`plan.py`), decodes once (`decode.py`), renders every preset's pixels from that
(`pipeline.py`) and encodes them (`encode.py`). It has no other input or output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from math import inf
from pathlib import Path

from tintype.imaging.clock import Clock
from tintype.imaging.colour import convert
from tintype.imaging.decode import Frames, decode, reading
from tintype.imaging.description import Description, describe_original
from tintype.imaging.errors import InvalidPresetError, TruncatedImageError, UnreadableImageError
from tintype.imaging.face import Face
from tintype.imaging.faces import (
    DETECTED_SIDE,
    INSTALL,
    faces_of_part,
    hides_faces,
    model_file,
    needs_faces,
)
from tintype.imaging.formats import listed
from tintype.imaging.frame_stream import FrameStream, is_large
from tintype.imaging.gain_map import GainMap, read_gain_map
from tintype.imaging.geometry import UPRIGHT, lay_out, tilted
from tintype.imaging.metadata import NO_METADATA, read_metadata
from tintype.imaging.orient import turned
from tintype.imaging.original import CheckedOriginal, open_original
from tintype.imaging.parallel import Task, run_each
from tintype.imaging.photograph import is_soft, may_be_soft
from tintype.imaging.pipeline import Picture, chosen_formats, render_preset
from tintype.imaging.plan import (
    MARGIN,
    DecodePlan,
    check_result,
    depth_notes,
    is_deep,
    plan,
    worth_making,
)
from tintype.imaging.preset_rules import check
from tintype.imaging.presets import DEFAULT_LIMITS, ColourSpace, Limits, Preset, Region
from tintype.imaging.pyramid import Pyramid
from tintype.imaging.vips import Data, Deadline
from tintype.imaging.write import Job, RenderedFile, cost, in_space, write_file


@dataclass(frozen=True, slots=True)
class Rendered:
    """The result for one original: renditions in the order of their presets, and timings.

    `milliseconds` are per stage, summed over all threads: `open`, `decode`, `describe`, `faces`,
    `render`, `encode`. `description` is None unless requested; `faces` are those given or found,
    None if nothing looked for them.
    """

    renditions: tuple[RenderedFile, ...]
    description: Description | None
    milliseconds: Mapping[str, float]
    faces: tuple[Face, ...] | None = None


# Pictures that take less memory than what they are made of are all rendered before they are encoded.
_BEFORE_FILES = 1e9
OnFirst = Callable[[RenderedFile, Description | None], None]


@dataclass(frozen=True, slots=True)
class _Base:
    """What presets are rendered from: frames in a colour space, *deep*: with 16 bits."""

    space: ColourSpace
    deep: bool = False


_DESCRIBED = _Base(ColourSpace.SRGB)


def _base_of(original: CheckedOriginal, preset: Preset) -> _Base:
    return _Base(preset.colour_space, is_deep(original, preset))


def render_all(
    data: Data,
    presets: Sequence[Preset],
    limits: Limits = DEFAULT_LIMITS,
    *,
    threads: int = 1,
    describe: bool = True,
    faces: Sequence[Face] | None = None,
    find_faces: bool = False,
    on_first: OnFirst | None = None,
) -> Rendered:
    """Render *data* with all presets, from one decode of each page, on up to *threads* cores.

    A preset whose `only_above` the original is not gives no file, unless no preset would.

    The smallest picture is made first. *on_first* is called with its first file and the description
    while others are still being made; not if there are no others.

    *faces* are the original's, if known. Otherwise they are looked for if a preset needs them, or
    *find_faces*. Where the detector is not installed, nothing looks, and such a preset crops as
    with `attention`.

    Raises:
        InvalidPresetError: a preset is invalid; nothing was read.
        ImagingError: any other error of `errors.py`; all are final.
    """
    check(presets)
    clock = Clock()
    with Deadline(limits.timeout_seconds) as deadline:
        with clock.timing("open"):
            original = open_original(data, limits)
        notes = *_page_notes(original, presets), *depth_notes(original, presets)
        original = replace(original, notes=(*original.notes, *notes))
        has_pages = original.pages > 1
        first = _render(
            original,
            worth_making(original, [one for one in presets if one.page == 1 or not has_pages]),
            deadline,
            clock,
            threads=threads,
            describe=describe,
            faces=faces,
            find_faces=find_faces,
            on_first=on_first,
        )
        made = list(first.renditions)
        for page in sorted({one.page for one in presets} - {1}) if has_pages else ():
            with clock.timing("open"):
                original = open_original(data, limits, page)
            chosen = worth_making(original, [one for one in presets if one.page == page])
            made += _render(
                original, chosen, deadline, clock, threads=threads, describe=False, faces=None
            ).renditions
        order = [one.name for one in presets]
        made.sort(key=lambda file: order.index(file.preset))
        return replace(first, renditions=tuple(made), milliseconds=clock.milliseconds)


def render_one(
    data: Data,
    preset: Preset,
    limits: Limits = DEFAULT_LIMITS,
    *,
    part: Region | None = None,
    faces: Sequence[Face] | None = None,
) -> RenderedFile:
    """Render *data* as the first file of one preset, whose size somebody else may have chosen.

    With *part*, in pixels of the upright original, the preset is applied as if there were no other
    pixels. *faces* are as in `render_all`, those of the whole original.

    Raises:
        TooManyPixelsError: the rendition would have more pixels than an original may.
        InvalidPresetError: the preset is invalid; nothing was read.
        ImagingError: any other error of `errors.py`; all are final.
    """
    check([preset])
    with Deadline(limits.timeout_seconds) as deadline:
        original = open_original(data, limits, preset.page)
        if preset.page > 1:
            faces = None  # these are the first page's
        if part is not None:
            faces = None if faces is None else faces_of_part(faces, original.upright, part)
            original = original.only(part)
        check_result(original, preset, limits)
        rendered = _render(original, [preset], deadline, Clock(), describe=False, faces=faces)
        return rendered.renditions[0]


def _page_notes(original: CheckedOriginal, presets: Sequence[Preset]) -> Iterator[str]:
    """Yield which other pages or frames presets show, and where that is not the one they ask for."""
    count, kind = original.pages, "frame" if original.frames > 1 else "page"
    for page in sorted({one.page for one in presets} - {1}) if count > 1 else ():
        names = ", ".join(one.name for one in presets if one.page == page)
        last = ", the last," if page > count else ""
        yield f"{kind} {min(page, count):,} of {count:,}{last} in {names}"


def describe(data: Data, limits: Limits = DEFAULT_LIMITS) -> Description:
    """Describe *data* without rendering anything.

    Raises:
        ImagingError: an error of `errors.py`; all are final.
    """
    description = render_all(data, (), limits).description
    assert description is not None  # noqa: S101 - it was requested
    return description


def _render(
    original: CheckedOriginal,
    presets: Sequence[Preset],
    deadline: Deadline,
    clock: Clock,
    *,
    threads: int = 1,
    describe: bool,
    faces: Sequence[Face] | None,
    find_faces: bool = False,
    on_first: OnFirst | None = None,
) -> Rendered:
    with clock.timing("open"):
        wanted = describe or any(
            preset.keep_copyright or preset.keep_ai_label for preset in presets
        )
        metadata = read_metadata(original) if wanted else NO_METADATA
    with clock.timing("decode"):
        wants_map = any(preset.hdr for preset in presets)
        gain_map = read_gain_map(original, deadline) if wants_map else None
        model = _detector(presets, look=find_faces) if faces is None else None
        planned = plan(original, presets, described=describe, faces=model is not None)
        large = is_large(original, planned)
        kept = replace(planned, frames=1) if large else planned
        bases = _decode_bases(original, kept, presets, deadline)
        sources = _streams(original, planned, bases, deadline) if large else bases
    with clock.timing("describe"):
        pyramid = bases[_DESCRIBED]
        description = describe_original(original, metadata, pyramid) if describe else None
        decoded = pyramid.pixels
    if model is not None:
        with clock.timing("faces"):
            faces = _find_faces(model, original, pyramid, deadline)
    known = None if faces is None else tuple(faces)
    del pyramid
    rendered = count(1)

    def render(preset: Preset) -> Picture:
        with clock.timing("render"):
            if planned.streamed:
                return _render_streamed(
                    preset, bases, original, planned, deadline, faces=known or (), gain_map=gain_map
                )
            source = sources[_base_of(original, preset)]
            picture = render_preset(
                preset, source, original, deadline, known or (), gain_map=gain_map
            )
        if next(rendered) == len(presets) and not large:
            bases.clear()  # before the last files: a third of the memory that a large JPEG takes
        return picture

    stills: set[str] = set()

    def write(job: Job) -> RenderedFile:
        with clock.timing("encode"):
            file = write_file(job, metadata, deadline)
        stills.update({file.filename} if job.stands_still else ())
        return file

    order = _smallest_first(original, presets)

    def encoding_tasks(number: int, picture: Picture) -> list[Task[RenderedFile]]:
        preset = presets[order[number]]
        jobs = [
            Job(preset, picture, chosen)
            for chosen in chosen_formats(preset, picture, original.kind)
        ]
        return [Task(partial(write, job), cost(job) if number else inf) for job in jobs]

    sizes = [_size(original, presets[preset]) for preset in order]
    early = _BEFORE_FILES if sum(sizes) * planned.frames < decoded else 1
    tasks = [
        Task(partial(render, presets[preset]), sizes[number] * early if number else inf)
        for number, preset in enumerate(order)
    ]
    files: dict[tuple[int, int], RenderedFile] = {}
    for (number, index), file in run_each(tasks, encoding_tasks, threads=1 if large else threads):
        if on_first and number == 0 and len(presets) > 1:
            on_first(file, description)
            on_first = None
        files[order[number], index] = file
    renditions = tuple(files[position] for position in sorted(files))
    return Rendered(renditions, _noted(description, stills), clock.milliseconds, known)


def _noted(description: Description | None, stills: set[str]) -> Description | None:
    """Return the description with a note on files that should move and are too large for that."""
    if description is None or not stills:
        return description
    note = f"only the first frame in {listed(sorted(stills))}"
    return replace(description, notes=(*description.notes, note))


def _smallest_first(original: CheckedOriginal, presets: Sequence[Preset]) -> list[int]:
    """Return the presets' numbers in their order, but for that of the smallest picture."""
    order = list(range(len(presets)))
    smallest = min(order, key=lambda number: _size(original, presets[number]), default=0)
    return sorted(order, key=lambda number: number != smallest)


def _detector(presets: Sequence[Preset], *, look: bool) -> Path | None:
    """Return the model of the detector if faces are wanted and it is installed.

    Raises:
        InvalidPresetError: a preset hides faces, and it is not.
    """
    model = model_file() if look or any(needs_faces(preset) for preset in presets) else None
    if model is None and any(hides_faces(preset) for preset in presets):
        message = f"regions: hiding faces needs a detector; run: {INSTALL}"
        raise InvalidPresetError(message)
    return model


def _find_faces(
    model: Path, original: CheckedOriginal, pyramid: Pyramid, deadline: Deadline
) -> tuple[Face, ...]:
    """Find the faces of the first frame."""
    from tintype.imaging.face_finder import find_faces  # noqa: PLC0415 - 70 ms, only for faces

    small = pyramid.at(original.scale_to(DETECTED_SIDE / MARGIN))[0]
    return find_faces(turned(small, UPRIGHT[original.orientation]), model, deadline)


def _render_streamed(
    preset: Preset,
    bases: Mapping[_Base, Pyramid],
    original: CheckedOriginal,
    planned: DecodePlan,
    deadline: Deadline,
    *,
    faces: Sequence[Face],
    gain_map: GainMap | None,
) -> Picture:
    """Render while rows are decoded; if they turn out damaged, decode the whole picture and check it."""
    try:
        with reading(original, deadline):
            return render_preset(
                preset, bases[_DESCRIBED], original, deadline, faces, gain_map=gain_map
            )
    except (TruncatedImageError, UnreadableImageError):
        if not original.may_be_damaged:
            raise
    whole = _decode_bases(original, replace(planned, streamed=False), (preset,), deadline)
    return render_preset(preset, whole[_DESCRIBED], original, deadline, faces, gain_map=gain_map)


def _decode_bases(
    original: CheckedOriginal,
    planned: DecodePlan,
    presets: Sequence[Preset],
    deadline: Deadline,
) -> dict[_Base, Pyramid]:
    """Decode once, and convert the pixels to each colour space in use."""
    frames = _decode_softly(original, planned, deadline) or decode(original, planned, deadline)
    bases = {_DESCRIBED, *(_base_of(original, preset) for preset in presets)}
    return {
        base: Pyramid(
            in_space(frames, base.space, original.colour, bits=original.bits, deep=base.deep),
            original.used,
        )
        for base in bases
    }


def _decode_softly(
    original: CheckedOriginal, planned: DecodePlan, deadline: Deadline
) -> Frames | None:
    """Decode a photograph with the smaller margin; None if it is not one, or has hard edges."""
    if planned.soft_shrink == planned.shrink or not may_be_soft(original):
        return None
    smaller = replace(planned, shrink=planned.soft_shrink, resize=1.0, streamed=False)
    frames = decode(original, smaller, deadline)
    return frames if is_soft(frames[0]) else None


def _streams(
    original: CheckedOriginal,
    planned: DecodePlan,
    bases: Mapping[_Base, Pyramid],
    deadline: Deadline,
) -> Mapping[_Base, FrameStream]:
    """Return the replacement for *bases* if an animation is too large to keep in memory."""
    return {
        base: FrameStream(
            original,
            planned,
            deadline,
            first=first,
            convert=partial(convert, space=base.space, source=original.colour, bits=original.bits),
        )
        for base, first in bases.items()
    }


def _size(original: CheckedOriginal, preset: Preset) -> float:
    """Return the number of pixels of a preset before the crop, to estimate its cost."""
    resized = lay_out(tilted(original.upright, preset.rotate), preset).resized
    return resized.width * resized.height
