"""`[service]` of `tintype.toml`: its settings, and those of one deployment in their place."""

from __future__ import annotations

import pytest

from tests.config_files import Write, mistakes
from tintype.config import ConfigError, load
from tintype.config.service import Architecture, Service


def test_setting_of_the_service_leaves_the_others_alone(write: Write) -> None:
    path = write('[service]\nmax_tries = 5\narchitecture = "x86_64"')

    assert load(path).service == Service(max_tries=5, architecture=Architecture.X86_64)


def test_setting_of_the_service_can_be_replaced_for_one_deployment(write: Write) -> None:
    path = write("[service]\nmax_tries = 5\nlog_days = 7")

    assert load(path, service={"max_tries": 7}).service == Service(max_tries=7, log_days=7)


def test_wrong_replacement_is_told_as_if_it_stood_in_the_file(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"service\.max_tries: 0 is not allowed"):
        load(write(""), service={"max_tries": 0})


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        (
            "max_tries = 4",
            "max_tries",
            "4 is not allowed; a whole number from 5 to 100 (tries before",
        ),
        (
            "retry_seconds = 1",
            "retry_seconds",
            "1 is not allowed; a whole number from 30 to 3600 (seconds between",
        ),
        ('architecture = "mips"', "architecture", '"mips" is not allowed; arm64 or x86_64'),
        ("price_class = 100", "price_class", "100 is not allowed; cheapest, most or all"),
        ("log_days = 8", "log_days", "8 is not allowed; 1, 3, 5, 7, 14, 30"),
        ("keep_data = 1", "keep_data", "1 is not allowed; true or false"),
        (
            f"cors_origins = {['https://a.example'] * 21}",
            "cors_origins",
            "a list of 21 is not allowed; a list of up to 20",
        ),
        ('cors_origins = ["*", "x"]', "cors_origins[0]", '"*" is not an origin'),
        (
            'cors_origins = ["https://Example.com/"]',
            "cors_origins[0]",
            '"https://Example.com/" is not an origin; write it as "https://example.com"',
        ),
        ('alarm_email = "nobody"', "alarm_email", '"nobody" is not '),
        (
            "process_reserved = 3",
            "process_reserved",
            "3 is less than process_concurrency, 10, plus background_concurrency, 5",
        ),
        (
            "catalogue_reserved = 6",
            "catalogue_reserved",
            "6 is less than catalogue_concurrency, 5, plus 2 for recording failures",
        ),
        ("retry_second = 3", "retry_second", 'unknown setting; did you mean "retry_seconds"?'),
    ],
)
def test_wrong_setting_of_the_service_is_told(
    write: Write, settings: str, setting: str, message: str
) -> None:
    found = mistakes(write(f"[service]\n{settings}"))

    assert found[0][:2] == (2, f"service.{setting}")
    assert found[0][2].startswith(message)
