"""Writing an image's renditions to their bucket."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from tintype.access import Visibility
from tintype.aws.ports import ObjectStore
from tintype.images import Rendition

# Browsers may keep a private picture for a while, and nobody else: CloudFront, which asks before it
# serves, has a cache policy with a minimum.
CACHE_CONTROL = {
    Visibility.PUBLIC: "public, max-age=31536000, immutable",
    Visibility.PRIVATE: "private, max-age=3600",
}
_WRITERS = 4  # concurrently: S3's response takes longer than sending


def write(bucket: ObjectStore, visibility: Visibility, files: Mapping[Rendition, bytes]) -> None:
    """Write the files of these renditions, several at once.

    Raises:
        ServiceError: the bucket refused or failed.
    """

    def put(rendition: Rendition) -> None:
        bucket.put(
            rendition.key,
            files[rendition],
            content_type=rendition.content_type,
            cache_control=CACHE_CONTROL[visibility],
        )

    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(put, files))
