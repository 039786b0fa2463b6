"""The privacy receipt names what lies beside a picture, and the AI label stays where a preset asks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import partial
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from tests.pictures import original, picture, ultra_hdr, xmp_packet
from tests.wire import (
    box,
    full_box,
    jpeg_insert,
    jpeg_segment,
    png_chunk,
    png_insert,
    riff,
    riff_chunk,
    riff_chunks,
)
from tintype.imaging import ColourSpace, Encoding, Format, Limits, Preset, describe, render_all
from tintype.imaging.attachments import attached
from tintype.imaging.formats import RENDERED_FORMATS
from tintype.imaging.metadata import read_metadata
from tintype.imaging.original import open_original

AI = "trainedAlgorithmicMedia"
SOURCE_TYPE = f"http://cv.iptc.org/newscodes/digitalsourcetype/{AI}"
C2PA = b"jumb\0c2pa.actions.v2\0digitalSourceTypexF" + SOURCE_TYPE.encode() + b"\0hide-claim"
C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
FILM = box(b"ftyp", b"mp42\0\0\0\0isom") + box(
    b"moov", b"\0\0\0\x1e\xa9xyz\0\x12\x15\xc7+12.3456+065.4321/"
)
ENCODINGS = tuple(Encoding(format=one) for one in RENDERED_FORMATS)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    data = picture(file_format=Format.PNG)
    return png_insert(data, *(png_chunk(kind, content) for kind, content in chunks))


def webp_with_credentials() -> bytes:
    data = picture(file_format=Format.WEBP)
    return riff(*(riff_chunk(*chunk) for chunk in riff_chunks(data)), riff_chunk(b"C2PA", C2PA))


def labelled(file_format: Format) -> bytes:
    attribute = f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}" dc:creator="hide-creator"'
    spaces = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    return picture(file_format=file_format, xmp=xmp_packet(spaces + attribute))


jpeg_c2pa = partial(jpeg_segment, 0xEB, b"JP\0\1\0\0\0\1" + C2PA)

ATTACHED: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "comment of a JPEG": (
        lambda: jpeg_insert(picture(), jpeg_segment(0xFE, b"hide-comment")),
        {"comment"},
    ),
    "film of a motion photo": (lambda: picture() + FILM, {"video", "GPS position"}),
    "film of a progressive one": (
        lambda: picture(progressive=True) + FILM,
        {"video", "GPS position"},
    ),
    "film without end marker": (lambda: picture().removesuffix(b"\xff\xd9") + FILM, {"video"}),
    "gain map": (ultra_hdr, {"gain map"}),
    "gain map and another picture": (
        lambda: ultra_hdr() + bytes(4) + picture(),
        {"gain map", "further picture"},
    ),
    "second picture": (lambda: picture() + picture(), {"further picture"}),
    "notes behind a JPEG": (lambda: picture() + b"hide-" * 9, {"data after the picture"}),
    "credentials of a JPEG": (
        lambda: jpeg_insert(picture(), jpeg_c2pa()),
        {"content credentials (C2PA)"},
    ),
    "texts of a PNG": (
        lambda: png(
            (b"tEXt", b"Author\0hide-author"),
            (b"tEXt", b"parameters\0hide-prompt"),
            (b"iTXt", b"hide-key\0\0\0\0\0hide-text"),
            (b"tEXt", b"Software\0editor"),
        ),
        {"author name", "AI prompt", "text"},
    ),
    "credentials of a PNG": (lambda: png((b"caBX", C2PA)), {"content credentials (C2PA)"}),
    "credentials of a WebP": (webp_with_credentials, {"content credentials (C2PA)"}),
    "credentials of an AVIF": (
        lambda: original("AVIF") + box(b"uuid", C2PA_BOX, bytes(4), b"manifest\0", C2PA),
        {"content credentials (C2PA)"},
    ),
    "comment of a GIF": (
        lambda: original("GIF")[:-1] + b"\x21\xfe\x0chide-comment\0;",
        {"comment"},
    ),
    "film of a HEIC": (lambda: original("HEIC") + box(b"mpvd", FILM), {"video"}),
    "AI label of a JPEG": (
        partial(labelled, Format.JPEG),
        {"AI label (digital source type)", "artist name"},
    ),
}


@pytest.mark.parametrize("what", ATTACHED)
def test_receipt_names_what_is_attached_and_no_rendition_has_it(what: str) -> None:
    build, names = ATTACHED[what]

    result = render_all(build(), [Preset(name="p", formats=ENCODINGS)])

    assert result.description is not None
    assert names == set(result.description.removed)
    private = re.compile(rb"hide-|c2pa|ftypmp4|12\.3456|hdrgm|digitalsourcetype")
    assert [one.format for one in result.renditions if private.search(one.data)] == []


def test_pictures_beside_that_of_a_heic_are_named() -> None:
    kinds = b"thmb\0urn:com:apple:photo:2020:aux:hdrgainmap\0urn:mpeg:hevc:2015:auxid:2\0"
    data = original("HEIC") + full_box(b"meta", box(b"auxC", kinds))

    assert attached(data, Format.HEIC).names == {"embedded thumbnail", "gain map", "depth map"}
    derived = original("AVIF") + full_box(b"meta", full_box(b"infe", b"\0\2\0\0tmap"))
    assert attached(derived, Format.AVIF).names == {"gain map"}


@pytest.mark.parametrize(
    "name", ["JPEG", "JPEG, progressive", "PNG", "WebP", "GIF", "AVIF", "HEIC"]
)
def test_receipt_of_a_plain_original_is_empty(name: str) -> None:
    assert describe(original(name)).removed == ()
    assert describe(original(name) + bytes(40)).removed == ()


def test_a_repaired_original_is_described_as_it_was_sent() -> None:
    data = picture().removesuffix(b"\xff\xd9")

    assert describe(data).bytes == len(data)


WITH_XMP = [one for one in RENDERED_FORMATS if one is not Format.GIF]
LABELLED: dict[str, Callable[[], bytes]] = {
    "XMP of a JPEG": partial(labelled, Format.JPEG),
    "XMP of a PNG": partial(labelled, Format.PNG),
    "credentials of a JPEG": lambda: jpeg_insert(picture(), jpeg_c2pa()),
    "credentials of a PNG": lambda: png((b"caBX", C2PA)),
}


@pytest.mark.parametrize("target", WITH_XMP)
@pytest.mark.parametrize("source", LABELLED)
def test_the_ai_label_stays_where_a_preset_asks_and_nothing_else(
    source: str, target: Format
) -> None:
    preset = Preset(name="p", keep_ai_label=True, formats=(Encoding(format=target),))

    (rendition,) = render_all(LABELLED[source](), [preset], describe=False).renditions

    (described,) = ET.fromstring(xmp_of(rendition.data))[0]  # noqa: S314 - our own
    about = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
    name = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    assert described.attrib == {about: "", name: SOURCE_TYPE}
    assert len(described) == 0
    assert b"hide-" not in rendition.data


@pytest.mark.parametrize("target", WITH_XMP)
def test_the_ai_label_is_gone_without_that_setting(target: Format) -> None:
    preset = Preset(name="p", formats=(Encoding(format=target),))

    (rendition,) = render_all(labelled(Format.JPEG), [preset], describe=False).renditions

    assert b"digitalsourcetype" not in rendition.data


def test_the_ai_label_and_a_wide_gamut_and_the_copyright_are_kept_together() -> None:
    preset = Preset(
        name="p",
        keep_ai_label=True,
        keep_copyright=True,
        colour_space=ColourSpace.P3,
        formats=(Encoding(format=Format.WEBP),),
    )

    (rendition,) = render_all(labelled(Format.JPEG), [preset], describe=False).renditions

    assert SOURCE_TYPE in xmp_of(rendition.data)
    assert "icc_profile" in Image.open(io.BytesIO(rendition.data)).info


def test_the_ai_label_is_the_picture_s_own_not_that_of_what_it_was_made_from() -> None:
    """A manifest has those of its ingredients before its own."""
    captured = C2PA.replace(AI.encode(), b"digitalCapture")
    ingredients = partial(jpeg_segment, 0xEB, b"JP\0\1\0\0\0\1" + captured + C2PA)
    preset = Preset(name="p", keep_ai_label=True)

    data = jpeg_insert(picture(), ingredients())
    (rendition,) = render_all(data, [preset], describe=False).renditions

    assert SOURCE_TYPE in xmp_of(rendition.data)


def test_only_names_of_the_vocabulary_s_form_are_kept() -> None:
    foreign = xmp_packet('x:DigitalSourceType="http://example.com/hide-me"')
    preset = Preset(name="p", keep_ai_label=True)

    (rendition,) = render_all(picture(xmp=foreign), [preset], describe=False).renditions

    assert b"hide-me" not in rendition.data
    assert b"xpacket" not in rendition.data


def xmp_of(data: bytes) -> str:
    """Return the XMP packet as Pillow finds it."""
    info = Image.open(io.BytesIO(data)).info
    packet = info.get("xmp") or info["XML:com.adobe.xmp"]
    return packet if isinstance(packet, str) else packet.decode()


@pytest.mark.parametrize(("names_behind", "found"), [(900, AI), (1_100, None)])
def test_of_many_names_of_the_ai_label_without_a_value_the_last_thousand_are_looked_at(
    names_behind: int, found: str | None
) -> None:
    credentials = C2PA + b"DigitalSourceType" * names_behind
    chunks = [*riff_chunks(original("WebP")), (b"C2PA", credentials)]
    data = riff(*(riff_chunk(*chunk) for chunk in chunks))

    assert read_metadata(open_original(data, Limits())).source_type == found
