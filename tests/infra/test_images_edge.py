"""The CloudFront Function of renditions: what it serves, refuses and hides, in Node, beside the Python signer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.delivery_cases import (
    CURRENT,
    FILE,
    ID,
    NOW,
    REVISION,
    DeliveryCase,
    Outcome,
    cases,
)
from tests.delivery_cases import private_path as path_of
from tests.delivery_cases import query as query_of
from tests.infra.image_edge import Edge, outcome
from tintype import delivery, keys, owners

PUBLIC = f"/{ID}/{REVISION}/{FILE}"
EIGHTEEN = "a" * 18  # with /private/ in front as long as an image's ID


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    with Edge() as started:
        yield started


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_edge_and_signer_agree(edge: Edge, case: DeliveryCase) -> None:
    answer = edge.response(case)

    assert outcome(answer) is case.outcome
    if case.outcome is Outcome.SERVED:
        assert answer["uri"] == case.uri


def test_what_opens_an_address_goes_no_further(edge: Edge) -> None:
    path = path_of()
    mine = delivery.session("ann", CURRENT, NOW + 1)
    case = DeliveryCase(
        name="", path=path, query=query_of(path), cookies=(mine,), outcome=Outcome.SERVED
    )

    answer = edge.response(case)

    assert (answer["querystring"], answer["cookies"]) == ({}, {})


@pytest.mark.parametrize(
    ("path", "status", "kept"), [("/p/ann", 403, "no-store"), ("/private/ann", 404, "max-age=60")]
)
def test_refusal_is_short_and_kept_by_nobody_who_may_sign_in(
    edge: Edge, path: str, status: int, kept: str
) -> None:
    answer = edge.response(DeliveryCase(name="", path=f"{path}/x", outcome=Outcome.REFUSED))

    assert answer["statusCode"] == status
    assert answer["headers"]["cache-control"] == {"value": kept}
    assert len(answer["body"]) < 20


STORED = f"private/ann/{ID}/{REVISION}/{FILE}"
HIDDEN = [
    f"/{STORED}",
    f"//{STORED}",
    f"/./{STORED}",
    f"/%70rivate/{STORED.partition('/')[2]}",
    f"/%2e%2e/{STORED}",
    f"/p/../{STORED}",
    f"/p/%2e%2e/{STORED}",
    f"/p/%252E%252E/../{STORED}",
    f"/{ID}/../{STORED}",
    f"/{ID}/%2e%2e/{STORED}",
    f"/{ID}/..%2f{STORED}",
    f"/{ID}/{REVISION}/../../{STORED}",
    f"/private/{EIGHTEEN}/{ID}/{REVISION}/{FILE}",
    f"/private/{EIGHTEEN}/{REVISION}",
    f"/PRIVATE/ann/{ID}/{REVISION}/{FILE}",
    f"/private%2Fann/{ID}/{REVISION}/{FILE}",
    f"/private%5Cann/{ID}/{REVISION}/{FILE}",
    f"/{STORED};a=b",
    f"/{STORED}%00.webp",
    f"/{STORED}\x00",
    f"{PUBLIC}\x00",
    f"{PUBLIC}%00",
    f"{PUBLIC}%0a",
    f"{PUBLIC}\n",
    f"{PUBLIC};a=b",
    f"{PUBLIC}/",
    f"{PUBLIC}/..",
    f"/{ID}/{REVISION}/..",
    f"/{ID}/{REVISION}/",
    f"/{ID}/manifest.json",
    f"/{ID}/./manifest.json",
    f"/{ID}/{REVISION}/%2e%2e/manifest.json",
    f"//{ID}/{REVISION}/{FILE}",
    PUBLIC.replace(FILE, "%74humb.webp"),
    PUBLIC.upper(),
    "/",
    "",
    "/p",
    "*",
]


@pytest.mark.parametrize("path", HIDDEN)
def test_no_spelling_of_a_path_reaches_a_private_file(edge: Edge, path: str) -> None:
    answer = edge.response(
        DeliveryCase(name="", path=path, query=query_of(path), outcome=Outcome.MISSING)
    )

    assert "statusCode" in answer


@pytest.mark.parametrize(
    "folder",
    [
        "*",
        "%2A",
        "%252a",
        "ann/..",
        "ann%2F..",
        "..",
        ".",
        "%2e%2e",
        "%25",
        "%",
        "%250",
        "a%25zz",
        "ann;x",
        "an\x00n",
        "ann%00",
        "é",
    ],
)
def test_owner_is_spelt_in_one_way(edge: Edge, folder: str) -> None:
    """Else a path would have two cache entries, or mean another owner to S3 than to the function."""
    path = f"/p/{folder}/{ID}/{REVISION}/{FILE}"
    signed = DeliveryCase(name="", path=path, query=query_of(path), outcome=Outcome.REFUSED)
    opened = replace(signed, query="", cookies=(delivery.session("ann", CURRENT, NOW + 9),))

    assert edge.response(signed)["statusCode"] == 403
    assert edge.response(opened)["statusCode"] == 403


@pytest.mark.parametrize(
    "expires",
    [
        "0",
        "-1",
        f"-{NOW + 1}",
        f"+{NOW + 1}",
        f"0{NOW + 1}",
        f"{NOW + 1}.5",
        f"{NOW}e1",
        "1e99",
        "9e9",
        "Infinity",
        "NaN",
        "0x7fffffffff",
        f" {NOW + 1}",
        f"{NOW + 1} ",
        f"{NOW + 1}\n",
        "9" * 12,
        "9" * 400,
        "",
        "٣" * 10,
    ],
)
def test_expiry_is_plain_digits_even_where_the_signature_is_right(edge: Edge, expires: str) -> None:
    path = path_of()
    right = f"e={expires}&s={delivery.mac(CURRENT, f'{path}?e={expires}')}"
    session = f"{expires}.{delivery.mac(CURRENT, f'session:{expires}.ann')}.ann"

    for case in (
        DeliveryCase(name="", path=path, query=right, outcome=Outcome.REFUSED),
        DeliveryCase(name="", path=path, cookies=(session,), outcome=Outcome.REFUSED),
    ):
        assert edge.response(case)["statusCode"] == 403


def test_second_cookie_of_the_name_hides_no_good_one(edge: Edge) -> None:
    mine = delivery.session("ann", CURRENT, NOW + 9)

    for cookies in (("no", mine), (mine, "no")):
        answer = edge.response(
            DeliveryCase(name="", path=path_of(), cookies=cookies, outcome=Outcome.SERVED)
        )
        assert "statusCode" not in answer


@settings(max_examples=300, deadline=None)
@given(
    mine=st.from_regex(rf"\A{owners.PATTERN}\Z"),
    other=st.from_regex(rf"\A{owners.PATTERN}\Z"),
)
def test_cookie_opens_its_owner_s_images_alone(edge: Edge, mine: str, other: str) -> None:
    path = path_of(mine)
    cookies = (delivery.session(other, CURRENT, NOW + 9),)

    answer = edge.response(
        DeliveryCase(name="", path=path, cookies=cookies, outcome=Outcome.REFUSED)
    )

    assert ("statusCode" not in answer) is (mine == other)
    if mine == other:
        assert answer["uri"].startswith(f"/{keys.PRIVATE}")


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_whatever_is_asked_for_is_a_rendition_or_refused(edge: Edge, tail: str) -> None:
    for path in (f"/{tail}", f"/{ID}/{tail}", f"/p/{tail}", f"/p/ann/{ID}/{tail}"):
        answer = edge.response(
            DeliveryCase(name="", path=path, query=query_of(path), outcome=Outcome.MISSING)
        )

        if "statusCode" not in answer:
            assert re.fullmatch(
                rf"(/private/[^/]+)?/{keys.ID_PATTERN}/[0-9a-f]+/[\w.-]+", answer["uri"], re.ASCII
            )


@pytest.mark.parametrize("length", [0, 1, 42, 43, 44, 5_000])
def test_signature_of_any_length_is_compared(edge: Edge, length: int) -> None:
    query = f"e={NOW + 1}&s={'A' * length}"

    answer = edge.response(
        DeliveryCase(name="", path=path_of(), query=query, outcome=Outcome.REFUSED)
    )

    assert answer["statusCode"] == 403


@pytest.mark.parametrize("guessed", ["", "*****", "CURRENT_KEY", "undefined"])
def test_what_the_template_may_fill_in_by_mistake_opens_nothing(guessed: str) -> None:
    path = path_of("ann")
    forged = DeliveryCase(
        name="forged", path=path, query=query_of(path, guessed), outcome=Outcome.REFUSED
    )

    with Edge(guessed, guessed) as edge:
        assert edge.response(forged)["statusCode"] == 403
