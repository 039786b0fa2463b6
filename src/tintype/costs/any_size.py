"""The files of any size of a month: how many are made and kept, and what one takes. Pure.

A file is made when its address is first asked for, by the flow of `tintype.processing.deliver`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean

from tintype.config import Config
from tintype.costs.forecast import ONE_PROCESSOR_MIB, process_milliseconds, renditions
from tintype.costs.months import DAYS, Month
from tintype.imaging import Encoding, Format, Preset

PUTS = 2  # the mark of the revision, and the file
GETS = 3  # the manifest, the original, the manifest again; the CDN's own is one of those that miss
TAGS = 1  # of each file, for the bucket's lifecycle rule
PATHS = 2  # of an image's invalidation: its addresses, and its keys


@dataclass(frozen=True, slots=True)
class AnySize:
    """Files of any size: those made in a month, those kept at its end, and the average one."""

    made: float
    kept: float
    bytes: float
    render_ms: float


def any_size(config: Config, month: Month) -> AnySize:
    """Return a month's files of any size: AVIF, as browsers ask for, of all widths of the grid alike.

    Files are kept for `keep_days`, or since their image is stored; at most as many as if all images had
    been there from the beginning.
    """
    keep_months = config.delivery.keep_days / DAYS
    new = month.images * month.stored_months * min(keep_months, month.stored_months)
    each = [_alone(config, width, month.original_bytes) for width in config.delivery.widths]
    return AnySize(
        made=month.stored * month.sizes,
        kept=(new + month.older * keep_months) * month.sizes,
        bytes=fmean(size for size, _ in each),
        render_ms=fmean(milliseconds for _, milliseconds in each),
    )


def _alone(config: Config, width: int, original_bytes: float) -> tuple[float, float]:
    """Return the bytes of one file, and the milliseconds in which the render function makes it."""
    preset = Preset(name="one", width=width, formats=(Encoding(format=Format.AVIF),))
    (file,) = renditions([preset], original_bytes)
    # One file has one thread, which more than one processor's memory does not help.
    memory_mib = min(config.service.render_memory_mib, ONE_PROCESSOR_MIB)
    service = replace(config.service, process_memory_mib=memory_mib)
    alone = replace(config, presets=(preset,), service=service)
    return file.bytes, process_milliseconds(alone, original_bytes)
