"""With `hdr`, a JPEG holds its original's gain map and says so, as libultrahdr and Chromium read it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, MpoImagePlugin

from tests.gain_maps import STOPS, Read, hdr_places, jpeg, patches, places, rendered
from tests.pictures import encode, gain_map_xmp, original, picture, with_gain_map, xmp_packet
from tests.web.browser import running_chromium
from tests.wire import jpeg_segment, jpeg_segments
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Fit,
    Format,
    Gravity,
    Preset,
    Watermark,
    render_all,
    violations,
)


def test_sdr_picture_is_the_same_to_the_byte_for_a_fifth_more_bytes() -> None:
    photograph = Image.open(io.BytesIO(original("JPEG"))).convert("RGB")
    gain = encode(
        [photograph.convert("L").resize((60, 40))], Format.JPEG, xmp=gain_map_xmp(GainMapMax=2.3)
    )
    data = with_gain_map(jpeg(np.asarray(photograph)), gain)

    (plain,) = render_all(data, [Preset(name="p")]).renditions
    kept = rendered(data)

    scan = plain.data[jpeg_segments(plain.data)[-1].start :]
    assert scan in kept.data
    assert not plain.gain_map
    assert len(kept.data) - len(plain.data) < 0.2 * len(plain.data) + 3_000


def two_pictures(data: bytes) -> tuple[bytes, bytes]:
    """Return both JPEGs of a file, as Pillow finds them by CIPA DC-007."""
    # Not `Image.open`, which shows only the first of Ultra HDR.
    with MpoImagePlugin.MpoImageFile(io.BytesIO(data)) as image:
        assert image.n_frames == 2
        assert image.mpinfo is not None
        second = image.mpinfo[0xB002][1]
    start = second["DataOffset"] + data.index(b"MPF\0") + 4
    return data[:start], data[start : start + second["Size"]]


def test_second_picture_is_found_by_its_length_and_offset() -> None:
    file = rendered(hdr_places(), width=160, keep_copyright=True)

    first, second = two_pictures(file.data)

    assert first + second == file.data
    assert second == Read(file.data).map_file


def without_iso(data: bytes) -> bytes:
    kept = [data[:2]]
    for segment in jpeg_segments(data)[:-1]:
        part = data[segment.start : segment.end]
        kept.append(b"" if b"ts:21496" in part else part)
    return b"".join([*kept, data[jpeg_segments(data)[-1].start :]])


def test_xmp_and_iso_metadata_say_the_same() -> None:
    numbers = {"GainMapMin": -0.5, "GainMapMax": 2.5, "Gamma": 0.8, "OffsetSDR": 0.02}
    file = rendered(patches(0, 2, xmp=gain_map_xmp(**numbers, OffsetHDR=0.01, HDRCapacityMax=2.2)))

    pair = [without_iso(part) for part in two_pictures(file.data)]
    by_iso, by_xmp = Read(file.data), Read(b"".join(pair))

    assert b"ts:21496" not in b"".join(pair)
    for name, values in by_iso.numbers.items():
        assert by_xmp.numbers[name] == pytest.approx(values, rel=1e-4)
    assert by_iso.numbers["gamma"] == pytest.approx(0.8)
    assert np.log2(by_iso.numbers["hdr-capacity-max"]) == pytest.approx(2.2)
    assert by_iso.numbers["offset-hdr"] == pytest.approx(0.01, rel=1e-4)


def test_nothing_private_of_the_map_is_kept() -> None:
    private = Image.Exif()
    private[0x013B] = "hide-artist"
    private.get_ifd(0x8825)[1] = "N"
    gain = encode(
        [Image.new("L", (80, 60), 99)],
        Format.JPEG,
        exif=private,
        xmp=gain_map_xmp(GainMapMax=2.0).replace(
            b"hdrgm:Version", b'dc:creator="hide-me" hdrgm:Version'
        ),
        comment=b"hide-comment",
        icc=b"hide-profile" * 20,
    )
    gain = gain[:2] + jpeg_segment(0xED, b"Photoshop 3.0\0hide-iptc") + gain[2:]
    data = with_gain_map(jpeg(places(320, 240)), gain) + b"hide-trailer" * 9

    file = rendered(data, keep_copyright=True)

    assert file.gain_map
    assert b"hide-" in data
    assert b"hide-" not in file.data
    markers = [segment.marker for segment in jpeg_segments(two_pictures(file.data)[1])]
    assert [marker for marker in markers if marker >= 0xE0] == [0xE1, 0xE2]  # what it means


def test_copyright_and_ai_label_are_kept_beside_the_map() -> None:
    exif = Image.Exif()
    exif[0x8298] = "Kept"
    label = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    xmp = xmp_packet(
        f'hdrgm:Version="1.0" xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:DigitalSourceType="{label}"'
    )
    gain = encode([Image.new("L", (80, 60), 99)], Format.JPEG, xmp=gain_map_xmp(GainMapMax=2.0))
    data = with_gain_map(jpeg(places(320, 240), exif=exif, xmp=xmp), gain)

    file = rendered(data, keep_copyright=True, keep_ai_label=True, colour_space=ColourSpace.P3)

    first, _ = two_pictures(file.data)
    segments = [first[one.start : one.end] for one in jpeg_segments(first)]
    packets = [one for one in segments if b"http://ns.adobe.com/xap/1.0/" in one]
    assert len(packets) == 1
    assert b"trainedAlgorithmicMedia" in packets[0]
    assert b"hdrgm:Version" in packets[0]
    with Image.open(io.BytesIO(file.data)) as image:
        assert image.getexif()[0x8298] == "Kept"
        assert image.info["icc_profile"]
        assert "trainedAlgorithmicMedia" in str(image.getxmp())
    assert Read(file.data).stops.mean() == pytest.approx(2 * 99 / 255, abs=0.02)


def test_only_jpegs_hold_it_and_the_file_says_so() -> None:
    formats = tuple(Encoding(format=one) for one in (Format.AVIF, Format.WEBP, Format.JPEG))

    files = render_all(
        hdr_places(), [Preset(name="p", hdr=True, width=64, formats=formats)]
    ).renditions

    assert [file.gain_map for file in files] == [False, False, True]


def test_most_bytes_count_the_map() -> None:
    most = len(rendered(hdr_places()).data) * 2 // 3

    file = rendered(hdr_places(), formats=(Encoding(format=Format.JPEG, max_bytes=most),))

    assert len(file.data) <= most
    assert file.gain_map


def _numbers(**numbers: float) -> Callable[[], bytes]:
    return lambda: patches(1, 2, xmp=gain_map_xmp(**{"GainMapMax": 2.0, **numbers}))


def _cut_map() -> bytes:
    data = patches(1, 2)
    return data[:-200]


def _huge_map() -> bytes:
    gain = encode([Image.new("L", (900, 900))], Format.JPEG, xmp=gain_map_xmp(GainMapMax=2.0))
    return with_gain_map(jpeg(places(320, 240)), gain)


def _cmyk_map() -> bytes:
    gain = encode([Image.new("CMYK", (80, 60))], Format.JPEG, xmp=gain_map_xmp(GainMapMax=2.0))
    return with_gain_map(jpeg(places(320, 240)), gain)


@pytest.mark.parametrize(
    "make",
    [
        lambda: picture(320, 240),
        lambda: picture(320, 240, Format.PNG),
        lambda: jpeg(places(320, 240)),
        _numbers(Gamma=0.0),
        _numbers(GainMapMin=3.0),
        _numbers(GainMapMax=99.0),
        _numbers(HDRCapacityMax=0.0),
        _numbers(Gamma=float("nan")),
        _cut_map,
        _huge_map,
        _cmyk_map,
    ],
    ids=[
        *("none", "PNG", "named only", "gamma 0", "min over max", "99 stops", "no capacity"),
        *("not a number", "truncated", "larger than its picture", "CMYK"),
    ],
)
def test_without_a_map_that_can_be_used_the_rendition_is_plain(make: Callable[[], bytes]) -> None:
    data = make()

    file = rendered(data)

    (plain,) = render_all(data, [Preset(name="p")]).renditions
    assert file == plain
    assert not file.gain_map


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        (
            {"formats": (Encoding(format=Format.AVIF),)},
            ["hdr: only jpeg holds a gain map; add it to formats"],
        ),
        (
            {"contrast": 1.2, "grayscale": True},
            [
                "grayscale: cannot be combined with hdr; remove one of them",
                "contrast: cannot be combined with hdr; remove one of them",
            ],
        ),
    ],
    ids=["JPEG", "AVIF", "tones"],
)
def test_preset_is_refused_where_a_map_cannot_be_or_would_be_wrong(
    settings: dict[str, Any], expected: list[str]
) -> None:
    assert violations(Preset(name="p", hdr=True, **settings)) == expected


IN_CHROMIUM = """async ([files, headroom]) => {
  const found = [];
  for (const [data, points] of files) {
    const image = new Image();
    image.src = `data:image/jpeg;base64,${data}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'),
      { width: image.width, height: image.height });
    const pen = canvas.getContext('2d', { colorType: 'float16', colorSpace: 'srgb-linear' });
    pen.globalHDRHeadroom = headroom;
    pen.drawImage(image, 0, 0);
    found.push(points.map(([x, y]) =>
      [...pen.getImageData(x, y, 1, 1, { pixelFormat: 'rgba-float16' }).data].slice(0, 3)));
  }
  return found;
}"""


def test_chromium_shows_the_same_light() -> None:
    mark = Watermark(image=picture(64, 64, Format.PNG), opacity=1, gravity=Gravity.NORTH_WEST)
    files = {
        "grey": rendered(patches(0, 3, 1.5, 1.5), width=128),
        "coloured, turned": rendered(hdr_places(orientation=6), width=160),
        "cropped": rendered(hdr_places(), width=90, height=90, fit=Fit.COVER, flop=True),
        "marked": rendered(patches(3, 3), watermark=mark, width=100),
    }
    points = [(x, y) for x in (16, 48, 80) for y in (20, 50)]
    asked = [(base64.b64encode(file.data).decode(), points) for file in files.values()]

    with running_chromium("--enable-experimental-web-platform-features") as browser:
        page = browser.new_page()
        sdr = page.evaluate(IN_CHROMIUM, [asked, 0])
        hdr = page.evaluate(IN_CHROMIUM, [asked, STOPS])

    for file, dark, bright in zip(files.values(), sdr, hdr, strict=True):
        stops = Read(file.data).stops
        for (x, y), before, after in zip(points, dark, bright, strict=True):
            ratio = np.log2(np.array(after) / np.array(before))
            assert ratio == pytest.approx(stops[y, x], abs=0.1)
