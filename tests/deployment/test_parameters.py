"""Settings of `tintype.toml` become the template's parameters, and mistakes are told before AWS does."""

from __future__ import annotations

import pytest

from tintype.config import load, shipped
from tintype.deployment.errors import WrongParameterError
from tintype.deployment.parameters import (
    given,
    pairs,
    parameters_of,
    setting_name,
    settings_of,
)
from tintype.releases import parameter_name

TEMPLATE = {
    "Parameters": {
        "MaxTries": {
            "Type": "Number",
            "Default": 3,
            "MinValue": 1,
            "MaxValue": 10,
            "ConstraintDescription": "a whole number from 1 to 10",
        },
        "CorsOrigins": {
            "Type": "CommaDelimitedList",
            "Default": "*",
            "AllowedPattern": r"\*|https?://[a-z.]+",
        },
        "PriceClass": {
            "Type": "String",
            "Default": "cheapest",
            "AllowedValues": ["cheapest", "most"],
        },
        "DomainName": {"Type": "String", "Default": ""},
        "PackagesBucket": {"Type": "String"},
    }
}
KNOWN = parameters_of(TEMPLATE)
FIXED = {"architecture": "arm64", "keep_data": True}


def test_default_is_text_and_none_where_one_must_be_given() -> None:
    assert KNOWN["MaxTries"].default == "3"
    assert KNOWN["PackagesBucket"].default is None


@pytest.mark.parametrize(
    ("setting", "value", "parameter", "text"),
    [
        ("max_tries", "5", "MaxTries", "5"),
        ("service.max_tries", "5", "MaxTries", "5"),
        ("price_class", "most", "PriceClass", "most"),
        ("price_class", '"most"', "PriceClass", "most"),
        ("cors_origins", "https://a.example", "CorsOrigins", "https://a.example"),
        ("cors_origins", '["https://a.ex", "https://b.ex"]', "CorsOrigins", "https://a.ex,https://b.ex"),
        ("domain.name", "images.example.com", "DomainName", "images.example.com"),
    ],
)  # fmt: skip
def test_setting_becomes_its_parameter(setting: str, value: str, parameter: str, text: str) -> None:
    assert given(KNOWN, {setting: value}, {}, FIXED) == {parameter: text}


def test_all_mistakes_are_told_at_once() -> None:
    settings = {"max_tries": "12", "max_trys": "3", "architecture": "x86_64", "cors_origins": "a"}

    with pytest.raises(WrongParameterError) as told:
        given(KNOWN, settings, {"PriceClas": "most"}, FIXED)

    assert str(told.value).splitlines() == [
        "max_trys: this release has no such setting; did you mean max_tries?",
        "architecture: is arm64 in this release, which cannot change it; build another release",
        "PriceClas: this release has no such setting; did you mean PriceClass?",
        'max_tries: "12" is not allowed; a whole number from 1 to 10',
        'cors_origins: "a" is not allowed',
    ]


def test_fixed_setting_may_be_said_as_it_is() -> None:
    assert given(KNOWN, {"architecture": "arm64", "keep_data": "true"}, {}, FIXED) == {}


@pytest.mark.parametrize("value", ["0", "11", "many", "-1"])
def test_number_out_of_its_range_is_not_taken(value: str) -> None:
    assert KNOWN["MaxTries"].objection(value)


@pytest.mark.parametrize("text", ["max_tries", "=5"])
def test_option_without_a_name_and_a_value_is_refused(text: str) -> None:
    with pytest.raises(WrongParameterError, match="is not NAME=VALUE"):
        pairs([text], "--set")


def test_every_setting_has_its_parameter_s_name_and_back() -> None:
    values = settings_of(load(shipped()))

    assert values["ProcessMemoryMib"] == "3008"
    assert values["CorsOrigins"] == values["DomainName"] == values["AlarmEmail"] == ""
    assert all(parameter_name(setting_name(name)) == name for name in values)
