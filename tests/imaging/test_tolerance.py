"""Originals with faults: shown where all pixels are there, refused where rows are missing."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFile

from tests.pictures import original, picture
from tests.wire import JPEG_END, PNG_END, jpeg_segment, jpeg_segments, patch, png_chunk
from tintype.imaging import Encoding, Format, Limits, Preset, describe, errors, render_all
from tintype.imaging.presets import Strictness

PNG_OUT = (Preset(name="p", width=240, formats=(Encoding(format=Format.PNG),)),)
JPEGS = ("JPEG", "JPEG, progressive", "JPEG, grey", "JPEG, CMYK")
PNGS = ("PNG", "PNG, interlaced", "PNG, palette", "PNG, 16 bits")
# A film as phones append it: a box `ftyp`, and data in which markers of a JPEG turn up.
FILM = struct.pack(">I4s4sI", 16, b"ftyp", b"mp42", 0) + bytes(range(256)) * 40 + b"\xff\xda\0\2"


def rendered(data: bytes, strictness: Strictness = Strictness.MISSING_PIXELS) -> bytes:
    limits = Limits(strictness=strictness)
    return render_all(data, PNG_OUT, limits).renditions[0].data


def streamed(data: bytes) -> bytes:
    return render_all(data, PNG_OUT, describe=False).renditions[0].data


def samsung_scan(jpeg: bytes) -> bytes:
    """Let a baseline scan say Ss = Se = 0, as Samsung's phones do."""
    return patch(jpeg, jpeg_segments(jpeg)[-1].end - 3, b"\0\0\0")


def with_gaps(jpeg: bytes) -> bytes:
    """Put bytes that belong to nothing behind each segment but the last, as old editors do."""
    *segments, scan = jpeg_segments(jpeg)
    pieces = [jpeg[segment.start : segment.end] + b"Photoshop 3.0" for segment in segments]
    return jpeg[:2] + b"".join(pieces) + jpeg[scan.start :]


def endless(jpeg: bytes) -> bytes:
    return jpeg.removesuffix(JPEG_END)


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "no end marker": endless,
    "half an end marker": lambda jpeg: jpeg[:-1],
    "no end marker, padded with zeros": lambda jpeg: endless(jpeg) + bytes(5_000),
    "no end marker, then a film": lambda jpeg: endless(jpeg) + FILM,
    "an end marker, then a film": lambda jpeg: jpeg + FILM,
    "a comment instead of the end marker": lambda jpeg: endless(jpeg) + jpeg_segment(0xFE, b"x"),
    "bytes between the segments": with_gaps,
    "bytes between the segments and no end marker": lambda jpeg: endless(with_gaps(jpeg)),
    "fill bytes between the segments": lambda jpeg: jpeg[:2] + b"\xff" * 99 + jpeg[2:],
}


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_jpeg_with_a_faulty_container_and_all_pixels_is_shown(name: str, fault: str) -> None:
    data = original(name)

    assert rendered(FAULTS[fault](data)) == rendered(data)
    assert streamed(FAULTS[fault](data)) == streamed(data)


@pytest.mark.parametrize("name", ["JPEG", "JPEG, grey", "JPEG, CMYK"])
def test_a_baseline_jpeg_whose_scan_misdescribes_itself_is_shown(name: str) -> None:
    data = original(name)

    assert samsung_scan(data) != data
    assert rendered(samsung_scan(data)) == rendered(data)
    assert rendered(endless(with_gaps(samsung_scan(data)))) == rendered(data)


@pytest.mark.parametrize("name", PNGS)
def test_a_png_without_its_end_is_shown(name: str) -> None:
    data = original(name)

    for cut in range(1, len(PNG_END) + 1):
        assert rendered(data[:-cut]) == rendered(data)


@pytest.mark.parametrize("name", PNGS)
def test_a_png_whose_checksums_are_wrong_has_all_its_pixels(name: str) -> None:
    data = original(name)
    checksum = len(data) - len(PNG_END) - 4
    wrong = patch(data, checksum, bytes([data[checksum] ^ 0xFF]))

    assert rendered(wrong) == rendered(data)
    with pytest.raises(errors.DamagedImageError, match="all its rows"):
        rendered(wrong, Strictness.DAMAGE)


def cuts(data: bytes) -> list[int]:
    """Return the lengths of a file cut at each per cent, and at each of its last forty bytes."""
    return [
        *(len(data) * share // 100 for share in range(2, 100)),
        *range(len(data) - 40, len(data)),
    ]


@pytest.mark.parametrize("name", JPEGS)
def test_a_cut_jpeg_is_refused_if_and_only_if_pixels_are_missing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = original(name)
    whole = pixels(data)

    for length in cuts(data):
        try:
            there = pixels(data[:length] + JPEG_END)
        except OSError:
            assert not is_shown(data[:length]), length
        else:
            # libjpeg does not say so when nothing but a part of the last block is missing.
            rest = np.array_equal(there[:-16], whole[:-16])
            rest = rest and np.array_equal(there[:, :-16], whole[:, :-16])
            assert rest or not is_shown(data[:length]), length
            assert is_shown(data[:length]) or not np.array_equal(there, whole), length


@pytest.mark.parametrize("name", ["PNG", "PNG, interlaced", "PNG, 16 bits"])
def test_a_cut_png_is_refused_if_and_only_if_pixels_are_missing(name: str) -> None:
    data = original(name)
    whole = len(unpacked(data)[0])

    for length in cuts(data):
        rows, ended = unpacked(data[:length])
        shown = is_shown(data[:length])
        assert not shown or len(rows) == whole, length
        assert shown or not ended, length


def is_shown(data: bytes) -> bool:
    try:
        describe(data)
    except errors.TruncatedImageError:
        return False
    return True


def pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(data)))


def unpacked(png: bytes) -> tuple[bytes, bool]:
    """Return what there is of the rows, filters included, and whether their checksum is there too."""
    packed, at = b"", 8
    while at + 8 <= len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        packed += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += size + 12
    stream = zlib.decompressobj()
    return stream.decompress(packed), stream.eof


@pytest.mark.parametrize("name", JPEGS)
def test_padding_does_not_hide_that_rows_are_missing(name: str) -> None:
    data = original(name)

    for share in (50, 90, 97):
        with pytest.raises(errors.TruncatedImageError):
            describe(data[: len(data) * share // 100] + bytes(50_000))


def test_an_end_marker_does_not_hide_that_rows_are_missing() -> None:
    data = original("JPEG")

    for share in (30, 50, 90):
        cut = data[: len(data) * share // 100].rstrip(b"\xff") + JPEG_END
        for render in (rendered, streamed):
            with pytest.raises(errors.TruncatedImageError, match="before its last pixel"):
                render(cut)


def test_a_cut_arithmetic_jpeg_cannot_be_told_from_a_whole_one_and_is_refused() -> None:
    data = patch(original("JPEG"), original("JPEG").index(b"\xff\xc0") + 1, b"\xc9")

    with pytest.raises(errors.TruncatedImageError):
        describe(endless(data))


def damaged() -> bytes:
    """Return a JPEG that restarts at every row of blocks, and some of one row is lost."""
    data = picture(240, 160, restart_marker_rows=1)
    row = data.index(b"\xff\xd3")
    return data[: row + 40] + data[data.index(b"\xff\xd4") :]


def test_a_damaged_jpeg_is_shown_or_refused_as_damaged_by_the_strictness() -> None:
    data = damaged()

    shown = Image.open(io.BytesIO(rendered(data)))
    assert shown.size == (240, 160)
    assert streamed(data) == rendered(data) == rendered(data, Strictness.NOTHING)
    with pytest.raises(errors.DamagedImageError, match="all its rows, but the data are damaged"):
        rendered(data, Strictness.DAMAGE)


@pytest.mark.parametrize("name", [*JPEGS, *PNGS])
def test_whole_originals_pass_the_strictest_level(name: str) -> None:
    assert rendered(original(name), Strictness.DAMAGE) == rendered(original(name))


@pytest.mark.parametrize("name", ["JPEG", "JPEG, progressive", "PNG"])
def test_the_laxest_level_shows_what_there_is_of_a_cut_original(name: str) -> None:
    data = original(name)

    half = np.asarray(
        Image.open(io.BytesIO(rendered(data[: len(data) * 2 // 3], Strictness.NOTHING)))
    )

    whole = np.asarray(Image.open(io.BytesIO(rendered(data))))
    assert half.shape == whole.shape
    assert np.abs(half[:40].astype(int) - whole[:40]).mean() < 12


@pytest.mark.parametrize("fault", [*FAULTS.values(), samsung_scan])
def test_container_faults_pass_the_strictest_level(fault: Callable[[bytes], bytes]) -> None:
    data = original("JPEG")

    assert rendered(fault(data), Strictness.DAMAGE) == rendered(data)


def test_a_missing_end_of_a_png_passes_the_strictest_level() -> None:
    assert png_chunk(b"IEND", b"") == PNG_END
    assert rendered(original("PNG")[:-12], Strictness.DAMAGE) == rendered(original("PNG"))
