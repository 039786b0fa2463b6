"""What may lie in the place of a manifest when somebody else has put it there, by what is wrong with it."""

from __future__ import annotations

import msgspec

from tests.records import READY
from tintype.images import Manifest, Origin, encode
from tintype.processing.manifests import MOST_BYTES

_ORIGIN = Origin(bucket="originals", key=READY.original.key, etag='"1"', sequencer="01")


def foreign_manifests(image_id: str) -> dict[str, bytes]:
    """Return objects that are no manifest of an image."""
    image = msgspec.structs.replace(READY, id=image_id)
    good = encode(Manifest(image=image, origin=_ORIGIN))
    return {
        "empty": b"",
        "not JSON": b"hello",
        "cut off": good[:-9],
        "deeply nested": b'{"image":' * 100_000,
        "deeply nested beside": b'{"more":' + b"[" * 100_000 + b"]" * 100_000 + b"," + good[1:],
        "not UTF-8": good.replace(b"Caf", b"\xff\xfe\x00"),
        "half a pair": good.replace(b"Caf", rb"\ud800"),
        "a list": b"[]",
        "of a wrong shape": b'{"image": {"id": 7}, "origin": null}',
        "of a future schema": good.replace(b'"READY"', b'"QUARANTINED"'),
        "of another image": encode(Manifest(image=READY, origin=_ORIGIN)),
        "huge": good + b" " * MOST_BYTES,
    }


KINDS = tuple(foreign_manifests("0" * 26))
