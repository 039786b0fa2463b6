"""Use Tintype from your own program: upload, wait, list, delete, and follow changes.

    from tintype.client import Client

    with Client("https://d111.cloudfront.net") as client:
        image = client.wait(client.upload("beach.jpg").id)
        print([rendition.url for rendition in image.renditions])

Start with `Client` (`client.py`). `api.py` speaks HTTP, `subscription.py` AppSync's protocol; the
command line uses the same modules.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tintype.access import Visibility
    from tintype.client.client import Changes, Client
    from tintype.client.errors import (
        ApiRefusedError,
        ApiUnreachableError,
        ClientError,
        FileChangedError,
        FileUnreadableError,
        ImageFailedError,
        InsecureAddressError,
        MalformedApiKeyError,
        NoLiveUpdatesError,
        NotReadyInTimeError,
        NotSignedInError,
        NotTheApiError,
        UploadBrokenError,
        UploadRefusedError,
    )
    from tintype.client.subscription import Changed
    from tintype.images import Focus, Image, Rendition, Status

# The modules of the names that are not errors. They are loaded on first use, so that a command that
# needs only an error does not load httpx.
_ELSEWHERE = {
    "Changed": "tintype.client.subscription",
    "Changes": "tintype.client.client",
    "Client": "tintype.client.client",
    "Focus": "tintype.images",
    "Image": "tintype.images",
    "Rendition": "tintype.images",
    "Status": "tintype.images",
    "Visibility": "tintype.access",
}

__all__ = [
    "ApiRefusedError",
    "ApiUnreachableError",
    "Changed",
    "Changes",
    "Client",
    "ClientError",
    "FileChangedError",
    "FileUnreadableError",
    "Focus",
    "Image",
    "ImageFailedError",
    "InsecureAddressError",
    "MalformedApiKeyError",
    "NoLiveUpdatesError",
    "NotReadyInTimeError",
    "NotSignedInError",
    "NotTheApiError",
    "Rendition",
    "Status",
    "UploadBrokenError",
    "UploadRefusedError",
    "Visibility",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module(_ELSEWHERE.get(name, "tintype.client.errors")), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
