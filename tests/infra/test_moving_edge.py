"""The CloudFront Function for other programs' addresses: where it redirects to, in Node.

The addresses are those of their documentation, or made by their own clients.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libthumbor.url import Url, unsafe_url

from tests.delivery_cases import CURRENT, PREVIOUS
from tests.infra.edge_node import EdgeNode
from tintype import keys
from tintype.config.delivery import Dialect
from tintype.delivery.grammar import parse
from tintype.delivery.signing import mac
from tintype_infra.images_edge import MAX_BYTES
from tintype_infra.moving_edge import redirect_code

BUCKET = "holiday-pictures"
KEY = "2026/beach.jpg"
OURS = "originals/01M7XPE600ABCDEFGHJKMNPQRS/~auth0%7Cann/beach.jpg"


class Redirects(EdgeNode):
    """A dialect's function; it is given the path of an address."""

    def __init__(self, dialect: Dialect, previous: str = PREVIOUS) -> None:
        code = redirect_code(dialect, CURRENT, previous, BUCKET)
        super().__init__(code, "return handler({request: {uri: given}});")

    def location(self, path: str) -> tuple[str, str]:
        """Return path and query of where an address leads, without the signature, which is checked."""
        answer = self.call(path)
        assert answer["statusCode"] == 302, answer
        address, _, signature = answer["headers"]["location"]["value"].rpartition("s=")
        ours, _, query = address.rstrip("&").partition("?")
        assert signature == mac(PREVIOUS, f"{ours}?{query}")
        assert parse(query).query() == query
        return ours, query


@pytest.fixture(scope="module")
def thumbor() -> Iterator[Redirects]:
    with Redirects(Dialect.THUMBOR) as started:
        yield started


@pytest.fixture(scope="module")
def imgproxy() -> Iterator[Redirects]:
    with Redirects(Dialect.IMGPROXY) as started:
        yield started


@pytest.fixture(scope="module")
def dit() -> Iterator[Redirects]:
    with Redirects(Dialect.DIT) as started:
        yield started


def requested(**request: object) -> str:
    """Return a request of Dynamic Image Transformation as its documentation makes it."""
    whole = {"bucket": "theirs", "key": KEY, **request}
    return "/" + b64encode(json.dumps(whole).encode()).decode()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"/unsafe/{KEY}", ""),
        (f"/unsafe/300x200/{KEY}", "w=300&h=200&fit=crop&gravity=centre"),
        (f"/unsafe/300x200/smart/{KEY}", "w=300&h=200&fit=crop&gravity=attention"),
        (f"/unsafe/300x200/right/top/{KEY}", "w=300&h=200&fit=crop&gravity=north-east"),
        (f"/unsafe/300x200/bottom/{KEY}", "w=300&h=200&fit=crop&gravity=south"),
        (f"/unsafe/300x/{KEY}", "w=300&fit=clip"),
        (f"/unsafe/0x200/{KEY}", "h=200&fit=clip"),
        (f"/unsafe/-300x-200/{KEY}", "w=300&h=200&fit=crop&gravity=centre&flip=hv"),
        (f"/unsafe/-0x0/{KEY}", "flip=h"),
        (f"/unsafe/fit-in/300x200/{KEY}", "w=300&h=200"),
        (f"/unsafe/full-fit-in/300x200/{KEY}", "w=300&h=200&fit=outside"),
        (
            f"/unsafe/10x20:110x220/50x50/{KEY}",
            "w=50&h=50&fit=crop&gravity=centre&rect=10,20,100,200",
        ),
        (
            f"/unsafe/300x200/filters:quality(70):format(webp)/{KEY}",
            "w=300&h=200&fit=crop&gravity=centre&q=70&fm=webp",
        ),
        (f"/unsafe/fit-in/300x200/filters:fill(ff8800)/{KEY}", "w=300&h=200&fit=contain&bg=ff8800"),
        (f"/unsafe/fit-in/300x200/filters:upscale()/{KEY}", "w=300&h=200&fit=clip"),
        (f"/unsafe/300x0/filters:no_upscale():blur(7, 2.5)/{KEY}", "w=300&blur=2.5"),
        (f"/unsafe/filters:grayscale():rotate(90):strip_exif()/{KEY}", "sat=-100&rotate=270"),
    ],
)
def test_thumbors_address_leads_to_the_same_picture(
    thumbor: Redirects, path: str, query: str
) -> None:
    assert thumbor.location(path) == (f"/i/{keys.derived_id(BUCKET, KEY)}", query)


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ("", ""),
        ("rs:fit:300:200", "w=300&h=200"),
        ("resize:fill:300:400:0", "w=300&h=400&fit=cover&gravity=centre"),
        ("rs:fill:300:400:1/g:sm", "w=300&h=400&fit=crop&gravity=attention"),
        ("rs:force:300:400", "w=300&h=400&fit=scale"),
        ("rt:fill/w:300/h:400/g:nowe/el:t", "w=300&h=400&fit=crop&gravity=north-west"),
        ("s:300:400:1:1/bg:255:136:0", "w=300&h=400&fit=fill&bg=ff8800"),
        (
            "rs:fill-down:300:200/dpr:2/gravity:fp:0.25:0.75",
            "w=600&h=400&fit=cover&fp-x=0.25&fp-y=0.75",
        ),
        ("w:300/q:80/f:avif", "w=300&q=80&fm=avif"),
        ("w:300/bl:2.5/sh:0.5/rot:90/sm:1/cb:42", "w=300&blur=2.5&sharpen=0.5&rotate=90"),
    ],
)
@pytest.mark.parametrize("signature", ["unsafe", "insecure", "_"])
@pytest.mark.parametrize("source", [f"s3://theirs/{KEY}", f"local:///{KEY}", KEY])
def test_imgproxys_address_leads_to_the_same_picture(
    imgproxy: Redirects, signature: str, options: str, source: str, query: str
) -> None:
    path = "/".join(["", signature, *filter(None, [options]), "plain", source])

    assert imgproxy.location(path) == (f"/i/{keys.derived_id(BUCKET, KEY)}", query)


def test_imgproxys_extension_of_the_source_is_the_format(imgproxy: Redirects) -> None:
    _, query = imgproxy.location(f"/unsafe/w:300/plain/s3://theirs/{KEY}@png")

    assert query == "w=300&fm=png"


@pytest.mark.parametrize(
    ("request_", "query"),
    [
        ({}, ""),
        (
            {"edits": {"resize": {"width": 300, "height": 200, "fit": "cover"}}},
            "w=300&h=200&fit=crop",
        ),
        ({"edits": {"resize": {"width": 300, "height": 200}}}, "w=300&h=200&fit=crop"),
        ({"edits": {"resize": {"width": 300}}}, "w=300&fit=clip"),
        ({"edits": {"resize": {"width": 300, "withoutEnlargement": True}}}, "w=300"),
        (
            {"edits": {"resize": {"width": 300, "height": 200, "fit": "inside"}}},
            "w=300&h=200&fit=clip",
        ),
        (
            {"edits": {"resize": {"width": 300, "height": 200, "fit": "fill"}}},
            "w=300&h=200&fit=scale",
        ),
        (
            {
                "edits": {
                    "resize": {
                        "width": 300,
                        "height": 200,
                        "fit": "contain",
                        "background": {"r": 255, "g": 136, "b": 0, "alpha": 1},
                    }
                }
            },
            "w=300&h=200&fit=fill&bg=ff8800",
        ),
        (
            {"edits": {"resize": {"width": 300, "height": 200, "position": "right top"}}},
            "w=300&h=200&fit=crop&gravity=north-east",
        ),
        (
            {"edits": {"smartCrop": True, "resize": {"width": 300, "height": 300}}},
            "w=300&h=300&fit=crop&gravity=faces",
        ),
        ({"outputFormat": "webp", "edits": {"webp": {"quality": 60}}}, "q=60&fm=webp"),
        (
            {"edits": {"toFormat": "jpeg", "jpeg": {"quality": 60}, "rotate": -90, "flip": True}},
            "q=60&fm=jpg&rotate=270&flip=v",
        ),
        (
            {
                "edits": {
                    "grayscale": True,
                    "blur": 2.5,
                    "flip": True,
                    "flop": True,
                    "sharpen": False,
                }
            },
            "blur=2.5&sat=-100&flip=hv",
        ),
    ],
)
def test_dits_request_leads_to_the_same_picture(
    dit: Redirects, request_: dict[str, Any], query: str
) -> None:
    assert dit.location(requested(**request_)) == (f"/i/{keys.derived_id(BUCKET, KEY)}", query)


@pytest.mark.parametrize("key", [KEY, "Straßencafé 1.jpg", "a/b+c.png", OURS])
def test_image_is_that_of_the_key(
    thumbor: Redirects, imgproxy: Redirects, dit: Redirects, key: str
) -> None:
    address = f"/i/{keys.image_id(BUCKET, key)}"

    assert thumbor.location(f"/unsafe/{quote(key)}")[0] == address
    assert imgproxy.location(f"/unsafe/plain/{quote(key)}")[0] == address
    assert dit.location(requested(key=key))[0] == address


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"/unsafe/trim/{KEY}", "trim"),
        (f"/unsafe/meta/300x200/{KEY}", "meta"),
        (f"/unsafe/adaptive-fit-in/300x200/{KEY}", "adaptive-fit-in"),
        (f"/unsafe/300xorig/{KEY}", "300xorig"),
        (f"/unsafe/0.1x0.1:0.9x0.9/{KEY}", "0.1x0.1:0.9x0.9"),
        ("/unsafe/300x200/https://example.com/a.jpg", "https:"),
        (f"/unsafe/filters:watermark(a.png,0,0,50)/{KEY}", "watermark"),
        (f"/unsafe/filters:constructor(1)/{KEY}", "constructor"),
        (f"/unsafe/filters:format(jxl)/{KEY}", "fm"),
        (f"/unsafe/filters:quality(high)/{KEY}", "q"),
        (f"/unsafe/rs:auto:300:200/plain/{KEY}", "resizing_type:auto"),
        (f"/unsafe/g:no:10:0/plain/{KEY}", "gravity:no:10:0"),
        (f"/unsafe/wm:0.5/plain/{KEY}", "wm"),
        ("/unsafe/plain/https://example.com/a.jpg", "the?source"),
        ("/unsafe/plain/", "the?key"),
        ("/unsafe/%E0%A4%A", "the?percent-encoding"),
        (requested(edits={"overlayWith": {}}), "overlayWith"),
        (requested(edits={"resize": {"ratio": 0.5}}), "resize.ratio"),
        (requested(key=""), "the?key"),
        (requested(key=7), "the?key"),
        ("/eyJhbGciOi", "the?JSON"),
        ("/unsafe/", "the?address"),
        (f"/unsafe/filters:__proto__()/{KEY}", "__proto__"),
        (f"/unsafe/constructor:1/plain/{KEY}", "constructor"),
        ("/unsafe/plain/%0A", "the?address"),
        (requested(outputFormat={"toString": 1}), "the?address"),
        (requested(edits={"__proto__": 1}), "__proto__"),
    ],
)
def test_what_cannot_be_translated_is_named(
    request: pytest.FixtureRequest, path: str, reason: str
) -> None:
    dialect = "dit" if path.startswith("/eyJ") else "imgproxy" if "plain" in path else "thumbor"

    answer = request.getfixturevalue(dialect).call(path)

    assert answer["statusCode"] == 400
    assert answer["body"] == f"Bad Request: cannot translate {reason}\n"


def test_refusal_has_nothing_of_the_address_but_plain_characters(thumbor: Redirects) -> None:
    answer = thumbor.call(f"/unsafe/filters:<script>alert(1)/{KEY}")

    assert answer["body"] == "Bad Request: cannot translate ?script?alert\n"


def test_first_key_signs_while_there_is_no_other() -> None:
    with Redirects(Dialect.THUMBOR, previous="") as first:
        signed = first.call(f"/unsafe/{KEY}")["headers"]["location"]["value"]
    address, _, signature = signed.rpartition("s=")

    assert signature == mac(CURRENT, address)


@pytest.mark.parametrize("dialect", Dialect)
def test_function_fits_into_what_cloudfront_takes(dialect: Dialect) -> None:
    code = redirect_code(dialect, "k" * 43, "k" * 43, "b" * 63)

    assert len(code.encode()) <= MAX_BYTES


sizes = st.integers(0, 9_000)


@settings(max_examples=200)
@given(
    width=sizes,
    height=sizes,
    flip=st.booleans(),
    flop=st.booleans(),
    halign=st.sampled_from(["left", "center", "right"]),
    valign=st.sampled_from(["top", "middle", "bottom"]),
    smart=st.booleans(),
    quality=st.none() | st.integers(1, 100),
)
def test_what_thumbors_client_makes_means_what_thumbors_parser_reads(
    thumbor: Redirects, quality: int | None, **options: Any
) -> None:
    filters = [] if quality is None else [f"quality({quality})"]
    path = unsafe_url(image_url=KEY, filters=filters, **options)
    read = Url.parse_decrypted(path.removeprefix("unsafe/"))

    ours, query = thumbor.location(f"/{path}")

    variant = parse(query)
    flips = ("h" if read["horizontal_flip"] else "") + ("v" if read["vertical_flip"] else "")
    assert ours == f"/i/{keys.derived_id(BUCKET, read['image'])}"
    assert (variant.width or 0) == min(read["width"], 8_192)
    assert (variant.height or 0) == min(read["height"], 8_192)
    assert (variant.flip or "") == flips
    assert variant.quality == quality
