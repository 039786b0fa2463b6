"""Viewers of pictures of any size at a deployed stack's CDN, and what their requests cost.

Start with `Delivery`. What a request cost is counted in the emulator's own records: the lines that
Lambda writes for each run of the render function, and the objects in the renditions bucket.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.cloud.stack import TIMEOUT_SECONDS, Json
from tests.cloud.test_access import World
from tintype.delivery import KEYS_ITEM, path, signed_variant
from tintype.delivery.grammar import GRID, Variant, parse
from tintype.keys import delivered_folder, delivered_key
from tintype.messages import Sweep, encode

AVIF_AND_WEBP = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"  # as Chrome asks for pictures
NO_AVIF = "image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
NEITHER = "*/*"
# What a file is called whose format the address leaves open, by what the browser accepts.
EXTENSIONS = {
    AVIF_AND_WEBP: "auto-avif",
    NO_AVIF: "auto-webp",
    NEITHER: "auto",
    "image/avif": "avif",
}
OF_THUMB = "webp"  # the one format of that preset
HOUR = 3_600


@dataclass
class Cost:
    """What requests cost: runs of the render function, and keys of new objects."""

    runs: int = 0
    objects: set[str] = field(default_factory=set)

    @property
    def files(self) -> set[str]:
        """The objects without the marks that a revision has had files."""
        return files(self.objects)


@dataclass
class Delivery:
    """The CDN of a stack, the key that its addresses are signed with, and what the owner counts."""

    world: World
    key: str
    function: str

    def get(
        self, target: str, method: str = "GET", *, cookie: str = "", **headers: str
    ) -> httpx.Response:
        """Send a viewer's request for a path and query; redirects are not followed."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {"accept": NEITHER, **named, **({"cookie": cookie} if cookie else {})}
        url = f"{self.world.stack.outputs['CdnUrl']}{target}"
        return self.world.stack.client.request(method, url, headers=sent)

    def upload(self, data: bytes, owner: str = "alice", **wishes: str) -> Json:
        """Upload an image of a person's, and return it when it is READY."""
        kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        ticket = self.world.ticket(owner, size=len(data), contentType=kind, **wishes)
        assert self.world.stack.put(ticket, data).status_code == 200
        return self.world.ready(owner, ticket["imageId"])

    def signed(self, image: Json, query: str, *, expires: int | None = None) -> str:
        """Return the signed address of a variant; a private image's expires in an hour."""
        if expires is None and image["visibility"] == "private":
            expires = int(time.time()) + HOUR
        return signed_variant(base(image), parse(query), self.key, expires)

    def stored(self, image: Json) -> set[str]:
        """Return the keys of what was stored for an image's addresses."""
        pages = self.world.operator.client("s3").get_paginator("list_objects_v2")
        bucket, folder = self.world.stack.outputs["RenditionsBucket"], folder_of(image)
        found = pages.paginate(Bucket=bucket, Prefix=folder)
        return {str(one["Key"]) for page in found for one in page.get("Contents", [])}

    def sweep(self, image: Json) -> None:
        """Send the sweep that a change has scheduled for later, without its delay."""
        url = self.world.stack.outputs["ProcessQueueUrl"]
        body = encode(Sweep(image_id=image["id"]))
        self.world.operator.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def runs(self) -> int:
        """Return how often the render function has run."""
        client = self.world.operator.client("lambda")
        described = client.get_function_configuration(FunctionName=self.function)
        pages = self.world.operator.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=described["LoggingConfig"]["LogGroup"])
        return sum(
            one["message"].startswith("START RequestId") for page in found for one in page["events"]
        )

    @contextmanager
    def costs(self, *images: Json) -> Iterator[Cost]:
        """Count what the requests of the block cost, all objects of these images included."""
        before, had = self.runs(), self._stored(images)
        cost = Cost()
        yield cost
        cost.runs, cost.objects = self.runs() - before, self._stored(images) - had

    def _stored(self, images: Sequence[Json]) -> set[str]:
        return {key for image in images for key in self.stored(image)}


def delivery_of(world: World) -> Delivery:
    """Return the CDN of a stack with sign-in."""
    table = world.stack.outputs["AccessTable"]
    found = world.operator.client("dynamodb").get_item(
        TableName=table, Key={"id": {"S": KEYS_ITEM}}
    )
    key = found["Item"]["current"]["S"]
    return Delivery(world, key, world.stack.outputs["RenderFunction"])


def files(objects: Collection[str]) -> set[str]:
    """Return the keys of files; the others are marks that a revision of an image has had some."""
    return {key for key in objects if "." in key.rpartition("/")[2]}


def base(image: Json) -> str:
    """Return the path of an image's addresses, without any name."""
    if image["visibility"] == "public":
        return f"/i/{image['id']}"
    return path(folder_of(image)).removesuffix("/x/")


def folder_of(image: Json) -> str:
    owner = image["owner"] if image["visibility"] == "private" else None
    return delivered_folder(image["id"], owner)


def key_of(image: Json, variant: Variant, accept: str) -> str:
    """Return the key of the file that an address means, by its format or what the browser accepts."""
    owner = image["owner"] if image["visibility"] == "private" else None
    extension = variant.format or (EXTENSIONS[accept] if variant.preset is None else OF_THUMB)
    return delivered_key(image["id"], f"{variant.name()}.{extension}", owner)


def until(condition: Callable[[], bool], seconds: float = TIMEOUT_SECONDS) -> None:
    """Wait until *condition* holds.

    Raises:
        TimeoutError: it does not.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


@dataclass(frozen=True)
class RandomAddress:
    """A random address: its query as a viewer spells it, and what must come of it."""

    query: str
    is_signed: bool
    status: int
    variant: Variant | None  # of the file that is stored, if one is


def random_addresses(seed: int, number: int) -> list[RandomAddress]:
    """Return addresses of few variants in many spellings: of the grid, signed, forbidden, wrong."""
    rng = random.Random(seed)
    return [_random_address(rng) for _ in range(number)]


def _random_address(rng: random.Random) -> RandomAddress:
    kind = rng.choice(("grid", "grid", "grid", "preset", "signed", "signed", "forbidden", "wrong"))
    parts = rng.choice(_VARIANTS[kind])
    query = _spelled(rng, parts)
    if kind == "wrong":
        return RandomAddress(query, is_signed=False, status=400, variant=None)
    if kind == "forbidden":
        return RandomAddress(query, is_signed=False, status=403, variant=None)
    variant = parse("&".join(parts))
    if kind == "grid":
        variant = on_the_grid(variant)
    return RandomAddress(query, kind == "signed", 200, variant)


# Each a list of parameters; the spelling is random. Sizes are small, so that a thousand are quick.
_VARIANTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "grid": (
        (), ("w=64",), ("w=1",), ("w=65", "fm=jpg"), ("w=100", "dpr=2"), ("w=333", "fm=webp"),
        ("w=320",), ("w=31", "dpr=2.05", "fm=avif"), ("dpr=3", "fm=jpg"), ("w=9000", "fm=webp"),
    ),
    "preset": (("preset=thumb",), ("preset=small", "fm=webp"), ("preset=display", "fm=avif")),
    "signed": (
        ("w=80", "h=60", "fit=crop"), ("w=80", "h=60", "fit=crop", "gravity=north"),
        ("w=80", "h=60", "fit=cover", "fp-x=0.25", "fp-y=0.5"), ("h=50", "q=40", "fm=jpg"),
        ("w=90", "bg=ff0000", "h=90", "fit=fill", "fm=png"), ("w=70", "sat=-100"),
        ("w=70", "blur=2.5", "fm=webp"), ("rotate=90", "w=60"), ("flip=h", "w=60", "fm=gif"),
        ("rect=10,10,40,30", "fm=jpg"), ("w=77", "h=33", "fit=scale", "sharpen=1.5"),
    ),
    "forbidden": (
        ("h=50",), ("w=80", "h=60"), ("w=64", "q=40"), ("fm=png",), ("fm=gif", "w=64"),
        ("w=64", "fit=crop", "h=64"), ("blur=3",), ("rotate=180",), ("rect=0,0,9,9",),
    ),
    "wrong": (
        ("w=0",), ("w=-5",), ("w=abc",), ("w=",), ("w=1", "w=2"), ("width=64",), ("fm=bmp",),
        ("fit=banana", "w=9", "h=9"), ("preset=thumb", "w=64"), ("preset=nothing-like-it",),
        ("q=high",), ("bg=12345",), ("gravity=north", "fp-x=0.1", "fp-y=0.1"), ("fp-x=0.5",),
    ),
}  # fmt: skip
_IGNORED = ("auto=format", "v=7", "ver=2", "ixlib=js-3.8.0", "utm_source=mail")


def _spelled(rng: random.Random, parts: Sequence[str]) -> str:
    """Return parameters in another order, with leading zeros, and with others that are ignored."""
    spelled = [
        part.replace("w=", f"w={'0' * rng.randrange(3)}") if part[2:].isdecimal() else part
        for part in parts
    ]
    spelled = [part.replace(",", rng.choice((",", "%2C", "%2c"))) for part in spelled]
    spelled += rng.sample(_IGNORED, rng.randrange(3))
    rng.shuffle(spelled)
    return "&".join(spelled)


def on_the_grid(variant: Variant) -> Variant:
    """Return what an address without a signature gets: the next width of the grid."""
    wanted = variant.width or GRID[-1]
    width = next((step for step in GRID if step >= wanted), GRID[-1])
    return Variant(width=width, format=variant.format)
