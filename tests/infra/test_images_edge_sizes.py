"""Any size by its address at the CDN's edge: in Node, beside the grammar and the signer in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.browsers import BROWSERS
from tests.delivery_cases import CURRENT, ID, NOW, DeliveryCase, Outcome
from tests.delivery_sizes import CHROME, PRESETS, PUBLIC, WIDTHS, cases, private, signed
from tests.delivery_spellings import Spelled, spelled
from tests.infra.image_edge import Edge, config, event, outcome
from tintype import keys
from tintype.config import ConfigError, Delivery
from tintype.config.delivery import FILES_OF_A_WIDTH, Unsigned, most_unsigned
from tintype.delivery.grammar import FORMATS, parse, read_filename
from tintype.imaging.formats import Format
from tintype.imaging.presets import Encoding, Preset
from tintype_infra.images_edge import FILES, FOLDER, MAX_BYTES, function_code

EdgeOf = Callable[[Unsigned], Edge]


@pytest.fixture(scope="module")
def edge_of() -> Iterator[EdgeOf]:
    """Return the function that has a setting of `unsigned`."""
    with ExitStack() as stack:
        yield cache(lambda unsigned: stack.enter_context(Edge(unsigned=unsigned)))


@pytest.fixture(scope="module")
def edge(edge_of: EdgeOf) -> Edge:
    return edge_of(Unsigned.GRID)


def asked(query: str, accept: str | None = None, path: str = PUBLIC) -> DeliveryCase:
    return DeliveryCase(name="", path=path, query=query, accept=accept, outcome=Outcome.SERVED)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_edge_does_what_the_grammar_and_the_signer_say(edge_of: EdgeOf, case: DeliveryCase) -> None:
    answer = edge_of(case.unsigned).response(case)

    assert outcome(answer) is case.outcome
    if case.outcome is Outcome.SERVED:
        assert answer["uri"] == case.uri
        assert (answer["querystring"], answer["cookies"]) == ({}, {})
    else:
        assert len(answer["body"]) < 80
        kept = "no-store" if case.path.startswith("/p/") else "max-age=60"
        assert answer["headers"]["cache-control"] == {"value": kept}
    if case.wrong:
        assert answer["body"] == f"Bad Request: parameter {case.wrong}\n"


@pytest.mark.parametrize(
    "case", [one for one in cases() if one.outcome is Outcome.SERVED], ids=lambda case: case.name
)
def test_address_for_the_origin_is_as_good_as_the_one_asked_for(
    edge_of: EdgeOf, case: DeliveryCase
) -> None:
    edge = edge_of(case.unsigned)
    first = edge.response(case)
    address = first["headers"]["x-tintype-address"]["value"]
    path, _, query = address.partition("?")

    second = edge.response(replace(case, path=path, query=query))

    assert second["uri"] == first["uri"]
    assert second["headers"]["x-tintype-address"]["value"] == address
    assert len(address) < 400


def test_unknown_parameter_is_told_without_what_a_browser_could_run(edge: Edge) -> None:
    answer = edge.response(asked(f"<script>{'x' * 900}=1"))

    assert answer["statusCode"] == 400
    assert answer["body"].startswith("Bad Request: parameter ?script?xxx")
    assert len(answer["body"]) < 80
    assert answer["headers"]["content-type"] == {"value": "text/plain; charset=utf-8"}


@settings(max_examples=1_000, deadline=None)
@given(spelled())
def test_spellings_have_the_same_file_at_the_edge_as_in_python(
    edge: Edge, spelling: Spelled
) -> None:
    variant = parse(spelling.query)

    answer = edge.response(asked(signed(PUBLIC, spelling.query), CHROME))

    found = read_filename(answer["uri"].rpartition("/")[2])
    assert answer["uri"].startswith(f"/{keys.delivered_folder(ID)}")
    assert found.variant.name() == variant.name()
    assert variant.query() == spelling.canonical
    assert answer["headers"]["x-tintype-address"]["value"].startswith(
        f"{PUBLIC}?{spelling.canonical}"
    )


@settings(max_examples=20, deadline=None)
@given(st.lists(spelled(), min_size=50, max_size=50))
def test_there_are_no_more_files_than_canonical_forms(edge: Edge, spellings: list[Spelled]) -> None:
    files = {
        edge.response(asked(signed(PUBLIC, spelling.query), CHROME))["uri"]
        for spelling in spellings
    }

    assert len(files) <= len({spelling.canonical for spelling in spellings})


@pytest.mark.parametrize("unsigned", list(Unsigned))
def test_addresses_without_a_signature_make_as_many_files_as_is_said(
    edge_of: EdgeOf, unsigned: Unsigned
) -> None:
    edge = edge_of(unsigned)
    widths = ["", *(f"w={width}" for width in range(1, 2_700, 7)), *(f"w={w}" for w in WIDTHS)]
    presets = [f"preset={preset.name}" for preset in PRESETS]
    accepts = ["*/*", "image/avif", "image/webp", "image/avif,image/webp", "image/png", "image/gif"]
    formats = ["", *(f"fm={name}" for name in FORMATS)]

    answers = [
        edge.response(asked(f"{what}&{fm}", accept))
        for what, fm, accept in product(
            [*widths[::5], *widths[-len(WIDTHS) :], *presets], formats, accepts
        )
    ]

    files = {answer["uri"] for answer in answers if "statusCode" not in answer}
    assert len(files) == most_unsigned(config(unsigned).delivery, PRESETS)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_characters="#"), max_size=60))
def test_whatever_is_asked_for_is_a_file_of_that_image_or_refused(edge: Edge, text: str) -> None:
    path, _, query = text.partition("?")
    for asked_path in (f"{PUBLIC}{path}", f"{PUBLIC}/{path}", f"{private()}{path}", f"/i/{path}"):
        answer = edge.response(asked(signed_or(query), CHROME, asked_path))

        if "statusCode" not in answer:
            folder, _, name = answer["uri"].rpartition("/")
            assert folder in {f"/{ID}/x", f"/private/ann/{ID}/x"}
            assert read_filename(name)


def signed_or(query: str) -> str:
    """Return a query signed, if it means something."""
    try:
        return signed(PUBLIC, query)
    except ValueError:
        return query


@pytest.mark.parametrize(
    "query",
    ["e=1", "s=1", "e&s", "e=&s=", "s=1&s=2&e=1&e=2", "%", "=", "=&=", "fp-x&fp-y", "w=%", "w=%2"],
)
def test_no_query_makes_the_function_fail(edge: Edge, query: str) -> None:
    assert edge.response(asked(query))["statusCode"] in {400, 403}


def test_header_of_any_length_is_compared(edge: Edge) -> None:
    accept = f"{'image/x;q=0.1, ' * 500}image/avif"

    assert edge.response(asked("w=640", accept))["uri"].endswith("/w_640.avif")


def test_header_that_is_there_twice_is_one(edge: Edge) -> None:
    case = asked("w=640", "image/avif")
    edge_event = event(case)
    edge_event["request"]["headers"]["accept"]["multiValue"] = [
        {"value": "image/avif"},
        {"value": "image/webp"},
    ]

    assert edge.run(edge_event, NOW)["uri"].endswith("/w_640.auto-avif")


def many(presets: int, name: str) -> tuple[Preset, ...]:
    formats = tuple(Encoding(format=one) for one in (Format.AVIF, Format.WEBP, Format.JPEG))
    return tuple(Preset(name=f"{name}-{n:02}", formats=formats) for n in range(presets))


def test_function_with_24_widths_and_40_presets_is_within_cloudfront_s_quota() -> None:
    big = replace(
        config(),
        presets=many(40, "x" * 32),  # and two digits behind a hyphen
        delivery=Delivery(widths=tuple(range(1_000, 8_000, 300))[:24]),
    )

    code = function_code(CURRENT, CURRENT, big)

    assert len(big.delivery.widths) == 24
    assert len(code.encode()) <= MAX_BYTES


def test_more_presets_than_fit_are_refused_with_the_reason() -> None:
    too_many = replace(config(), path=Path("mine.toml"), presets=many(99, "x" * 40))

    with pytest.raises(ConfigError) as caught:
        function_code(CURRENT, CURRENT, too_many)

    assert str(caught.value).startswith("mine.toml: presets: the CDN's function would be ")


def test_code_has_nothing_left_to_fill_in_and_all_its_files() -> None:
    code = function_code("k" * 43, "l" * 43, config())

    assert not re.search("CURRENT_KEY|PREVIOUS_KEY|GRID_WIDTHS|PRESETS_BY_FORMATS|OPEN_ADDR", code)
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)
    assert not re.search(r"^\s*(//|$)", code, re.MULTILINE)


def test_table_of_browsers_has_twenty_and_each_format() -> None:
    assert len(BROWSERS) >= 20
    assert {browser.size for browser in BROWSERS} == {"auto-avif", "auto-webp", "avif", "auto"}
    assert len({browser.size for browser in BROWSERS} | {"avif", "webp", "jpg"}) == FILES_OF_A_WIDTH
