"""Metadata: what the camera recorded, and which of it is private.

None of it reaches a rendition unless a preset keeps the copyright; `removed` lists the private
parts that the picture had. The tags are defined in EXIF 2.32 and the XMP specification, part 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tintype.imaging.attachments import ADOBE_GAIN_MAP, CREDENTIALS, GAIN_MAP, attached
from tintype.imaging.decoder_errors import quiet
from tintype.imaging.original import CheckedOriginal

if TYPE_CHECKING:
    from PIL.Image import Exif

# Directories, by Pillow's numbers.
_EXIF_IFD, _GPS_IFD, _THUMBNAIL_IFD = 0x8769, 0x8825, -1
_ARTIST, _COPYRIGHT = 0x013B, 0x8298
_XMP, _IPTC, _CREDENTIALS = 0x02BC, 0x83BB, 0xCD41  # of a TIFF, and so of camera raw

SOURCE_TYPE = "AI label (digital source type)"

# EXIF tags with private content, and our names for it.
_PRIVATE_TAGS = {
    0x010E: "description",
    0x013C: "computer name",
    _ARTIST: "artist name",
    0x9286: "comment",
    0x927C: "maker note",
    0x9C9B: "title",
    0x9C9C: "comment",
    0x9C9D: "author name",
    0x9C9E: "keywords",
    0xA420: "unique image number",
    0xA430: "owner name",
    0xA431: "camera serial number",
    0xA435: "lens serial number",
    0xA436: "title",  # and the photographer: EXIF 3.0
    0xA437: "author name",
    # DNG 1.7: Adobe's converter moves the maker note, and can put the whole original into the file.
    0xC62F: "camera serial number",
    0xC634: "maker note",
    0xC65D: "unique image number",
    0xC68B: "file name",
    0xC68C: "further picture",
    _CREDENTIALS: CREDENTIALS,
    _IPTC: "IPTC record",
    _COPYRIGHT: "copyright",
}
_PRIVATE_XMP = {
    b"GPSLatitude": "GPS position",
    b"GPSLongitude": "GPS position",
    b":SerialNumber": "camera serial number",
    b":LensSerialNumber": "lens serial number",
    b"OwnerName": "owner name",
    b"photoshop:City": "place name",
    b"Iptc4xmpCore:Location": "place name",
    b"mwg-rs:Regions": "faces",
    b"xmpMM:History": "editing history",
    b"xmpMM:DocumentID": "document number",
    b"dc:creator": "artist name",
    b"dc:rights": "copyright",
    ADOBE_GAIN_MAP: GAIN_MAP,
    b"DigitalSourceType": SOURCE_TYPE,
}
# The property of the IPTC photo metadata standard 2025.1 and its vocabulary: the last part of the
# value, such as `trainedAlgorithmicMedia`. C2PA manifests have the same.
_SOURCE_TYPE = re.compile(
    rb".{0,80}?//cv\.iptc\.org/newscodes/digitalsourcetype/([A-Za-z]{1,60})",
    re.DOTALL | re.IGNORECASE,
)
_SOURCE_TYPE_NAME, _MOST_SOURCE_TYPES = b"igitalSourceType", 1_000  # that are looked at
_LABEL = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType='
    '"http://cv.iptc.org/newscodes/digitalsourcetype/{name}"/></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="r"?>'
)


@dataclass(frozen=True, slots=True)
class CameraMetadata:
    """The camera and its settings.

    `exposure_seconds` is a fraction such as `1/250`; `taken_at` is ISO 8601, with the offset from
    UTC if the camera recorded it.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_seconds: str | None = None
    aperture: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    taken_at: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of an original that we publish, and the names of what we remove.

    `source_type` is IPTC's word for how the picture was made, such as `trainedAlgorithmicMedia`.
    """

    camera: CameraMetadata | None
    artist: str | None
    copyright: str | None
    source_type: str | None
    removed: tuple[str, ...]


_TINIEST = 1e-6  # in any unit: smaller values are invalid, as are values above its inverse

NO_METADATA = Metadata(camera=None, artist=None, copyright=None, source_type=None, removed=())


def read_metadata(original: CheckedOriginal) -> Metadata:
    """Read the metadata blocks of an original, ignoring broken ones."""
    tags, inner = _exif_tags(original.exif), _exif_tags(original.inner_exif)
    beside = attached(original.file, original.kind)
    xmp = (original.xmp or b"") + _content(tags.get(_XMP))
    found = [*_private_exif(tags), *_private_exif(inner), *_private_xmp(xmp), *beside.names]
    tags = {**inner, **tags}
    credentials = beside.credentials + _content(tags.get(_CREDENTIALS))
    if original.iptc:
        found.append("IPTC record")
    return Metadata(
        camera=_camera(tags),
        artist=_text(tags.get(_ARTIST)),
        copyright=_text(tags.get(_COPYRIGHT)),
        source_type=_source_type(xmp) or _source_type(credentials),
        removed=tuple(sorted(set(found))),
    )


def maker_note(exif: bytes | None) -> bytes:
    """Return what the camera's maker keeps in EXIF, in a form of its own; empty if there is none."""
    note = _exif_tags(exif).get(0x927C)
    return note if isinstance(note, bytes) else b""


def write_copyright(metadata: Metadata) -> bytes | None:
    """Return an EXIF block with only the artist and the copyright, or None without either."""
    if metadata.artist is None and metadata.copyright is None:
        return None
    from PIL import Image  # noqa: PLC0415 - see below

    block = Image.Exif()
    for tag, text in ((_ARTIST, metadata.artist), (_COPYRIGHT, metadata.copyright)):
        if text is not None:
            block[tag] = text
    return block.tobytes()


def write_ai_label(metadata: Metadata) -> bytes | None:
    """Return an XMP packet with only the digital source type, or None if there is none."""
    name = metadata.source_type
    return None if name is None else _LABEL.format(name=name).encode()


def _content(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _source_type(content: bytes) -> str | None:
    """Return the last digital source type, which in a C2PA manifest is the picture's own."""
    end = len(content)
    for _ in range(_MOST_SOURCE_TYPES):
        end = content.rfind(_SOURCE_TYPE_NAME, 0, end)
        if end < 0:
            break
        if found := _SOURCE_TYPE.match(content, end + len(_SOURCE_TYPE_NAME)):
            return found[1].decode()
    return None


def _exif_tags(exif: bytes | None) -> dict[int, Any]:
    """Return the tags of the image and EXIF directories; those of the GPS one under its number."""
    if not exif:
        return {}
    from PIL import Image  # noqa: PLC0415 - 18 ms to import, only for originals with EXIF

    block = Image.Exif()
    try:
        with quiet():
            block.load(exif)
            tags = {**dict(block), **block.get_ifd(_EXIF_IFD)}
            tags[_GPS_IFD] = _directory(block, _GPS_IFD)
            tags[_THUMBNAIL_IFD] = _directory(block, _THUMBNAIL_IFD)
    except Exception:  # noqa: BLE001 - Pillow's parser may raise anything on a broken block
        return {}
    return tags


def _directory(block: Exif, number: int) -> dict[int, Any]:
    return dict(block.get_ifd(number))


def _private_exif(tags: Mapping[int, Any]) -> list[str]:
    found = [name for tag, name in _PRIVATE_TAGS.items() if tags.get(tag)]
    if any(tags.get(_GPS_IFD, {}).get(tag) for tag in (1, 2, 3, 4)):
        found.append("GPS position")
    if tags.get(_THUMBNAIL_IFD):
        found.append("embedded thumbnail")
    return found


def _private_xmp(xmp: bytes) -> list[str]:
    return [name for sign, name in _PRIVATE_XMP.items() if sign in xmp]


def _camera(tags: Mapping[int, Any]) -> CameraMetadata | None:
    camera = CameraMetadata(
        make=_text(tags.get(0x010F)),
        model=_text(tags.get(0x0110)),
        lens=_text(tags.get(0xA434)),
        exposure_seconds=_fraction(tags.get(0x829A)),
        aperture=_rounded(tags.get(0x829D)),
        iso=_whole(tags.get(0x8827)),
        focal_length_mm=_rounded(tags.get(0x920A)),
        taken_at=_moment(tags.get(0x9003), tags.get(0x9011)),
    )
    return None if camera == CameraMetadata() else camera


def _text(value: object) -> str | None:
    """Return the printable part of a text tag, at most 200 characters."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    return "".join(sign for sign in value if sign.isprintable()).strip()[:200] or None


def _positive(value: object) -> float | None:
    """Return a rational or a number as a float, or None if it is neither or not positive."""
    try:
        number = float(value)  # type: ignore[arg-type] # of any type, to be checked here
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if _TINIEST < number < 1 / _TINIEST else None


def _rounded(value: object) -> float | None:
    number = _positive(value)
    return None if number is None else round(number, 2)


def _whole(value: object) -> int | None:
    number = _positive(value[0] if isinstance(value, tuple) and value else value)
    return None if number is None else round(number)


def _fraction(value: object) -> str | None:
    """Return an exposure as cameras show it.

    >>> _fraction(0.004), _fraction(2.5)
    ('1/250', '2.5')
    """
    number = _positive(value)
    if number is None:
        return None
    return f"1/{round(1 / number)}" if number < 0.5 else f"{number:g}"  # noqa: PLR2004


def _moment(value: object, offset: object) -> str | None:
    """Return EXIF's `2024:05:01 12:30:00` as ISO 8601.

    >>> _moment("2024:05:01 12:30:00", "+02:00")
    '2024-05-01T12:30:00+02:00'
    """
    from datetime import datetime  # noqa: PLC0415 - 2 ms, only for originals with EXIF

    text = f"{_text(value) or ''}{_text(offset) or ''}"
    for layout in ("%Y:%m:%d %H:%M:%S%z", "%Y:%m:%d %H:%M:%S"):
        try:
            return datetime.strptime(text, layout).isoformat()  # noqa: DTZ007 - EXIF often has none
        except ValueError:
            continue
    return None
