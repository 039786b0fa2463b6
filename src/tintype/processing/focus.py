"""The focus of an image: it takes the place of a preset's own choice of what to keep.

It belongs to the bytes for which somebody chose it. Renditions with another focus have a new
revision, so they need a run of their own: a job with the request `refocus`, which renders as any
other does and commits what it has rendered. A run for another reason keeps the focus.

The queue has no order, so the manifest has the time of the last request, as for the visibility
(`change.py`): an earlier one changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from tintype.images import Focus
from tintype.imaging import Fit, OriginalPoint, Preset
from tintype.messages import SetFocus
from tintype.processing.manifests import ManifestHead


def with_focus(preset: Preset, focus: Focus | None) -> Preset:
    """Return a preset that crops an image with this focus; one that does not crop is unchanged.

    The focus is of the upright original: it moves with the picture that the preset turns, mirrors or
    cuts.
    """
    if focus is None or preset.fit is not Fit.COVER:
        return preset
    return replace(preset, gravity=OriginalPoint(x=focus.x, y=focus.y))


def text(focus: Focus | None) -> str:
    """Return a focus as part of a revision; empty if there is none.

    >>> text(Focus(x=0.25, y=1))
    '0.25,1.0'
    """
    return f"{float(focus.x)},{float(focus.y)}" if focus else ""


def is_about(request: SetFocus, data: bytes) -> bool:
    """Whether a focus was chosen for an original of these bytes."""
    return request.sha256 in {None, hashlib.sha256(data).hexdigest()}


def is_overtaken(request: SetFocus, head: ManifestHead) -> bool:
    """Whether the image is deleted, was given a focus that was asked for later, or has other bytes."""
    if head.image is None or head.is_deleted or request.requested_at < requested_at(head):
        return True
    known = head.image.original.sha256
    return None not in {known, request.sha256} and known != request.sha256


def is_settled(request: SetFocus, head: ManifestHead) -> bool:
    """Whether a manifest is already this request's result, and not one that a retry may improve."""
    failure = head.image.failure if head.image else None
    return request.requested_at == requested_at(head) and not (failure and failure.retryable)


def requested_at(head: ManifestHead) -> str:
    """Return the time of the last request for a focus; empty if there was none."""
    return (head.manifest.origin.focus_requested_at if head.manifest else None) or ""


def kept(head: ManifestHead, etag: str | None) -> Focus | None:
    """Return the focus of a manifest, if it is that of the bytes with this ETag; None: still unread."""
    if head.manifest is None or etag not in {None, head.manifest.origin.focus_etag}:
        return None
    return head.manifest.image.focus
