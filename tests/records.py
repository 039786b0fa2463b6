"""Records of one image in every status that it can have."""

from __future__ import annotations

import msgspec

from tintype.images import (
    Camera,
    Failure,
    Focus,
    Image,
    Original,
    Rendition,
    Source,
    Status,
    Timings,
)

ID = "01M7XPE600ABCDEFGHJKMNPQRS"
TICKET = Image(
    id=ID,
    version=1,
    status=Status.AWAITING_UPLOAD,
    filename="Café.png",
    source=Source.UPLOAD,
    original=Original(key=f"originals/{ID}/Cafe.png", content_type="image/png", bytes=9),
    created_at="2026-11-21T10:00:00.123Z",
    updated_at="2026-11-21T10:00:00.123Z",
    expires=1_795_342_500,
)
READY = msgspec.structs.replace(
    TICKET,
    version=3,
    status=Status.READY,
    original=Original(
        key=TICKET.original.key,
        content_type="image/png",
        format="png",
        width=8,
        height=6,
        bytes=99,
        sha256="0" * 64,
        frames=1,
        orientation=1,
        has_alpha=False,
        colour_space="srgb",
        hdr="pq",
        camera=Camera(make="Nikon", aperture=2.0, iso=200),
    ),
    focus=Focus(x=0.25, y=1.0),
    renditions=(
        Rendition(
            preset="thumb",
            format="webp",
            content_type="image/webp",
            width=2,
            height=2,
            bytes=34,
            key=f"{ID}/3f9a/thumb.webp",
            quality=66,
        ),
        Rendition(
            preset="processed",
            format="jpeg",
            content_type="image/jpeg",
            width=4,
            height=4,
            bytes=56,
            key=f"{ID}/3f9a/processed.jpg",
        ),
    ),
    placeholder="AAECAwQF",
    dominant_colour="#a1b2c3",
    removed=("GPS position",),
    timings=Timings(wait=12.0, read=5.1, render=210.3, write=20.0),
    revision="3f9a",
    presets_revision="presets",
    expires=None,
)
FAILED = msgspec.structs.replace(
    TICKET, version=5, status=Status.FAILED, failure=Failure("not_an_image", "not an image")
)
PROCESSING = msgspec.structs.replace(READY, version=2, status=Status.PROCESSING, renditions=())
DELETED = msgspec.structs.replace(TICKET, version=7, status=Status.DELETED, filename="")
