"""One service may use another: for every edge of the template there is the statement that allows it."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed
from tests.infra.edges import (
    UnknownEdgeError,
    allowed_to_strangers,
    for_services,
    needs,
    serving,
    unallowed,
    without,
)
from tests.infra.parts import Template, resources
from tests.infra.test_checks import DOMAIN, EVERYTHING_SET


@pytest.fixture(scope="module")
def everything(write: Synthesise) -> Template:
    """The template as it is deployed with every setting."""
    return deployed(write(EVERYTHING_SET, DOMAIN), AccessMode="open")


def test_every_edge_is_allowed(template: Template, opened: Template, everything: Template) -> None:
    assert not unallowed(template)
    assert not unallowed(opened)
    assert not unallowed(everything)


def test_edges_are_those_of_the_flow(everything: Template) -> None:
    services = {need.who for need in needs(everything) if need.who.endswith(".amazonaws.com")}

    assert services == {
        "apigateway.amazonaws.com",
        "appsync.amazonaws.com",
        "cloudfront.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "lambda.amazonaws.com",
        "logging.s3.amazonaws.com",
        "s3.amazonaws.com",
        "sqs.amazonaws.com",
    }


def test_every_alarm_may_ring(everything: Template) -> None:
    ringing = {need.source for need in needs(everything) if need.action == "sns:Publish"}

    assert len(ringing) == len(resources(everything, "CloudWatch::Alarm"))


def test_each_statement_is_missed_when_it_is_taken_out(everything: Template) -> None:
    places = serving(everything)

    superfluous = [place for place in places if not unallowed(without(everything, place))]

    assert len(places) > 15
    assert not superfluous


def test_no_service_may_come_without_need(everything: Template) -> None:
    assert set(for_services(everything)) <= set(serving(everything))


def test_no_service_comes_for_a_stranger(everything: Template) -> None:
    assert not allowed_to_strangers(everything)


def test_alarm_of_another_account_would_ring_without_its_conditions(everything: Template) -> None:
    bare = deepcopy(everything)
    for policy in resources(bare, "SNS::TopicPolicy").values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                del statement["Condition"]

    assert {need.action for need in allowed_to_strangers(bare)} == {"sns:Publish"}


def test_a_kind_of_edge_that_nobody_knows_is_an_error(everything: Template) -> None:
    (topic,) = resources(everything, "SNS::Topic")
    (name, alarm), *_ = resources(everything, "CloudWatch::Alarm").items()
    new = deepcopy(everything)
    new["Resources"][name] = {
        **alarm,
        "Properties": {**alarm["Properties"], "OKActions": [{"Ref": topic}]},
    }

    with pytest.raises(UnknownEdgeError, match=f"{name} → {topic}: CloudWatch::Alarm OKActions"):
        needs(new)


def test_a_topic_that_writes_elsewhere_is_an_error(everything: Template) -> None:
    new = deepcopy(everything)
    for subscription in resources(new, "SNS::Subscription").values():
        subscription["Properties"]["Protocol"] = "sqs"

    with pytest.raises(UnknownEdgeError, match="sqs"):
        needs(new)
