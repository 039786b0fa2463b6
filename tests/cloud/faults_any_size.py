"""What can break on the way of a delivery address, planted and mended again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.cloud.faults import Fault, Plant, function_broken, function_stopped, role_without
from tests.cloud.mending import changed_distribution
from tests.cloud.operator import Operator


def render_permission_removed(action: str) -> Plant:
    """Return the fault that the CDN has lost one of the two permissions for the render function."""

    @contextmanager
    def lost(operator: Operator) -> Iterator[None]:
        client, function = operator.client("lambda"), operator.outputs["RenderFunction"]
        policy = json.loads(client.get_policy(FunctionName=function)["Policy"])
        (statement,) = (one for one in policy["Statement"] if one["Action"] == action)
        client.remove_permission(FunctionName=function, StatementId=statement["Sid"])
        yield
        own = (
            {"FunctionUrlAuthType": "AWS_IAM"}
            if action == "lambda:InvokeFunctionUrl"
            else {"InvokedViaFunctionUrl": True}
        )
        client.add_permission(
            FunctionName=function,
            StatementId=statement["Sid"],
            Action=action,
            Principal=statement["Principal"]["Service"],
            SourceArn=next(iter(statement["Condition"]["ArnLike"].values())),
            **own,
        )

    return lost


def any_size_changed(change: Callable[[dict[str, Any]], object]) -> Plant:
    """Return the fault that somebody changed the path of any size in the distribution."""

    def of_path(config: dict[str, Any]) -> None:
        (behavior,) = (
            one for one in config["CacheBehaviors"]["Items"] if one["PathPattern"] == "/i/*"
        )
        change(behavior)

    return lambda operator: changed_distribution(operator, of_path)


ANY_SIZE_FAULTS: Mapping[str, Fault] = {
    "render function broken": Fault(
        lambda operator: function_broken(operator, "render"), "function_fails", "render function"
    ),
    "render function stopped": Fault(
        lambda operator: function_stopped(operator, "Render"),
        "function_stopped",
        "render function",
        fixes=True,
    ),
    "render may not write": Fault(
        role_without("s3:PutObject", "render"), "function_fails", "s3 PutObject: AccessDenied"
    ),
    "CDN may not call by the URL": Fault(
        render_permission_removed("lambda:InvokeFunctionUrl"),
        "function_closed",
        "lambda:InvokeFunctionUrl",
    ),
    "CDN may call by the URL, and not at all": Fault(
        render_permission_removed("lambda:InvokeFunction"),
        "function_closed",
        "allow lambda:InvokeFunction.",
    ),
    "any size from the bucket alone": Fault(
        any_size_changed(lambda path: path.update(TargetOriginId="rendered")),
        "origin_wrong",
        "no origin group",
    ),
    "any size without its function": Fault(
        any_size_changed(lambda path: path.update(FunctionAssociations={"Quantity": 0})),
        "edge_function_missing",
        "/i/* runs no function",
    ),
}
