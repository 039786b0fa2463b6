"""Formats that are read by way of another one show what is in them, upright, in their own colours."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageFile

from tests import profiles
from tests.converted import KINDS, RAWS, SIDE, cr3, dng, icon, image, preview, psd, raf, saved
from tests.fingerprint import distance
from tests.pictures import WIDTH, pattern, picture
from tests.reference import shown
from tests.wire import box, patch
from tintype import content_types
from tintype.imaging import Encoding, Format, ImagingError, Limits, Preset, describe, render_all
from tintype.imaging.errors import TruncatedImageError, UnreadableImageError
from tintype.imaging.formats import EXTENSIONS

PNG = Preset(name="p", formats=(Encoding(format=Format.PNG),))


@pytest.mark.parametrize("name", KINDS)
def test_what_is_in_them_is_shown_and_the_record_has_their_own_format(name: str) -> None:
    kind, build, limit = KINDS[name]
    data = build()

    result = render_all(data, [PNG])

    assert result.description is not None
    assert result.description.format is kind
    assert result.description.content_type == kind.content_type
    assert result.description.bytes == len(data)
    seen = shown(result.renditions[0].data).frames[0]
    modes = {"icon of a bitmap": "RGBA", "BMP, grey": "L", "BMP of a palette": "P"}
    wanted = image(modes.get(name, "RGB"))
    assert distance(seen, np.asarray(wanted.convert("RGBA"))).mean < limit


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_jpeg_2000_of_each_kind_of_pixel(mode: str) -> None:
    pixels = image(mode)

    (rendition,) = render_all(saved(pixels, "JPEG2000"), [PNG], describe=False).renditions

    found = Image.open(io.BytesIO(rendition.data)).convert("RGBA")
    assert np.abs(np.asarray(found, int) - np.asarray(pixels.convert("RGBA"), int)).mean() < 1


def test_profile_of_a_psd_and_of_a_jp2_is_used() -> None:
    jp2 = saved(image(), "JPEG2000")
    profile = box(b"colr", b"\2\0\0", profiles.display_p3())
    at = jp2.index(b"colr") - 4
    size = int.from_bytes(jp2[at : at + 4], "big")
    longer = len(profile) - size
    header = jp2.index(b"jp2h") - 4
    new = patch(
        jp2, header, struct.pack(">I", int.from_bytes(jp2[header : header + 4], "big") + longer)
    )
    wide = new[:at] + profile + new[at + size :]
    plain = shown(render_all(psd(), [PNG], describe=False).renditions[0].data).frames[0]

    for data in (psd(icc=profiles.display_p3()), wide):
        result = render_all(data, [PNG])
        assert result.description is not None
        assert "P3" in result.description.colour_space
        assert distance(shown(result.renditions[0].data).frames[0], plain).mean > 2


def test_largest_picture_of_an_icon_is_shown() -> None:
    small, large = (picture(side, side, Format.PNG) for side in (16, 64))

    found = describe(icon(small, large, small, sizes=((16, 16), (64, 64), (16, 16))))

    assert (found.width, found.height) == (64, 64)
    assert found.notes == ("largest of 3 pictures",)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("maker", RAWS)
def test_camera_raw_shows_its_largest_preview_upright_and_says_so(
    maker: str, orientation: int
) -> None:
    data = RAWS[maker](preview(orientation=orientation), orientation)

    result = render_all(data, [Preset(name="p", width=240, formats=PNG.formats)])

    about = result.description
    assert about is not None
    assert (about.format, about.width, about.height) == (Format.RAW, SIDE, SIDE * 2 // 3)
    assert about.notes[0].startswith("the camera's own preview of ")
    seen = shown(result.renditions[0].data).frames[0]
    assert distance(seen, pattern(240, 160)).mean < 8


def test_an_icon_whose_list_lies_about_its_size_is_read_without_a_warning() -> None:
    data = saved(Image.new("RGBA", (32, 32)), "ICO", bitmap_format="bmp", sizes=[(32, 32)])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = describe(patch(data, 6, b"\x10\x10"))

    assert (found.width, found.height) == (32, 32)


@pytest.mark.parametrize("sides", [(SIDE, SIDE + 200), (SIDE + 200, SIDE)])
def test_of_two_previews_the_larger_is_shown(sides: tuple[int, int]) -> None:
    found = describe(raf(b"".join(preview(side=side) for side in sides)))

    assert found.width == SIDE + 200


@pytest.mark.parametrize("build", [raf, partial(dng, orientation=3), partial(cr3, orientation=8)])
def test_a_preview_s_own_orientation_counts(build: Callable[[bytes], bytes]) -> None:
    found = describe(build(preview(orientation=6, exif=True)))

    assert found.orientation == 6
    assert (found.width, found.height) == (SIDE, SIDE * 2 // 3)


def test_thumbnails_and_sensor_data_are_no_preview() -> None:
    lossless = preview().replace(b"\xff\xc0", b"\xff\xc3")

    for data in (dng(b""), dng(preview(side=640)), dng(lossless), raf(b"")):
        assert refusal(data) == (
            "unsupported_format",
            "camera raw without a preview of 1,000 pixels",
        )


def grey_tiff(pixels: bytes, order: str) -> bytes:
    """Return a TIFF of 4 x 4 grey *pixels*, which begin at byte 8; *order* is struct's."""
    tags = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 4, 279: 16}
    entries = [struct.pack(order + "HHIHH", tag, 3, 1, value, 0) for tag, value in tags.items()]
    header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 24)
    return header + pixels + struct.pack(order + "H", len(tags)) + b"".join(entries) + bytes(4)


@pytest.mark.parametrize(("order", "sign"), [("<", b"IIIITwaR"), (">", b"MMMMRawT")])
def test_phase_one_s_raw_files_are_raw_although_no_tag_says_so(order: str, sign: bytes) -> None:
    """The first directory of an IIQ describes a thumbnail of plain pixels."""
    data = grey_tiff(sign + bytes(8), order)

    assert describe(grey_tiff(sign[:4] + bytes(12), order)).format is Format.TIFF
    assert refusal(data) == ("unsupported_format", "camera raw without a preview of 1,000 pixels")
    assert describe(data + preview()).format is Format.RAW


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "16 bits": (partial(psd, bits=16), "PSD with 16 bits per channel"),
    "Lab": (partial(psd, colours=9), "PSD with Lab or multichannel colours"),
    "layers alone": (partial(psd, flattened=0), "PSD without a flattened picture"),
    "large": (lambda: patch(psd(), 4, b"\0\2"), "Photoshop's large format (PSB)"),
    "run lengths": (
        lambda: patch(saved(image("P"), "BMP"), 30, b"\1") + bytes(4_000_000),
        "BMP of more than 4 MB or 16 megapixels with RLE compression",
    ),
    "run lengths of few bytes": (
        lambda: patch(
            patch(saved(image("P"), "BMP"), 30, b"\1"), 18, struct.pack("<ii", 16_384, 6_100)
        ),
        "BMP of more than 4 MB or 16 megapixels with RLE compression",
    ),
    "odd bitmap": (lambda: patch(saved(image(), "BMP"), 30, b"\5"), "this kind of BMP"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_kinds_that_are_not_supported_are_refused_by_name(what: str) -> None:
    build, name = REFUSED[what]

    assert refusal(build()) == ("unsupported_format", name)


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(ImagingError) as caught:
        describe(data)
    return caught.value.code, str(caught.value).partition(" is not supported; send ")[0]


@pytest.mark.parametrize("no_jp2", [False, True])
@pytest.mark.parametrize("lost", [0, 5, 11])
def test_jpeg_2000_that_lacks_a_tile_is_truncated(lost: int, *, no_jp2: bool) -> None:
    data = saved(image(), "JPEG2000", tile_size=(64, 64), no_jp2=no_jp2)
    start = data.index(b"\xff\x90\0\x0a" + struct.pack(">H", lost))
    (size,) = struct.unpack_from(">I", data, start + 6)

    assert describe(data).width == WIDTH
    with pytest.raises(TruncatedImageError):
        describe(data[:start] + data[start + size :])


def test_psd_of_a_hundred_thousand_resources_is_refused() -> None:
    sections = struct.pack(">II", 0, 1_200_000) + (b"8BIM" + bytes(8)) * 100_000
    data = psd()[:26] + sections

    with pytest.raises(UnreadableImageError, match=r"^the file has more than 11,171 parts$"):
        describe(data)


SMALL = Limits(max_pixels=10_000, max_side=250)


@pytest.mark.parametrize("name", [name for name in KINDS if "PNG" not in name])
def test_the_limits_are_checked_before_anything_is_decoded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = KINDS[name][1]()
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))

    with pytest.raises(ImagingError, match="megapixels; the limit is") as caught:
        describe(data, SMALL)

    assert caught.value.code == "too_many_pixels"


@pytest.mark.parametrize("name", KINDS)
def test_cut_ones_fail_with_a_code(name: str) -> None:
    _, build, _ = KINDS[name]
    data = build()

    codes = set()
    for cut in cuts(data):
        try:
            describe(cut)
        except ImagingError as error:
            codes.add(error.code)

    assert codes
    assert codes <= {"truncated_image", "unreadable_image", "not_an_image", "unsupported_format"}


def cuts(data: bytes) -> Iterator[bytes]:
    yield from (data[: len(data) * share // 10] for share in range(1, 10))


@pytest.mark.parametrize("kind", [Format.BMP, Format.ICO, Format.JPEG_2000, Format.PSD, Format.RAW])
def test_they_pass_all_doors(kind: Format) -> None:
    assert all(content_types.is_accepted(f"image/{name}") for name in kind.facts.types)
    assert {f".{name}" for name in kind.facts.extensions} <= EXTENSIONS


@pytest.mark.parametrize("name", ["photoshop", "x-photoshop"])
def test_photoshop_files_may_be_sent_by_the_names_of_windows_and_linux(name: str) -> None:
    assert content_types.is_accepted(f"application/{name}")
    assert content_types.is_accepted(f"image/{name}")
    assert not content_types.is_accepted(f"video/{name}")


def test_jpeg_2000_has_a_limit_of_its_own() -> None:
    small = saved(image(), "JPEG2000", no_jp2=True)
    size = struct.pack(">II", 10_000, 6_000)
    data = patch(small, small.index(b"\xff\x51") + 6, size)  # Xsiz and Ysiz of the marker SIZ

    with pytest.raises(ImagingError, match=r"^60.0 megapixels; the limit for JPEG 2000 is 50$"):
        describe(data)
