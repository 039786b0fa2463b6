"""Other programs' addresses in the template: their paths lead to their function, and to no origin."""

from __future__ import annotations

import json

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.parts import Template, resources
from tests.infra.test_page import distribution
from tintype.config.delivery import Delivery, Dialect
from tintype_infra.moving_edge import PATTERNS

ACCEPTED = Delivery(accept=(Dialect.DIT, Dialect.THUMBOR, Dialect.IMGPROXY))


@pytest.fixture(scope="module")
def accepting(write: Synthesise) -> Template:
    return write(delivery=ACCEPTED)


def test_by_default_no_other_programs_address_has_a_path(template: Template) -> None:
    patterns = {each["PathPattern"] for each in distribution(template)["CacheBehaviors"]}

    assert not patterns & {pattern for each in PATTERNS.values() for pattern in each}


def test_paths_are_tried_in_an_order_in_which_each_can_be_reached(accepting: Template) -> None:
    """imgproxy's are among those of thumbor."""
    patterns = [each["PathPattern"] for each in distribution(accepting)["CacheBehaviors"]]
    wanted = [pattern for each in PATTERNS.values() for pattern in each]

    assert [pattern for pattern in patterns if pattern in wanted] == wanted
    assert patterns.index("/unsafe/*plain/*") < patterns.index("/unsafe/*")


def test_each_path_runs_the_function_of_its_dialect(accepting: Template) -> None:
    ran = {
        each["PathPattern"]: each["FunctionAssociations"]
        for each in distribution(accepting)["CacheBehaviors"]
    }
    for dialect in Dialect:
        for pattern in PATTERNS[dialect]:
            (association,) = ran[pattern]
            assert association["EventType"] == "viewer-request"
            assert f"From{dialect.title()}" in json.dumps(association["FunctionARN"])


def test_functions_know_the_bucket_and_the_keys(accepting: Template) -> None:
    functions = {
        name: json.dumps(one["Properties"]["FunctionCode"])
        for name, one in resources(accepting, "CloudFront::Function").items()
        if "From" in name
    }

    assert len(functions) == len(Dialect)
    for code in functions.values():
        assert '"Current"' in code
        assert '"Previous"' in code
        assert "originals" in code.lower()
        assert "CURRENT_KEY" not in code
        assert "ORIGINALS_BUCKET" not in code
