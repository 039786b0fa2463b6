"""What the canary expects of its delivery address: a picture of that width, which is made once.

Pure. The address is one that `tintype.delivery.url` or the API writes.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from tintype.doctor.canary_image import HEIGHT, WIDTH
from tintype.doctor.http import Reply, StepFailedError

CONTENT_TYPE = "image/avif"
ACCEPT = {"accept": "image/avif,image/webp,image/*,*/*;q=0.8"}  # as browsers have it that know AVIF
# In every answer of the render function itself (W3C Server Timing).
_RENDERED = "render;"


def size_of(reply: Reply, width: int) -> str:
    """Return the size of the picture in a reply, which was asked to be *width* pixels wide.

    A wide one has the original's size, as it is not enlarged.

    Raises:
        StepFailedError: it has another type or size, or is not a picture.
    """
    if reply.content_type != CONTENT_TYPE:
        message = f"it answers with {reply.content_type or 'no type'} instead of {CONTENT_TYPE}"
        raise StepFailedError(message)
    try:
        with Image.open(BytesIO(reply.body), formats=["AVIF"]) as picture:
            seen = picture.size
    except OSError as error:
        message = f"it answers with {len(reply.body):,} bytes that are not a picture"
        raise StepFailedError(message) from error
    wanted = min(width, WIDTH)
    if seen != (wanted, round(HEIGHT * wanted / WIDTH)):
        message = f"the picture has {seen[0]} × {seen[1]} pixels; its address asks for w={width}"
        raise StepFailedError(message)
    return f"{seen[0]} × {seen[1]} pixels"


def check_stored(again: Reply) -> None:
    """Check by the second reply of an address that its file was kept: by the CDN, or in the bucket.

    Another edge location may answer that has to ask, so a miss of the CDN alone is no fault.

    Raises:
        StepFailedError: the file was made again.
    """
    is_hit = "hit" in again.headers.get("x-cache", "").lower()
    if not is_hit and _RENDERED in again.headers.get("server-timing", ""):
        message = "its file is not stored: the second request had it made again"
        raise StepFailedError(message)
