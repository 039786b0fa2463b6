"""The page's key for the GraphQL API: what the stack's rule sends to its function gives it a year."""

from __future__ import annotations

import time

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud

DAY = 86_400


def test_what_the_rule_sends_gives_the_key_a_year(cloud: RunningCloud, operator: Operator) -> None:
    events, appsync = operator.client("events"), operator.client("appsync")
    outputs = cloud.outputs
    api, key = outputs["GraphqlApiId"], outputs["GraphqlApiKey"]
    (function,) = (
        operator.client("lambda").get_function_configuration(
            FunctionName=outputs["CatalogueFunction"]
        ),
    )
    (name,) = events.list_rule_names_by_target(TargetArn=function["FunctionArn"])["RuleNames"]
    (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
    appsync.update_api_key(apiId=api, id=key, expires=int(time.time()) + DAY)

    answer = operator.client("lambda").invoke(
        FunctionName=function["FunctionName"], Payload=target["Input"].encode()
    )

    assert "FunctionError" not in answer, answer["Payload"].read()
    (found,) = appsync.list_api_keys(apiId=api)["apiKeys"]
    days = (found["expires"] - time.time()) / DAY
    assert 363 < days <= 364
