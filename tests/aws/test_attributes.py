"""Items survive the way into DynamoDB's attributes and back."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.aws.attributes import attributes, item_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Status(StrEnum):
    READY = "READY"


class Turn(IntEnum):
    UPRIGHT = 1


@given(st.dictionaries(st.text(), VALUES))
def test_what_goes_in_comes_out(item: dict[str, object]) -> None:
    assert item_of(attributes(item)) == item


@given(st.integers() | st.booleans())
def test_whole_numbers_and_truth_values_keep_their_types(value: int) -> None:
    assert type(item_of(attributes({"value": value}))["value"]) is type(value)


def test_enumerations_and_tuples_become_plain_values() -> None:
    item = attributes({"status": Status.READY, "orientation": Turn.UPRIGHT, "removed": ("GPS",)})

    assert item == {
        "status": {"S": "READY"},
        "orientation": {"N": "1"},
        "removed": {"L": [{"S": "GPS"}]},
    }


@pytest.mark.parametrize(
    ("digits", "number"), [("1E+3", 1000.0), ("-0.5", -0.5), ("12", 12), ("1" * 38, int("1" * 38))]
)
def test_numbers_are_read_as_dynamodb_writes_them(digits: str, number: float) -> None:
    assert item_of({"n": {"N": digits}}) == {"n": number}


@pytest.mark.parametrize("value", [b"bytes", {1}, object(), [b"bytes"], {"deep": {1}}])
def test_what_dynamodb_would_not_give_back_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no attribute type for"):
        attributes({"value": value})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="cannot store the number"):
        attributes({"value": number})


@pytest.mark.parametrize("attribute", [{"SS": ["a"]}, {"B": "YQ=="}, {}, {"N": 1}])
def test_foreign_attributes_are_refused(attribute: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="unsupported attribute type"):
        item_of({"value": attribute})
