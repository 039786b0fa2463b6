"""The cost of a month of Tintype on AWS: measured milliseconds and bytes times list prices. Pure.

Start with `bill`. Each line names a quantity and how often an image needs it;
docs/explanation/architecture.md describes the flow behind the counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from tintype.config import Config
from tintype.config.service import Architecture, OriginalsClass
from tintype.costs import any_size as sizes
from tintype.costs import measured
from tintype.costs.any_size import AnySize
from tintype.costs.forecast import ONE_PROCESSOR_MIB, File, process_milliseconds, renditions
from tintype.costs.line import Line, unconfirmed
from tintype.costs.months import DAYS, Month, moved, moves, shares
from tintype.costs.plans import CdnPlan, plan_for
from tintype.costs.prices import GIGABYTE, PRICES, PriceRegion

GIBIBYTE_MIB = 1_024
WORTH_REPORTING_USD = 5  # per month: the minimum saving for suggesting a plan
MINUTES = 43_800  # of a month: 365 days ÷ 12
LOG_DAYS_OF_A_MONTH = 30.4
WRITE_UNIT = 1_024  # bytes per DynamoDB write unit

# Per image, counted along the flow.
API_REQUESTS = 3  # the ticket, and two reads of the image
PUTS_BESIDES = 3  # the original, the manifest, and a listing of versions, priced like a PUT
GETS = 3  # the original, the previous manifest, the manifest for the catalogue
PROCESS_MESSAGES, CATALOGUE_MESSAGES = 1, 3  # PROCESSING, the first rendition, the manifest
TICKET_MESSAGES = 1  # about its end
CALLS_A_MESSAGE = 3  # send, receive, delete
ANNOUNCEMENTS = 3
# Units for the ticket's record, PROCESSING's and the first rendition's; READY's depend on its size.
RECORDS_WRITTEN = (1, 1, 1)
COUNTED = 3  # more units, since the ticket's record and its owner's counters are one transaction
COPIES = 2  # the table and its index with whole records
ALARMS, DASHBOARDS = 17, 1
# Metrics in a function's log lines; CloudWatch charges for each name per function.
METRICS_OF = {
    "api": ("Requests", "Refused", "Errors", "RequestMilliseconds"),
    "process": (
        "Ready",
        "Failed",
        "Deleted",
        "Renditions",
        "OriginalBytes",
        "RenderMilliseconds",
        "WaitMilliseconds",
        "Errors",
    ),
    "catalogue": ("Recorded", "Unannounced", "Errors"),
    "render": ("Requests", "Refused", "Errors", "RequestMilliseconds"),
}
# Lambda polls each queue on five connections, each for up to 20 seconds if the queue is empty.
IDLE_RECEIVES = 4 * 5 * 3 * MINUTES


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's bill, with its unconfirmed prices and numbers."""

    month: Month
    region: PriceRegion
    lines: tuple[Line, ...]
    files: tuple[File, ...]
    process_ms: float
    unconfirmed: tuple[str, ...] = field(default=())

    @property
    def usd(self) -> float:
        """The total cost."""
        return sum(line.usd for line in self.lines)

    @property
    def plan(self) -> CdnPlan | None:
        """The CloudFront flat-rate plan that would cost less than usage-based pricing, if any."""
        found = plan_for(self._quantity("requests"), self._quantity("transfer"))
        saved = self.by_service()["CloudFront"] - found.usd if found else 0.0
        return found if saved >= WORTH_REPORTING_USD else None

    def _quantity(self, what: str) -> float:
        (line,) = (one for one in self.lines if (one.service, one.what) == ("CloudFront", what))
        return line.quantity

    def by_service(self) -> dict[str, float]:
        """Return the cost per service, in the bill's order."""
        sums: dict[str, float] = {}
        for line in self.lines:
            sums[line.service] = sums.get(line.service, 0.0) + line.usd
        return sums


def bill(config: Config, month: Month, region: PriceRegion, *, free_tier: bool = False) -> Bill:
    """Return the bill of *month* in a region; *free_tier* subtracts AWS's always-free allowance."""
    files = renditions(config.presets, month.original_bytes)
    process_ms = month.process_ms or process_milliseconds(config, month.original_bytes)
    any_size = sizes.any_size(config, month)
    count = _Counting(config, month, region, files, process_ms, any_size, free_tier)
    lines = tuple(count.lines())
    return Bill(month, region, lines, files, process_ms, tuple(unconfirmed(lines, month)))


@dataclass(frozen=True, slots=True)
class _Counting:
    """Computes every line of a month's bill."""

    config: Config
    month: Month
    region: PriceRegion
    files: tuple[File, ...]
    process_ms: float
    any_size: AnySize
    free_tier: bool

    def lines(self) -> Iterator[Line]:
        """Yield all lines, along the flow."""
        yield from self._api_gateway()
        yield from self._lambda()
        yield from self._s3()
        yield from self._sqs()
        yield from self._dynamodb()
        yield from self._appsync()
        yield from self._cloudfront()
        yield from self._cloudwatch()
        if self.month.people:
            formula = f"{self.month.people:,.0f} people who sign in, in the plan Essentials"
            number = self.month.people
            yield self._line("Cognito", "active users", "cognito.people", number, formula)
        if self.config.domain.hosted_zone:
            yield self._line("Route 53", "hosted zone", "route53.zones", 1, "one; aliases are free")

    def _line(self, service: str, what: str, price: str, quantity: float, formula: str) -> Line:
        found = PRICES[price][self.region]
        free = found.free if self.free_tier else 0
        return Line(
            service=service,
            what=what,
            quantity=quantity,
            formula=formula,
            price=found,
            free=free,
        )

    @property
    def _images(self) -> str:
        return f"{self.month.images:,} images"

    @property
    def _stored(self) -> str:
        return f"{self.month.stored:,.0f} images stored"

    @property
    def _made(self) -> str:
        return f"{self._stored} × {self.month.sizes:g} files of any size"

    @property
    def _views(self) -> float:
        return self.month.stored * self.month.views

    @property
    def _viewed(self) -> str:
        return f"{self._stored} × {self.month.views:g} views"

    @property
    def _rendition_bytes(self) -> float:
        return sum(file.bytes for file in self.files)

    def _api_gateway(self) -> Iterator[Line]:
        number = self.month.images * API_REQUESTS
        formula = f"{self._images} × {API_REQUESTS} requests"
        yield self._line("API Gateway", "requests", "api_gateway.requests", number, formula)

    def _lambda(self) -> Iterator[Line]:
        service, images = self.config.service, self.month.images
        arm = service.architecture is Architecture.ARM64
        seconds = "lambda.gb_seconds.arm64" if arm else "lambda.gb_seconds.x86_64"
        api_ms, catalogue_ms = measured.API_MS.value, measured.CATALOGUE_MS.value
        many: list[tuple[str, float, str, float, int]] = [
            (name, images * times, f"{self._images} × {times}", warm_ms, memory_mib)
            for name, times, warm_ms, memory_mib in (
                ("api", API_REQUESTS, api_ms, service.api_memory_mib),
                ("process", PROCESS_MESSAGES, self.process_ms, service.process_memory_mib),
                ("catalogue", CATALOGUE_MESSAGES, catalogue_ms, service.catalogue_memory_mib),
            )
        ]
        times = API_REQUESTS + PROCESS_MESSAGES + CATALOGUE_MESSAGES
        formula = f"{self._images} × {times} runs"
        if self.month.sizes:
            made, render_ms = self.any_size.made, self.any_size.render_ms
            many.append(("render", made, self._made, render_ms, service.render_memory_mib))
            formula = f"{formula} + {self._made}"
        left = PRICES[seconds][self.region].free if self.free_tier else 0
        for name, runs, how, warm_ms, memory_mib in many:
            cold = measured.COLD_SHARE.value * _cold_ms(name, memory_mib)
            gb_seconds = runs * (warm_ms + cold) / 1_000 * memory_mib / GIBIBYTE_MIB
            free = min(left, gb_seconds)
            left -= free
            yield Line(
                service="Lambda",
                what=f"{name} function",
                quantity=gb_seconds,
                formula=f"{how} × {warm_ms + cold:,.0f} ms × {memory_mib} MiB",
                price=PRICES[seconds][self.region],
                free=free,
            )
        number = sum(runs for _, runs, *_ in many)
        yield self._line("Lambda", "requests", "lambda.requests", number, formula)

    def _s3(self) -> Iterator[Line]:
        month, files = self.month, len(self.files)
        yield from self._originals()
        made = self._rendition_bytes + measured.MANIFEST_BYTES.value
        yield self._line(
            "S3",
            "renditions",
            "s3.storage",
            month.stored * made / GIGABYTE,
            f"{self._stored} × {made / 1e6:.2f} MB of {files} renditions and a manifest",
        )
        yield self._line(
            "S3",
            "writes",
            "s3.writes",
            month.images * (files + PUTS_BESIDES),
            f"{self._images} × ({files} renditions + {PUTS_BESIDES})",
        )
        missed = self._views * (1 - month.cached)
        yield self._line(
            "S3",
            "reads",
            "s3.reads",
            month.images * GETS + missed,
            f"{self._images} × {GETS} + {self._viewed} × {1 - month.cached:.0%} that miss the CDN",
        )
        if month.sizes:
            yield from self._files_of_any_size()

    def _files_of_any_size(self) -> Iterator[Line]:
        """Yield what S3 charges for making and keeping files of any size."""
        made, kept, size = self.any_size.made, self.any_size.kept, self.any_size.bytes
        are_kept = f"{kept:,.0f} files made in the last {self.config.delivery.keep_days} days"
        gigabytes = kept * size / GIGABYTE
        for what, price, quantity, formula in (
            ("any size", "s3.storage", gigabytes, f"{are_kept} × {size / 1e3:.0f} kB"),
            ("any size, tags", "s3.tags", kept * sizes.TAGS, f"{are_kept} × {sizes.TAGS} tag"),
            ("any size, writes", "s3.writes", made * sizes.PUTS, f"{self._made} × {sizes.PUTS}"),
            ("any size, reads", "s3.reads", made * sizes.GETS, f"{self._made} × {sizes.GETS}"),
        ):
            yield self._line("S3", what, price, quantity, formula)

    def _originals(self) -> Iterator[Line]:
        """Yield the cost of storing the originals, and of moving them to a colder class."""
        month, service = self.month, self.config.service
        size = month.original_bytes
        for share in shares(month, service):
            formula = f"{share.originals:,.0f} originals × {size / 1e6:.2f} MB"
            quantity = share.originals * size / GIGABYTE
            yield self._line("S3", share.what, share.price, quantity, formula)
        if not moves(month, service):
            return
        to = service.originals_class
        price = "s3.moves.gir" if to is OriginalsClass.GLACIER_IR else "s3.moves.ia"
        old = month.stored_months * DAYS > service.originals_cold_days
        number = month.images if old else 0
        yield self._line("S3", f"moves to {to}", price, number, f"{number:,} images")
        if to is OriginalsClass.INTELLIGENT_TIERING:
            watched = moved(month, service)
            formula = f"{watched:,.0f} originals in {to}"
            yield self._line("S3", "monitoring", "s3.monitoring", watched, formula)

    def _sqs(self) -> Iterator[Line]:
        messages = PROCESS_MESSAGES + CATALOGUE_MESSAGES + TICKET_MESSAGES
        yield self._line(
            "SQS",
            "requests",
            "sqs.requests",
            self.month.images * messages * CALLS_A_MESSAGE + IDLE_RECEIVES,
            f"{self._images} × {messages} messages × {CALLS_A_MESSAGE} + {IDLE_RECEIVES:,} idle polls "
            "by Lambda",
        )

    def _dynamodb(self) -> Iterator[Line]:
        ready = math.ceil(measured.RECORD_BYTES.value / WRITE_UNIT)
        units = (sum(RECORDS_WRITTEN) + ready) * COPIES + COUNTED
        yield self._line(
            "DynamoDB",
            "writes",
            "dynamodb.writes",
            self.month.images * units,
            f"{self._images} × {units} units: ticket, PROCESSING twice, READY, each in table and index; counters",
        )
        reads = API_REQUESTS - 1
        yield self._line(
            "DynamoDB",
            "reads",
            "dynamodb.reads",
            self.month.images * reads,
            f"{self._images} × {reads} reads",
        )
        yield self._line(
            "DynamoDB",
            "storage",
            "dynamodb.storage",
            self.month.stored * measured.RECORD_BYTES.value * COPIES / GIGABYTE,
            f"{self._stored} × {measured.RECORD_BYTES.value:,.0f} bytes × {COPIES}",
        )

    def _appsync(self) -> Iterator[Line]:
        month = self.month
        changes = month.images * ANNOUNCEMENTS
        announced = f"{self._images} × {ANNOUNCEMENTS} announcements"
        yield self._line("AppSync", "announcements", "appsync.operations", changes, announced)
        yield self._line(
            "AppSync",
            "real-time updates",
            "appsync.updates",
            changes * month.watchers,
            f"{announced} × {month.watchers:g} pages open",
        )
        yield self._line(
            "AppSync",
            "connections",
            "appsync.minutes",
            MINUTES * month.watchers,
            f"{MINUTES:,} minutes × {month.watchers:g} pages open",
        )

    def _cloudfront(self) -> Iterator[Line]:
        share, month = self.month.by_address, self.month
        of_presets = self._rendition_bytes / max(1, len(self.files))
        average = (1 - share) * of_presets + share * self.any_size.bytes
        requested = month.images * API_REQUESTS
        file = "file" if share else "rendition"
        yield self._line(
            "CloudFront",
            "transfer",
            "cloudfront.transfer",
            self._views * average / GIGABYTE,
            f"{self._viewed} × {average / 1e3:.0f} kB per {file} on average",
        )
        yield self._line(
            "CloudFront",
            "requests",
            "cloudfront.requests",
            self._views + requested,
            f"{self._viewed} + {requested:,} to the API",
        )
        yield self._line(
            "CloudFront",
            "functions at the edge",
            "cloudfront.functions",
            self._views * (1 + share) + requested,
            "one of each request"
            + (f", and one of the answer to {share:.0%} of the views" if share else ""),
        )
        if month.purged:
            formula = f"{month.purged:,} images deleted or changed × {sizes.PATHS} paths"
            number = month.purged * sizes.PATHS
            yield self._line("CloudFront", "invalidations", "cloudfront.paths", number, formula)

    def _cloudwatch(self) -> Iterator[Line]:
        a_run = {name: fact.value for name, fact in measured.LOG_BYTES.items()}
        an_image = (
            API_REQUESTS * a_run["api"]
            + PROCESS_MESSAGES * a_run["process"]
            + CATALOGUE_MESSAGES * a_run["catalogue"]
        )
        written = (self.month.images * an_image + self.any_size.made * a_run["render"]) / GIGABYTE
        lines = f"{self._images} × {an_image:,.0f} bytes"
        used = [name for name in METRICS_OF if name != "render" or self.month.sizes]
        if self.month.sizes:
            lines = f"{lines} + {self._made} × {a_run['render']:,.0f} bytes"
        days = self.config.service.log_days
        metrics = sum(len(METRICS_OF[name]) for name in used)
        rows = (
            ("log lines", "ingestion", written, lines),
            (
                "logs kept",
                "storage",
                written * days / LOG_DAYS_OF_A_MONTH,
                f"{written:,.2f} GB a month × {days} days",
            ),
            ("metrics", "metrics", metrics, "of the functions, from their log lines"),
            ("alarms", "alarms", ALARMS, "docs/how-to/operate.md lists them"),
            ("dashboard", "dashboards", DASHBOARDS, "one"),
        )
        for what, price, quantity, formula in rows:
            yield self._line("CloudWatch", what, f"cloudwatch.{price}", quantity, formula)


def _cold_ms(function: str, memory_mib: int) -> float:
    """Return the duration of a cold start's imports on this function's share of a processor."""
    return measured.COLD_MS[function].value * max(1.0, ONE_PROCESSOR_MIB / memory_mib)
