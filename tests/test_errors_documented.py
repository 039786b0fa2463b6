"""`docs/reference/errors/` and the code agree: no code without its row, and no row without its code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import pytest

from tintype.aws.errors import InvalidRequestError, ServiceError, UnavailableError
from tintype.cli.errors import CliError
from tintype.client.errors import ClientError
from tintype.config import ConfigError
from tintype.deployment.checks.findings import Code
from tintype.deployment.errors import DeployError
from tintype.doctor.findings import FINDING_TYPES
from tintype.functions.errors import (
    INTERNAL,
    STATUS,
    UNAVAILABLE,
    ApiError,
    problem,
)
from tintype.imaging.errors import ImagingError, InvalidPresetError, MissingGlyphError
from tintype.local.errors import LocalCloudError
from tintype.maintenance.errors import MaintenanceError
from tintype.messages import MalformedMessageError
from tintype.processing.errors import OriginalNotFoundError
from tintype.processing.giving_up import NOT_PROCESSED
from tintype.processing.process import CRASHED
from tintype.uploads import UploadError
from tintype.usage import OverQuotaError

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference" / "errors"
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in sorted(FOLDER.glob("*.md")))
SCRIPT = (ROOT / "src" / "tintype_infra" / "deploy.sh").read_text(encoding="utf-8")


class Coded(Protocol):
    """An error of ours."""

    code: str
    __name__: str


def below(base: type[Exception]) -> list[type[Exception]]:
    direct = base.__subclasses__()
    return direct + [lower for kind in direct for lower in below(kind)]


def code(kind: type[Exception]) -> str:
    return cast("Coded", kind).code


def codes(kinds: Sequence[type[Exception]]) -> list[str]:
    return [code(kind) for kind in kinds]


ABOUT_PRESETS: list[type[Exception]] = [InvalidPresetError, MissingGlyphError]
OF_THE_API = [*below(ApiError), *below(UploadError), OverQuotaError]
OF_THE_FUNCTIONS: list[type[Exception]] = [OriginalNotFoundError, MalformedMessageError]
OF_AWS = below(ServiceError)
# What a deployment may fail with, but for what is told elsewhere in the same words.
OF_THE_SCRIPT = set(re.findall(r"(?:\bfail|✗) ([a-z]+_[a-z_]+)", SCRIPT))
OF_DEPLOYING = {code(kind) for kind in below(DeployError)} | {each.value for each in Code}
OF_THE_COMMAND_LINE = below(CliError) + below(ClientError) + below(MaintenanceError)
ELSEWHERE = {*codes(OF_AWS), *codes(OF_THE_COMMAND_LINE), ConfigError.code}
ERRORS = [
    *below(ImagingError),
    ConfigError,
    *OF_THE_COMMAND_LINE,
    *OF_THE_API,
    *OF_THE_FUNCTIONS,
    *OF_AWS,
    *below(DeployError),
    *below(LocalCloudError),
]

# What the API says of errors that it does not tell.
RETRYABLE = problem(UnavailableError("", service="any", operation="Any"))
INTERNALLY = problem(InvalidRequestError("", service="any", operation="Any"))

# Codes of two layers that are one fact: who asks hears the same, whoever found it.
SHARED = {
    "invalid_request": 2,  # the API's and AWS's: as it is, it will never be accepted
    "service_unavailable": 2,  # AWS's, and as the API tells it
    "not_signed_in": 2,  # the API's, and as clients tell it
    "deployment_failed": 2,  # CloudFormation's, on AWS and on this machine
}

# Under which headings of the pages which codes stand.
SECTIONS = {
    "The original is refused or broken": [
        code(kind) for kind in below(ImagingError) if kind not in ABOUT_PRESETS
    ],
    "A preset is wrong": codes(ABOUT_PRESETS),
    "The configuration is wrong": [ConfigError.code],
    "Files and folders|Uploads and images of a stack": codes(OF_THE_COMMAND_LINE),
    "The API refuses a request": [*codes(OF_THE_API), RETRYABLE.code, INTERNALLY.code],
    "Processing breaks off": [
        CRASHED.code,
        NOT_PROCESSED.code,
        *codes(OF_THE_FUNCTIONS),
    ],
    "AWS refuses or does not answer": codes(OF_AWS),
    "Deploying and destroying": sorted((OF_DEPLOYING | OF_THE_SCRIPT) - ELSEWHERE),
    "The local cloud does not start": codes(below(LocalCloudError)),
    "What `tintype doctor` finds": [kind.code for kind in FINDING_TYPES],
}


def rows(headings: str) -> list[list[str]]:
    """Return the cells of the rows below some headings, without the code's marks."""
    parts = re.split(r"(?m)^## ", PAGES)
    found = [part for part in parts if part.partition("\n")[0] in headings.split("|")]
    assert len(found) == headings.count("|") + 1, headings
    lines = re.findall(r"(?m)^\| `[a-z0-9_]+` \|.*$", "\n".join(found))
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("headings", SECTIONS)
def test_every_code_stands_under_its_heading_and_no_other_does(headings: str) -> None:
    assert sorted(row[0] for row in rows(headings)) == sorted(SECTIONS[headings])


def test_nothing_on_the_pages_stands_outside_of_these_headings() -> None:
    everywhere = re.findall(r"(?m)^\| `([a-z0-9_]+)` \|", PAGES)

    assert sorted(everywhere) == sorted(one for codes in SECTIONS.values() for one in codes)


def test_every_error_has_a_code_of_its_own_but_for_those_that_are_one_fact() -> None:
    counted = Counter(one for codes in SECTIONS.values() for one in codes)

    assert {one: count for one, count in counted.items() if count > 1} == SHARED


def test_no_error_has_its_family_s_code() -> None:
    families = (
        ImagingError,
        CliError,
        ClientError,
        ApiError,
        UploadError,
        ServiceError,
        DeployError,
        LocalCloudError,
        MaintenanceError,
    )

    assert not set(codes(families)) & set(codes(ERRORS))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_says_in_a_sentence_what_it_is(kind: type[Exception]) -> None:
    assert kind.__doc__
    assert kind.__doc__.strip().endswith(".")


def test_the_page_has_the_status_of_every_refusal() -> None:
    documented = {row[0]: int(row[1]) for row in rows("The API refuses a request")}

    known = {code(kind): outcome.status for kind, outcome in STATUS.items()}
    assert documented == known | {
        RETRYABLE.code: UNAVAILABLE.status,
        INTERNALLY.code: INTERNAL.status,
    }


def test_the_page_says_of_aws_what_may_be_tried_again() -> None:
    documented = {row[0]: row[1] for row in rows("AWS refuses or does not answer")}

    assert documented == {
        code(kind): "retryable" if cast("type[ServiceError]", kind).retryable else "final"
        for kind in OF_AWS
    }


@pytest.mark.parametrize("headings", SECTIONS)
def test_every_code_has_its_meaning_and_something_to_do(headings: str) -> None:
    for row in rows(headings):
        *_, meaning, advice = row
        assert len(meaning) > 20, row[0]
        assert advice.endswith("."), row[0]
