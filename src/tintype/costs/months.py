"""What a month brings: the new images, those that are stored, and how many of them are old. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tintype.config.service import OriginalsClass, Service

DAYS = 365 / 12  # of a month
SMALLEST_MOVED = 128 * 1_024  # bytes; S3 leaves smaller objects where they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month. Sizes are bytes, *views* are renditions fetched for each image stored.

    *images* are new each month, for *stored_months* until now, all of them kept; *older* ones are
    stored beside them.
    """

    images: int
    original_bytes: int = 3_000_000
    views: float = 10
    stored_months: float = 12
    older: int = 0
    watchers: float = 1
    cached: float = 0.9
    develop_ms: float | None = None

    @property
    def stored(self) -> float:
        """Images stored at the month's end, for which all of the month is counted."""
        return self.images * self.stored_months + self.older


@dataclass(frozen=True, slots=True)
class Share:
    """So many originals lie in a storage class; *price* is its name among the prices."""

    what: str
    price: str
    originals: float


def shares(month: Month, service: Service) -> list[Share]:
    """Return where the originals lie, by the storage class that the settings have for old ones.

    What is *older* has been there for longer than any class waits.
    """
    all_, cold = month.stored, moved(month, service)
    hot = [Share("originals", "s3.storage", all_ - cold)]
    if not cold:
        return hot
    if service.originals_class is not OriginalsClass.INTELLIGENT_TIERING:
        price = _PRICES[service.originals_class]
        return [*hot, Share(f"originals in {service.originals_class}", price, cold)]
    # One that nobody reads stays frequent for 30 days, infrequent until it has 90.
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
    """Return how many of the stored originals have moved to the colder class."""
    if not moves(month, service):
        return 0.0
    since = max(0.0, month.stored_months - service.originals_cold_days / DAYS)
    return month.images * since + month.older


def moves(month: Month, service: Service) -> bool:
    """Whether originals are moved at all."""
    wanted = service.originals_class is not OriginalsClass.STANDARD
    return wanted and month.original_bytes >= SMALLEST_MOVED


_PRICES = {
    OriginalsClass.STANDARD_IA: "s3.storage.ia",
    OriginalsClass.GLACIER_IR: "s3.storage.gir",
}
