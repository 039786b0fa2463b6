"""The images of a month: new ones, stored ones, and how many of those are old. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tintype.config.service import OriginalsClass, Service

DAYS = 365 / 12  # of a month
SMALLEST_MOVED = 128 * 1_024  # bytes; S3 does not move smaller objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month. Sizes are bytes, *views* are rendition requests per stored image.

    *images* new ones were added in each of the last *stored_months*, all of them kept; *older* ones
    are stored in addition. *people* are those who sign in with the stack's own user pool. *sizes* are
    the files of any size made per stored image, *by_address* is the share of the views that ask for
    one (0 to 1), and *purged* are the images that are deleted, replaced or made private.
    """

    images: int
    original_bytes: int = 3_000_000
    views: float = 10
    stored_months: float = 12
    older: int = 0
    watchers: float = 1
    people: float = 0
    cached: float = 0.9
    sizes: float = 0
    by_address: float = 0
    purged: int = 0
    process_ms: float | None = None

    @property
    def stored(self) -> float:
        """Images stored at the end of the month, charged for the whole month."""
        return self.images * self.stored_months + self.older


@dataclass(frozen=True, slots=True)
class Share:
    """The number of originals in a storage class; *price* is its name in the prices."""

    what: str
    price: str
    originals: float


def shares(month: Month, service: Service) -> list[Share]:
    """Return how the originals are distributed over storage classes, by the settings.

    *older* images have been stored for longer than any transition takes.
    """
    all_, cold = month.stored, moved(month, service)
    hot = [Share("originals", "s3.storage", all_ - cold)]
    if not cold:
        return hot
    if service.originals_class is not OriginalsClass.INTELLIGENT_TIERING:
        price = _PRICES[service.originals_class]
        return [*hot, Share(f"originals in {service.originals_class}", price, cold)]
    # Unread objects are in the frequent tier for 30 days, and in the infrequent tier up to 90.
    age = month.stored_months - service.originals_cold_days / DAYS
    frequent = min(max(age, 0.0), 30 / DAYS) * month.images
    infrequent = min(max(age - 30 / DAYS, 0.0), 60 / DAYS) * month.images
    tiers = (
        Share("originals in the frequent tier", "s3.storage", frequent),
        Share("originals in the infrequent tier", "s3.storage.ia", infrequent),
        Share("originals in the archive tier", "s3.storage.gir", cold - frequent - infrequent),
    )
    return hot + [one for one in tiers if one.originals > 0]


def moved(month: Month, service: Service) -> float:
    """Return how many stored originals have moved to the colder class."""
    if not moves(month, service):
        return 0.0
    since = max(0.0, month.stored_months - service.originals_cold_days / DAYS)
    return month.images * since + month.older


def moves(month: Month, service: Service) -> bool:
    """Whether originals are moved to a colder class."""
    wanted = service.originals_class is not OriginalsClass.STANDARD
    return wanted and month.original_bytes >= SMALLEST_MOVED


_PRICES = {
    OriginalsClass.STANDARD_IA: "s3.storage.ia",
    OriginalsClass.GLACIER_IR: "s3.storage.gir",
}
