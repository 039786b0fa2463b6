"""Reprocess: render images again, because presets changed or a problem was fixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tintype.aws.errors import ServiceError
from tintype.aws.ports import MessageQueue
from tintype.maintenance.parallel import in_parallel
from tintype.maintenance.selection import SelectedImage
from tintype.messages import Reprocess, encode


def send_requests(
    queue: MessageQueue, images: Iterable[SelectedImage]
) -> Iterator[tuple[SelectedImage, str | ServiceError]]:
    """Send a request for each image to the process *queue*, concurrently and in any order.

    Yields each image with its message's ID, or with the error.
    """
    return in_parallel(lambda one: send_request(queue, one.image_id, one.key), images)


def send_request(queue: MessageQueue, image_id: str, key: str) -> str:
    """Send a request to the process *queue* to render one image again; return the message's ID.

    Raises:
        ServiceError: the queue refused it.
    """
    return queue.send(encode(Reprocess(image_id=image_id, key=key)))
