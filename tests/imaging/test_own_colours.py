"""Renditions with the original's own colours: the same numbers, the same profile, the same look."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests import profiles
from tests.fingerprint import Floats, delta_e, lab
from tests.hostile.strangers import noise
from tests.imaging.test_colour import PROFILED, charted, patches
from tests.pictures import encode, original, picture
from tests.signalled import HDR, SIGNALLED
from tintype.imaging import (
    Chroma,
    ColourSpace,
    Encoding,
    Extend,
    Fit,
    Format,
    Gravity,
    HiddenRegion,
    Preset,
    Watermark,
    render_all,
    violations,
)

ENCODINGS = (
    Encoding(format=Format.JPEG, quality=95, chroma=Chroma.FULL),
    Encoding(format=Format.PNG),
    Encoding(format=Format.WEBP, quality=95),
    Encoding(format=Format.AVIF, quality=90, chroma=Chroma.FULL),
    Encoding(format=Format.GIF),
)
OWN = Preset(name="p", colour_space=ColourSpace.ORIGINAL, formats=ENCODINGS)
LIMIT = 2.0  # of ΔE
# What converts numbers (ICC.1:2022, 8.3 to 8.5).
COLOUR_TAGS = {
    *(b"wtpt", b"chad", b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC"),
    *(b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2"),
}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def profile(data: bytes) -> bytes | None:
    icc = opened(data).info.get("icc_profile")
    assert icc is None or isinstance(icc, bytes)
    return icc


def told(icc: bytes | None) -> dict[bytes, bytes]:
    """Return what a profile says of colours: its tags, and its version, class, spaces and intent."""
    assert icc is not None
    return {b"header": icc[8:24] + icc[64:80], **tags_of(icc)}


def says_the_same(data: bytes, icc: bytes | None) -> bool:
    """Whether the profile in a file says nothing but what *icc* does, and all that it does of colours."""
    kept, given = told(profile(data)), told(icc)
    return kept.items() <= given.items() and COLOUR_TAGS & given.keys() <= kept.keys()


def tags_of(icc: bytes) -> dict[bytes, bytes]:
    """Return a profile's tags (ICC.1:2022, 7.3)."""
    (count,) = struct.unpack_from(">I", icc, 128)
    entries = [struct.unpack_from(">4sII", icc, 132 + 12 * number) for number in range(count)]
    return {name: icc[start : start + size] for name, start, size in entries}


def seen(data: bytes, intent: ImageCms.Intent = ImageCms.Intent.PERCEPTUAL) -> Floats:
    """Return the colours of the chart in a file of ours or an original, as Little CMS converts them."""
    image = opened(data)
    icc = profile(data) or (profiles.cmyk() if image.mode == "CMYK" else profiles.builtin("srgb"))
    image = image.convert("RGB") if image.mode in {"P", "RGBA"} else image
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8), "L")
    if icc[16:20] == b"RGB " and image.mode == "L":
        image = image.convert("RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    srgb = ImageCms.createProfile("sRGB")
    shown = ImageCms.profileToProfile(image, source, srgb, intent, "RGB")
    return lab(patches(np.asarray(shown)))


@pytest.mark.parametrize(
    "name", [name for name in PROFILED if not name.startswith(("HEIC", "TIFF, CMYK"))]
)
def test_own_colours_look_as_the_original_does(name: str) -> None:
    data = PROFILED[name]()

    for rendition in render_all(data, [OWN]).renditions:
        assert delta_e(seen(rendition.data), seen(data)).max() < LIMIT


HELD = {  # by the original's colours: which formats can have its numbers and its profile
    "PNG, Display P3": {"jpeg": "RGB", "png": "RGB", "webp": "RGB", "avif": "RGB"},
    "JPEG, sRGB": {"jpeg": "RGB", "png": "RGB", "webp": "RGB", "avif": "RGB"},
    "PNG, grey with a profile": {"jpeg": "L", "png": "L"},
    "AVIF, grey with a profile": {"jpeg": "L", "png": "L"},
    "JPEG, CMYK with a profile": {"jpeg": "CMYK"},
    "TIFF, CMYK with a profile": {"jpeg": "CMYK"},
}


@pytest.mark.parametrize("name", HELD)
def test_format_that_can_has_the_numbers_and_the_profile(name: str) -> None:
    data = PROFILED[name]()
    numbers = np.asarray(opened(data)).astype(int)

    for rendition in render_all(data, [OWN]).renditions:
        mode = HELD[name].get(rendition.format)
        if mode is None:
            assert profile(rendition.data) in {None, profiles.builtin("srgb")}
            continue
        assert opened(rendition.data).mode == mode
        assert says_the_same(rendition.data, profile(data))
        differences = np.abs(np.asarray(opened(rendition.data)).astype(int) - numbers)
        assert np.median(differences) <= 1
        assert rendition.format is not Format.PNG or differences.max() == 0


def test_cmyk_without_a_profile_stays_without() -> None:
    (jpeg, *_) = render_all(charted(Format.JPEG, mode="CMYK"), [OWN]).renditions

    assert opened(jpeg.data).mode == "CMYK"
    assert profile(jpeg.data) is None


@pytest.mark.parametrize("name", ["PNG, cICP Display P3", "AVIF, nclx Display P3"])
def test_colours_that_have_no_profile_get_one(name: str) -> None:
    data = SIGNALLED[name]()
    wide = Preset(name="wide", colour_space=ColourSpace.P3, formats=ENCODINGS[1:2])

    own, wanted = render_all(data, [OWN, wide]).renditions[1::4]

    assert own.format is Format.PNG
    icc = profile(own.data)
    assert icc is not None
    assert icc[16:20] == b"RGB "
    difference = np.asarray(opened(own.data)).astype(int) - np.asarray(opened(wanted.data))
    assert np.abs(difference).max() <= 1


def test_hdr_is_tone_mapped_to_srgb_as_ever() -> None:
    data = HDR["PNG, PQ"]()
    plain = Preset(name="plain", formats=ENCODINGS[1:2])

    own, wanted = render_all(data, [replace(OWN, formats=ENCODINGS[1:2]), plain]).renditions

    assert (np.asarray(opened(own.data)) == np.asarray(opened(wanted.data))).all()
    assert profile(own.data) is None


def cut_short(icc: bytes) -> bytes:
    return icc[: len(icc) // 2]


def with_far_tag(icc: bytes) -> bytes:
    """Return a profile whose first tag is said to be beyond its end."""
    return icc[:136] + struct.pack(">I", 900_000_000) + icc[140:]


def of_class(kind: bytes, icc: bytes) -> bytes:
    return icc[:12] + kind + icc[16:]


def huge(icc: bytes) -> bytes:
    """Return a profile of five million bytes."""
    size = 5_000_000
    return struct.pack(">I", size) + icc[4:] + bytes(size - len(icc))


def put_together(icc: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return a profile with the header of *icc* and other tags."""
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    return struct.pack(">I", 128 + len(table) + len(body)) + icc[4:128] + table + body


P3 = profiles.display_p3()
BROKEN = {
    "noise": noise(3000),
    "cut short": cut_short(profiles.cmyk()),
    "with a tag beyond its end": with_far_tag(P3),
    "of CMYK in RGB": profiles.cmyk(),
    "of grey in RGB": profiles.dark_grey(),
    "a link between devices": of_class(b"link", P3),
    "huge": huge(P3),
    "with a long description": put_together(P3, {**tags_of(P3), b"desc": b"desc" + bytes(31_000)}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_profile_that_is_not_sound_is_not_copied(name: str) -> None:
    data = picture(32, 32, Format.JPEG, icc=BROKEN[name])

    for rendition in render_all(data, [OWN]).renditions:
        assert profile(rendition.data) in {None, profiles.builtin("srgb")}


def test_bytes_behind_the_profile_are_not_copied() -> None:
    data = picture(32, 32, Format.PNG, icc=P3 + b"51.5 N 0.1 W")

    for rendition in render_all(data, [OWN]).renditions[:4]:
        assert told(profile(rendition.data)) == told(P3)
        assert b"51.5 N" not in (profile(rendition.data) or b"")


def test_tags_that_describe_no_colours_are_not_copied() -> None:
    """Makers' tags may say anything about anybody, and fill megabytes."""
    tags = {**tags_of(P3), b"priv": b"text\0\0\0\0Jane Doe, 51.5 N 0.1 W" + bytes(99_000)}
    data = picture(32, 32, Format.PNG, icc=put_together(P3, tags))

    for rendition in render_all(data, [OWN]).renditions[:4]:
        icc = profile(rendition.data)
        assert icc is not None
        assert told(icc) == told(P3)
        assert len(icc) < 2 * len(P3)


@pytest.mark.parametrize(
    "name", ["JPEG, CMYK with a profile", "PNG, grey with a profile", "PNG, Display P3"]
)
@pytest.mark.parametrize(
    "change",
    [
        replace(OWN, name="tilted", rotate=10, background="#ff8000"),
        replace(OWN, name="trimmed", trim=5),
        replace(OWN, name="drawn", width=60, height=40, fit=Fit.COVER, gravity=Gravity.ATTENTION),
        replace(OWN, name="detailed", width=60, height=40, fit=Fit.COVER, gravity=Gravity.ENTROPY),
        replace(OWN, name="rounded", width=60, blur=2, corner_radius=0.2),
        replace(OWN, name="hidden", regions=(HiddenRegion(width=0.5),)),
        replace(OWN, name="extended", extend=Extend(top=9), background="transparent"),
    ],
    ids=lambda preset: preset.name,
)
def test_operations_work_on_any_numbers(name: str, change: Preset) -> None:
    first = render_all(PROFILED[name](), [change]).renditions[0]

    assert opened(first.data).mode in {"CMYK", "L", "RGB"}
    assert says_the_same(first.data, profile(PROFILED[name]()))


@pytest.mark.parametrize("name", ["JPEG, CMYK", "JPEG, CMYK with a profile", "PNG, Display P3"])
def test_background_is_the_colour_that_the_preset_says(name: str) -> None:
    preset = Preset(
        name="p",
        colour_space=ColourSpace.ORIGINAL,
        extend=Extend(top=64),
        background="#b08050",
        formats=ENCODINGS[:1],
    )

    (rendition,) = render_all(PROFILED[name](), [preset]).renditions

    painted = opened(rendition.data).crop((0, 0, 192, 128))
    file = io.BytesIO()
    painted.save(file, "TIFF", icc_profile=profile(rendition.data))
    found = seen(file.getvalue(), ImageCms.Intent.RELATIVE_COLORIMETRIC)[:6]
    assert delta_e(found, lab(np.array([[0xB0, 0x80, 0x50]], float))).max() < LIMIT


def test_sixteen_bits_become_the_nearest_eight_of_the_same_numbers() -> None:
    data = PROFILED["TIFF, 16 bits, Adobe RGB"]()

    png = render_all(data, [OWN]).renditions[1]

    assert (np.asarray(opened(png.data)) == np.asarray(opened(charted(Format.PNG)))).all()
    assert says_the_same(png.data, profiles.adobe_rgb())


def test_animation_keeps_its_profile() -> None:
    first = opened(charted(Format.PNG))
    second = first.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    data = encode([first, second], Format.WEBP, icc=P3, lossless=True)

    webp = render_all(data, [OWN]).renditions[2]

    assert webp.frames == 2
    assert says_the_same(webp.data, P3)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("grayscale", True),
        ("brightness", 1.1),
        ("contrast", 1.1),
        ("saturation", 1.1),
        ("gamma", 1.1),
        ("tint", "#704214"),
        ("sharpen", 1),
        ("watermark", Watermark(text="A")),
        ("overlays", (Watermark(text="A"),)),
    ],
)
def test_settings_that_work_in_srgb_are_refused_beside_it(setting: str, value: object) -> None:
    preset = Preset(name="p", colour_space=ColourSpace.ORIGINAL, **{setting: value})  # type: ignore[arg-type]

    (found,) = violations(preset)

    assert found == (
        f'{setting}: cannot be combined with `colour_space = "original"`; remove one of them'
    )


def test_original_without_colours_of_its_own_is_as_in_srgb() -> None:
    data = original("PNG")
    plain = Preset(name="plain", formats=ENCODINGS[1:2])

    (_, own, *_, wanted) = render_all(data, [OWN, plain]).renditions

    assert own.data == wanted.data
