"""The container of an Ultra HDR JPEG: a picture and its gain map, a second JPEG behind it.

Start with `with_gain_map`. libvips can write one too, but only around a picture by its own encoder at
its defaults. What the map means is said twice: in XMP, as Ultra HDR 1.0 and Android 14 read it, and
as in ISO 21496-1, annex C. CIPA DC-007 (MPF) says where the second JPEG is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tintype.imaging.gain_map import Boost, Channels, GainMap
from tintype.imaging.vips import save

_APP1, _APP2, _APPS = 0xE1, 0xE2, range(0xE0, 0xF0)
_XMP, _ISO = b"http://ns.adobe.com/xap/1.0/\0", b"urn:iso:std:iso:ts:21496:-1\0"
_MAP_QUALITY = 90  # its values are exponents: an error of 2 in 255 is about 2 % of the light
_DENOMINATOR = 1 << 20
_OWN_COLOUR_SPACE, _COLOURED = 0x40, 0x80
_MPF_BYTES = 90  # of the whole segment, with its marker
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</rdf:RDF></x:xmpmeta>'
    '<?xpacket end="r"?>'
)
_DIRECTORY = (
    '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
    ' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" hdrgm:Version="1.0">'
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item'
    ' Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource">'
    '<Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{}"/></rdf:li>'
    "</rdf:Seq></Container:Directory></rdf:Description>"
)
_MEANING = (
    '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
    ' hdrgm:Version="1.0" hdrgm:HDRCapacityMin="{:.6f}" hdrgm:HDRCapacityMax="{:.6f}"'
    ' hdrgm:BaseRenditionIsHDR="False"{}>{}</rdf:Description>'
)


def with_gain_map(picture: bytes, gain_map: GainMap) -> bytes:
    """Return the JPEG *picture* with *gain_map*; its own bytes are kept, and its XMP is extended."""
    second = _second(gain_map)
    segments, end = _headers(picture)
    directory = _DIRECTORY.format(len(second)).encode()
    own = [one for one in segments if one[4:].startswith(_XMP)]
    packet = own[0][4 + len(_XMP) :] if own else _PACKET.format("").encode()
    head, tag, tail = packet.rpartition(b"</rdf:RDF>")
    parts = [picture[:2], *(one for one in segments if one not in own)]
    parts.append(_segment(_APP1, _XMP + head + directory + tag + tail))
    parts.append(_segment(_APP2, _ISO + bytes(4)))  # versions only: the rest is with the map
    before, rest = b"".join(parts), picture[end:]
    first = len(before) + _MPF_BYTES + len(rest)
    return before + _multi_picture(len(before), first, len(second)) + rest + second


def _second(gain_map: GainMap) -> bytes:
    """Return the map as a JPEG that says what it means, and nothing else."""
    written = save(
        "jpegsave_buffer",
        gain_map.image,
        Q=_MAP_QUALITY,
        optimize_coding=True,
        subsample_mode="off",
        keep="none",
    )
    segments, end = _headers(written)
    coloured = gain_map.image.bands > 1
    xmp = _segment(_APP1, _XMP + _xmp(gain_map.boost))
    iso = _segment(_APP2, _ISO + _iso(gain_map.boost, coloured=coloured))
    return b"".join([written[:2], *segments, xmp, iso, written[end:]])


def _xmp(boost: Boost) -> bytes:
    attributes, elements = "", ""
    for name, values in (
        ("GainMapMin", boost.least),
        ("GainMapMax", boost.most),
        ("Gamma", boost.gamma),
        ("OffsetSDR", boost.offset_sdr),
        ("OffsetHDR", boost.offset_hdr),
    ):
        if len(set(values)) == 1:
            attributes += f' hdrgm:{name}="{values[0]:.6f}"'
        else:
            items = "".join(f"<rdf:li>{value:.6f}</rdf:li>" for value in values)
            elements += f"<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>"
    capacities = boost.capacity_min, boost.capacity_max
    return _PACKET.format(_MEANING.format(*capacities, attributes, elements)).encode()


def _iso(boost: Boost, *, coloured: bool) -> bytes:
    flags = _OWN_COLOUR_SPACE | (_COLOURED if coloured else 0)
    numbers = [boost.capacity_min, boost.capacity_max]
    for channel in range(3 if coloured else 1):
        numbers += [values[channel] for values in _in_order(boost)]
    pairs = b"".join(struct.pack(">iI", *_fraction(number)) for number in numbers)
    return struct.pack(">HHB", 0, 0, flags) + pairs


def _in_order(boost: Boost) -> tuple[Channels, ...]:
    return boost.least, boost.most, boost.gamma, boost.offset_sdr, boost.offset_hdr


def _fraction(number: float) -> tuple[int, int]:
    return round(number * _DENOMINATOR), _DENOMINATOR


def _multi_picture(start: int, first: int, second: int) -> bytes:
    """Return the segment at *start* that says: two JPEGs of so many bytes, one behind the other."""
    offset = first - start - 8  # counted from the header inside the segment
    entries = struct.pack(">IIIHH", 0x20030000, first, 0, 0, 0)
    entries += struct.pack(">IIIHH", 0, second, offset, 0, 0)
    directory = struct.pack(">HHHI4s", 3, 0xB000, 7, 4, b"0100")
    directory += struct.pack(">HHIIHHIII", 0xB001, 4, 1, 2, 0xB002, 7, len(entries), 50, 0)
    return _segment(_APP2, b"MPF\0MM\0*" + struct.pack(">I", 8) + directory + entries)


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def _headers(picture: bytes) -> tuple[list[bytes], int]:
    """Return the application segments that a JPEG begins with, and where they end."""
    segments = list(_applications(picture))
    return segments, 2 + sum(len(segment) for segment in segments)


def _applications(picture: bytes) -> Iterator[bytes]:
    position = 2
    while picture[position + 1] in _APPS:
        length = 2 + int.from_bytes(picture[position + 2 : position + 4], "big")
        yield picture[position : position + length]
        position += length
