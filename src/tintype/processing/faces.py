"""The faces of an original: found once, and kept in the manifest, beside the record."""

from __future__ import annotations

from tintype.imaging import Face
from tintype.processing.manifests import ManifestHead


def kept(head: ManifestHead, key: str, etag: str | None) -> tuple[Face, ...] | None:
    """Return the faces that the manifest knows of the bytes at *key* with this tag."""
    if head.manifest is None or etag is None:
        return None
    origin = head.manifest.origin
    return head.manifest.faces if (origin.key, origin.etag) == (key, etag) else None
