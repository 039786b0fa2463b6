"""AWS's prices: the one table of list prices, each with its source and date.

US dollars without tax. `tintype cost` uses them offline. Update the date together with the price.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MILLION = 1_000_000
# AWS counts in powers of two: its S3 FAQ gives 10 TB as 10,995,116,277,760 bytes. We assume the
# same of the other services.
GIGABYTE = 2**30  # bytes
GIGABYTES_OF_A_TERABYTE = 1_024


class PriceRegion(StrEnum):
    """The regions with known prices."""

    VIRGINIA = "us-east-1"
    FRANKFURT = "eu-central-1"


class Proof(StrEnum):
    """How reliable a price is."""

    PAGE = "AWS page"  # AWS's pricing page, on the day it was read
    SECOND_HAND = "second hand"  # sources that quote AWS's page or price list
    ASSUMED = "assumed"  # as in the other region, since no source was found


CONFIRMED = frozenset({Proof.PAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """*usd* for *per* units. *free* units per month are always free, in every account.

    *tiers* are for large quantities: from a number of units on, the price for *per* units.
    """

    usd: float
    per: float
    unit: str
    source: str
    seen: str  # ISO 8601
    proof: Proof
    free: float = 0
    tiers: tuple[tuple[float, float], ...] = ()

    def cost(self, quantity: float) -> float:
        """Return the cost of a month's quantity, in dollars.

        >>> Price(usd=0.4, per=1e6, unit="requests", source="", seen="", proof=Proof.PAGE).cost(5e6)
        2.0
        """
        starts = [0.0, *(start for start, _ in self.tiers)]
        ends = [*starts[1:], float("inf")]
        rates = [self.usd, *(usd for _, usd in self.tiers)]
        return sum(
            max(0.0, min(quantity, end) - start) / self.per * usd
            for start, end, usd in zip(starts, ends, rates, strict=True)
        )


_LISTS = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_API_GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
_APPSYNC = "https://aws.amazon.com/appsync/pricing/"
_CLOUDFRONT = "https://aws.amazon.com/cloudfront/pricing/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_COGNITO = "https://aws.amazon.com/cognito/pricing/"
_ROUTE_53 = "https://aws.amazon.com/route53/pricing/"
# CloudFront's tiers, the same in North America and Europe: 10 TB, then 40, 100, 350, 524 more.
_TRANSFER_TIERS = (
    (10 * GIGABYTES_OF_A_TERABYTE, 0.080),
    (50 * GIGABYTES_OF_A_TERABYTE, 0.060),
    (150 * GIGABYTES_OF_A_TERABYTE, 0.040),
    (500 * GIGABYTES_OF_A_TERABYTE, 0.030),
    (1_024 * GIGABYTES_OF_A_TERABYTE, 0.025),
)


def _everywhere(
    usd: float,
    per: float,
    unit: str,
    source: str,
    seen: str,
    *,
    proof: Proof = Proof.SECOND_HAND,
    free: float = 0,
    tiers: tuple[tuple[float, float], ...] = (),
) -> dict[PriceRegion, Price]:
    """Return a price that is the same in both regions."""
    price = Price(
        usd=usd, per=per, unit=unit, source=source, seen=seen, proof=proof, free=free, tiers=tiers
    )
    return dict.fromkeys(PriceRegion, price)


def _by_list(
    service: str, seen: str, unit: str, per: float, *, usd: tuple[float, float], free: float = 0
) -> dict[PriceRegion, Price]:
    """Return a price for both regions from AWS's price list of a service, with its date."""
    return {
        region: Price(
            usd=one,
            per=per,
            unit=unit,
            source=f"{_LISTS}/{service}/current/{region}/index.json",
            seen=seen,
            proof=Proof.SECOND_HAND,
            free=free,
        )
        for region, one in zip(PriceRegion, usd, strict=True)
    }


def _s3_page(per: float, unit: str, usd: tuple[float, float]) -> dict[PriceRegion, Price]:
    """Return a price for both regions that secondary sources quote from S3's page."""
    return {
        region: Price(
            usd=one, per=per, unit=unit, source=_S3, seen="2026-11-28", proof=Proof.SECOND_HAND
        )
        for region, one in zip(PriceRegion, usd, strict=True)
    }


def _appsync(usd: float, unit: str) -> dict[PriceRegion, Price]:
    """Return a price of AppSync, which is known only for Virginia."""
    return {
        region: Price(
            usd=usd, per=MILLION, unit=unit, source=_APPSYNC, seen="2026-11-21", proof=proof
        )
        for region, proof in zip(PriceRegion, (Proof.SECOND_HAND, Proof.ASSUMED), strict=True)
    }


# By the name that `cost.py` uses: the price in each region.
PRICES: dict[str, dict[PriceRegion, Price]] = {
    "lambda.gb_seconds.arm64": _everywhere(
        0.0000133334,
        1,
        "GB-seconds",
        f"{_LISTS}/AWSLambda/current/eu-central-1/index.json",
        "2026-09-11",
        free=400_000,
    ),
    "lambda.gb_seconds.x86_64": _everywhere(
        0.0000166667, 1, "GB-seconds", _LAMBDA, "2026-11-21", proof=Proof.PAGE, free=400_000
    ),
    "lambda.requests": _everywhere(
        0.20,
        MILLION,
        "requests",
        f"{_LISTS}/AWSLambda/current/eu-central-1/index.json",
        "2026-09-11",
        free=MILLION,
    ),
    "s3.storage": _by_list("AmazonS3", "2026-08-07", "GB-months", 1, usd=(0.023, 0.0245)),
    "s3.storage.ia": _s3_page(1, "GB-months", (0.0125, 0.0135)),
    "s3.storage.gir": _s3_page(1, "GB-months", (0.004, 0.005)),
    "s3.moves.ia": _s3_page(1_000, "moves", (0.01, 0.01)),
    "s3.moves.gir": _s3_page(1_000, "moves", (0.02, 0.02)),
    "s3.tags": _s3_page(10_000, "tag-months", (0.01, 0.01)),
    "s3.monitoring": _s3_page(1_000, "objects", (0.0025, 0.0025)),
    "s3.writes": _by_list("AmazonS3", "2026-08-07", "requests", 1_000, usd=(0.005, 0.0054)),
    "s3.reads": _by_list("AmazonS3", "2026-08-07", "requests", 1_000, usd=(0.0004, 0.00043)),
    "sqs.requests": _by_list(
        "AWSQueueService", "2025-08-28", "requests", MILLION, usd=(0.40, 0.40), free=MILLION
    ),
    "dynamodb.writes": _by_list(
        "AmazonDynamoDB", "2026-08-15", "write units", MILLION, usd=(0.625, 0.7625)
    ),
    "dynamodb.reads": _by_list(
        "AmazonDynamoDB", "2026-08-15", "read units", MILLION, usd=(0.125, 0.1525)
    ),
    "dynamodb.storage": _by_list(
        "AmazonDynamoDB", "2026-08-15", "GB-months", 1, usd=(0.25, 0.306), free=25
    ),
    "appsync.operations": _appsync(4.00, "operations"),
    "appsync.updates": _appsync(2.00, "updates"),
    "appsync.minutes": _appsync(0.08, "connection minutes"),
    "api_gateway.requests": {
        PriceRegion.VIRGINIA: Price(
            usd=1.00,
            per=MILLION,
            unit="requests",
            source=_API_GATEWAY,
            seen="2026-11-21",
            proof=Proof.PAGE,
            tiers=((300 * MILLION, 0.90),),
        ),
        PriceRegion.FRANKFURT: Price(
            usd=1.20,
            per=MILLION,
            unit="requests",
            source=_API_GATEWAY,
            seen="2026-11-21",
            proof=Proof.SECOND_HAND,
        ),
    },
    "cloudfront.transfer": _everywhere(
        0.085,
        1,
        "GB",
        _CLOUDFRONT,
        "2026-11-21",
        proof=Proof.PAGE,
        free=GIGABYTES_OF_A_TERABYTE,
        tiers=_TRANSFER_TIERS,
    ),
    "cloudfront.requests": {
        region: Price(
            usd=usd,
            per=10_000,
            unit="requests",
            source=_CLOUDFRONT,
            seen="2026-11-21",
            proof=Proof.SECOND_HAND,
            free=10 * MILLION,
        )
        for region, usd in zip(PriceRegion, (0.0100, 0.0120), strict=True)
    },
    "cloudfront.functions": _everywhere(
        0.10, MILLION, "invocations", _CLOUDFRONT, "2026-11-29", free=2 * MILLION
    ),
    "cloudfront.paths": _everywhere(0.005, 1, "paths", _CLOUDFRONT, "2026-11-30", free=1_000),
    "cloudwatch.ingestion": _by_list(
        "AmazonCloudWatch", "2026-08-06", "GB", 1, usd=(0.50, 0.63), free=5
    ),
    "cloudwatch.storage": _by_list(
        "AmazonCloudWatch", "2026-08-06", "GB-months", 1, usd=(0.03, 0.0324)
    ),
    "cloudwatch.metrics": _by_list(
        "AmazonCloudWatch", "2026-08-06", "metric-months", 1, usd=(0.30, 0.30), free=10
    ),
    "cloudwatch.alarms": _by_list(
        "AmazonCloudWatch", "2026-08-06", "alarm-months", 1, usd=(0.10, 0.10), free=10
    ),
    "cloudwatch.dashboards": _everywhere(
        3.00, 1, "dashboard-months", _CLOUDWATCH, "2026-11-21", free=3
    ),
    # The plan Essentials, which new pools and managed login have.
    "cognito.people": _everywhere(0.015, 1, "active users", _COGNITO, "2026-09-20", free=10_000),
    "route53.zones": _everywhere(0.50, 1, "zone-months", _ROUTE_53, "2026-11-21"),
}
