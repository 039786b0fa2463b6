"""Files that mean no good end in a documented error or a right rendition, soon, and in little memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.children import PRESETS, SIDE, ChildResult, Nursery
from tests.fingerprint import distance
from tests.fuzz import SEEDS, mutated
from tests.hostile import HOSTILE
from tests.hostile.strangers import PHP, SCRIPT, ZIP
from tests.hostile.table import Hostile
from tests.pictures import Pixels, original
from tests.reference import fitted, shown
from tintype.imaging import (
    Encoding,
    Fit,
    Format,
    ImagingError,
    Limits,
    Preset,
    describe,
    errors,
    render_all,
)
from tintype.imaging.formats import RENDERED_FORMATS

DOCUMENTED = {error.code for error in ImagingError.__subclasses__()}
FUZZ_EXAMPLES = 150
# Work may grow with the bytes that are sent: how fast a machine copies memory is no constant
# share of how fast it encodes, which is what the reference measures.
FREE_BYTES = 4_000_000


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_hostile_file_ends_well_soon_and_in_little_memory(
    hostile: Hostile, nursery: Nursery
) -> None:
    data = hostile.build()

    result = nursery.render(data)

    assert result.code in hostile.codes or (result.code == "rendered" and hostile.shows), result
    most = hostile.cpu * (1 + len(data) / FREE_BYTES)
    assert result.cpu_seconds < most * nursery.reference_seconds or (
        # Another program may have come between: both once more.
        nursery.render(data).cpu_seconds < most * nursery.measured_reference()
    )
    assert result.peak_mib < hostile.peak_mib
    assert result.code == "rendered" or is_a_sentence(result.message)
    if result.code == "rendered" and hostile.shows:
        assert looks_like(result, hostile.shows())


def is_a_sentence(message: str) -> bool:
    """Whether an error is for people to read."""
    plain = "\n" not in message.strip() and "Traceback" not in message
    return plain and 10 < len(message) < 300


def looks_like(result: ChildResult, expected: Pixels | None) -> bool:
    """Whether the rendition shows what was expected; without an expectation it must only open."""
    (frame,) = shown(result.png).frames
    if expected is None:
        return int(max(frame.shape[:2])) <= SIDE
    return distance(frame, fitted(expected, (SIDE, SIDE), Fit.INSIDE, (0, 0, 0, 0))).mean < 2


def test_table_is_as_long_as_promised_and_its_names_are_unique() -> None:
    names = [hostile.name for hostile in HOSTILE]

    assert len(set(names)) == len(names) >= 60


def test_every_code_in_the_table_is_documented() -> None:
    codes = set().union(*(hostile.codes for hostile in HOSTILE))

    assert codes <= DOCUMENTED


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (ZIP, "JPEG with a ZIP behind it"),
        (b"%PDF", "JPEG with a PDF in a comment"),
        (b"<svg", "JPEG with an SVG behind it"),
        (PHP, "PNG with PHP in a text"),
        (SCRIPT, "GIF that is a script as well"),
        (b"<script", "WebP with HTML behind it"),
    ],
)
def test_renditions_of_a_polyglot_are_pictures_and_nothing_else(payload: bytes, name: str) -> None:
    data = next(hostile for hostile in HOSTILE if hostile.name == name).build()
    formats = tuple(Encoding(format=format_) for format_ in RENDERED_FORMATS)

    renditions = render_all(data, [Preset(name="p", formats=formats)]).renditions

    assert payload in data
    for rendition in renditions:
        assert payload not in rendition.data


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        (Limits(max_bytes=1000), errors.TooManyBytesError),
        (Limits(max_pixels=240 * 160 - 1), errors.TooManyPixelsError),
        (Limits(max_side=239), errors.SideTooLongError),
    ],
)
def test_limit_is_kept_and_named(limits: Limits, error: type[ImagingError]) -> None:
    with pytest.raises(error, match=r"\d"):
        render_all(original("GIF, animated"), PRESETS, limits)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WebP", "AVIF", "GIF", "TIFF", "HEIC"])
def test_original_that_is_just_within_the_limits_is_rendered(name: str) -> None:
    data = original(name)
    limits = Limits(max_bytes=len(data), max_pixels=240 * 160, max_side=240, max_frames=1)

    result = render_all(data, PRESETS, limits)

    assert len(result.renditions) == sum(len(preset.formats) for preset in PRESETS)


@pytest.mark.filterwarnings("always")
def test_broken_metadata_warns_nobody(recwarn: pytest.WarningsRecorder) -> None:
    rows = [hostile for hostile in HOSTILE if "EXIF" in hostile.name]

    for hostile in rows:
        describe(hostile.build())

    assert [str(warning.message) for warning in recwarn.list] == []


@pytest.mark.parametrize("name", ["PNG", "HEIC", "GIF, animated"])
def test_name_and_type_are_never_asked(name: str) -> None:
    """There is no parameter for them: the format comes from the bytes alone."""
    result = render_all(bytearray(original(name)), PRESETS)

    assert result.description is not None
    assert result.description.format is Format(name[:4].strip(",").lower())


@settings(
    max_examples=FUZZ_EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=st.sampled_from(sorted(SEEDS)), seed=st.integers(0, 2**32))
def test_mutated_file_ends_in_a_rendition_or_a_documented_error(
    name: str, seed: int, nursery: Nursery
) -> None:
    data = mutated(name, seed)

    result = nursery.render(data)

    assert result.code == "rendered" or result.code in DOCUMENTED, result
    assert result.peak_mib < 300
