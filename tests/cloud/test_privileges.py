"""Least privilege, proven: a role needs all that it may do, and may do nothing else.

What each permission is for says `needs.py`, and which of them are proven with the role's own
credentials, since the emulator does not ask IAM where AWS does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from docs.making.permissions import Permission
from tests.cloud.deploying import KEYS
from tests.cloud.direct import (
    DENIALS,
    PNG,
    TIMEOUT_SECONDS,
    DeniedError,
    Deployed,
    Request,
    directly,
)
from tests.cloud.needs import API, CATALOGUE, NEEDS, PROCESS
from tests.cloud.operator import Operator
from tests.cloud.permissions import GRAPHQL, ROLES, Roles, documented
from tests.cloud.rendering import RENDER
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Stack
from tintype.aws.appsync import GraphqlApi
from tintype.aws.errors import AccessDeniedError
from tintype.catalogue import PUBLISH, announcement
from tintype.images import from_document
from tintype.keys import manifest_key

FUNCTIONS = (API, PROCESS, CATALOGUE)
OTHERS = "tintype-originals-of-another-stack"


@pytest.fixture(scope="module")
def deployed(cloud: RunningCloud, stack: Stack, operator: Operator) -> Iterator[Deployed]:
    with ExitStack() as closing:
        there = Deployed(stack, operator, Roles(cloud, operator, closing))
        there.empty_queues()  # of what other tests have left to be done
        image = stack.ready(stack.upload(PNG))
        there.image_id, there.key = image["id"], image["original"]["key"]
        # From its second manifest on, an image is swept each time.
        operator.change_record(there.image_id, presetsRevision="older")
        stack.request("POST", f"/images/{there.image_id}/reprocess").raise_for_status()
        stack.when(there.image_id, lambda one: one is not None and one["version"] == 7)
        there.empty_queues()
        before = there.roles.permissions()
        yield there
        there.empty_queues()
        assert there.roles.permissions() == before, "every role has back what was taken"


def _sentence(permission: Permission) -> str:
    return f"{permission.who}-{permission.action}-{permission.resource}".replace(" ", "_")


def test_the_deployed_roles_may_do_what_the_page_says(deployed: Deployed) -> None:
    # The local cloud has every setting by which a role may do more.
    said = {replace(one, condition="") for one in documented()}

    assert deployed.roles.permissions() == said


def test_every_permission_is_known_to_be_for_something() -> None:
    assert set(NEEDS) == set(documented())


@pytest.mark.parametrize("permission", documented(), ids=_sentence)
def test_a_role_needs_what_it_may_do(deployed: Deployed, permission: Permission) -> None:
    need = NEEDS[permission]
    deployed.timeout_seconds = TIMEOUT_SECONDS
    if need not in deployed.took_seconds:
        start = time.monotonic()
        need(deployed)
        deployed.took_seconds[need] = time.monotonic() - start

    deployed.timeout_seconds = max(2.0, 5 * deployed.took_seconds[need])
    try:
        with deployed.roles.without(permission), pytest.raises(DeniedError):
            need(deployed)
    finally:
        deployed.empty_queues()


# What a role may not do: who, what, AWS's service, the request.


def _put(bucket: str, key: str) -> Request:
    return lambda there, s3: s3.put_object(Bucket=getattr(there, bucket), Key=key, Body=PNG)


def _get_original(there: Deployed, s3: Any) -> None:
    s3.get_object(Bucket=there.originals, Key=there.key)


def _delete_original(there: Deployed, s3: Any) -> None:
    s3.delete_object(Bucket=there.originals, Key=there.key)


def _delete_version(key: str) -> Request:
    return lambda there, s3: s3.delete_object(Bucket=there.originals, Key=key, VersionId="none")


def _get_rendition(there: Deployed, s3: Any) -> None:
    image = there.stack.image(there.image_id)
    assert image is not None
    s3.get_object(Bucket=there.renditions, Key=image["renditions"][0]["key"])


def _get_manifest(there: Deployed, s3: Any) -> None:
    s3.get_object(Bucket=there.renditions, Key=manifest_key(there.image_id))


def _delete_rendition(there: Deployed, s3: Any) -> None:
    s3.delete_object(Bucket=there.renditions, Key=manifest_key(there.image_id))


def _list(bucket: str) -> Request:
    return lambda there, s3: s3.list_objects_v2(Bucket=getattr(there, bucket))


def _get_record(there: Deployed, dynamodb: Any) -> None:
    dynamodb.get_item(TableName=there.table, Key={"id": {"S": there.image_id}})


def _put_record(there: Deployed, dynamodb: Any) -> None:
    dynamodb.put_item(TableName=there.table, Item={"id": {"S": "new"}})


def _delete_record(there: Deployed, dynamodb: Any) -> None:
    dynamodb.delete_item(TableName=there.table, Key={"id": {"S": there.image_id}})


def _scan(there: Deployed, dynamodb: Any) -> None:
    dynamodb.scan(TableName=there.table)


def _query(index: dict[str, str]) -> Request:
    return lambda there, dynamodb: dynamodb.query(
        TableName=there.table,
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "any"}},
        **index,
    )


def _send(queue: str) -> Request:
    return lambda there, sqs: sqs.send_message(QueueUrl=there.queue(queue), MessageBody="{}")


def _receive(queue: str) -> Request:
    return lambda there, sqs: sqs.receive_message(QueueUrl=there.queue(queue))


def _invoke(function: str) -> Request:
    return lambda there, lambda_: lambda_.invoke(FunctionName=there.stack.outputs[function])


INDEX = {"IndexName": "byOwner"}
FORBIDDEN: list[tuple[str, str, str, Request]] = [
    (API, "put a rendition", "s3", _put("renditions", "a/b/c.webp")),
    (API, "delete a rendition", "s3", _delete_rendition),
    (API, "read a rendition", "s3", _get_rendition),
    (API, "read a manifest", "s3", _get_manifest),
    (API, "list the renditions", "s3", _list("renditions")),
    (API, "list the originals", "s3", _list("originals")),
    (API, "put an original under a key of its own", "s3", _put("originals", "a.png")),
    (API, "delete a record", "dynamodb", _delete_record),
    (API, "scan the table", "dynamodb", _scan),
    (API, "query the table", "dynamodb", _query({})),
    (API, "receive from the process queue", "sqs", _receive("process")),
    (API, "call the catalogue function", "lambda", _invoke("CatalogueFunction")),
    (PROCESS, "put an original", "s3", _put("originals", "originals/a.png")),
    (PROCESS, "delete an original", "s3", _delete_original),
    (PROCESS, "delete a version of somebody's own object", "s3", _delete_version("a.png")),
    (API, "delete a version", "s3", _delete_version("originals/a.png")),
    (PROCESS, "read a record", "dynamodb", _get_record),
    (PROCESS, "write a record", "dynamodb", _put_record),
    (PROCESS, "delete a record", "dynamodb", _delete_record),
    (PROCESS, "scan the table", "dynamodb", _scan),
    (PROCESS, "query the index", "dynamodb", _query(INDEX)),
    (PROCESS, "receive from the catalogue queue", "sqs", _receive("catalogue")),
    (PROCESS, "call the api function", "lambda", _invoke("ApiFunction")),
    (CATALOGUE, "read an original", "s3", _get_original),
    (CATALOGUE, "put an original", "s3", _put("originals", "originals/a.png")),
    (CATALOGUE, "delete an original", "s3", _delete_original),
    (CATALOGUE, "read a rendition", "s3", _get_rendition),
    (CATALOGUE, "put a rendition", "s3", _put("renditions", "a/b/c.webp")),
    (CATALOGUE, "delete a rendition", "s3", _delete_rendition),
    (CATALOGUE, "scan the table", "dynamodb", _scan),
    (CATALOGUE, "query the index", "dynamodb", _query(INDEX)),
    (CATALOGUE, "call the process function", "lambda", _invoke("ProcessFunction")),
    (KEYS, "read a record", "dynamodb", _get_record),
    (KEYS, "read an original", "s3", _get_original),
    (KEYS, "call the api function", "lambda", _invoke("ApiFunction")),
    (RENDER, "put a rendition", "s3", _put("renditions", "a/b/c.webp")),
    (RENDER, "put a manifest", "s3", _put("renditions", "a/manifest.json")),
    (RENDER, "delete a rendition", "s3", _delete_rendition),
    (RENDER, "put an original", "s3", _put("originals", "originals/a.png")),
    (RENDER, "delete an original", "s3", _delete_original),
    (RENDER, "read a record", "dynamodb", _get_record),
    (RENDER, "receive from the process queue", "sqs", _receive("process")),
    (RENDER, "call the process function", "lambda", _invoke("ProcessFunction")),
    (GRAPHQL, "write a record", "dynamodb", _put_record),
    (GRAPHQL, "scan the table", "dynamodb", _scan),
]


@pytest.mark.parametrize(
    ("who", "service", "request_"),
    [(who, service, request) for who, _, service, request in FORBIDDEN],
    ids=[f"{who}-{what}".replace(" ", "_") for who, what, _, _ in FORBIDDEN],
)
def test_a_role_may_not(deployed: Deployed, who: str, service: str, request_: Request) -> None:
    with pytest.raises(DeniedError):
        directly(who, service, request_)(deployed)


@pytest.mark.parametrize("who", [API, PROCESS])
def test_only_the_catalogue_function_may_publish(deployed: Deployed, who: str) -> None:
    image = deployed.stack.image(deployed.image_id)
    assert image is not None
    account = deployed.roles.account(who)
    about = announcement(from_document(image), deployed.stack.outputs["CdnUrl"])

    with pytest.raises(AccessDeniedError):
        GraphqlApi(account, f"{account.endpoint}/graphql").execute(PUBLISH, {"image": about})


@pytest.fixture(scope="module")
def others_bucket(operator: Operator) -> Iterator[str]:
    s3 = operator.client("s3")
    s3.create_bucket(Bucket=OTHERS)
    s3.put_object(Bucket=OTHERS, Key="a.png", Body=PNG)
    yield OTHERS
    s3.delete_object(Bucket=OTHERS, Key="a.png")
    s3.delete_bucket(Bucket=OTHERS)


@pytest.mark.parametrize("who", ROLES)
def test_a_role_stays_within_its_stack(deployed: Deployed, who: str, others_bucket: str) -> None:
    s3 = deployed.roles.client(who, "s3")

    _assert_denied(s3.get_object, Bucket=others_bucket, Key="a.png")
    _assert_denied(s3.put_object, Bucket=others_bucket, Key="b.png", Body=PNG)
    _assert_denied(s3.list_objects_v2, Bucket=others_bucket)
    _assert_denied(s3.list_buckets)


@pytest.mark.parametrize("who", ROLES)
def test_a_role_cannot_get_more_than_it_has(deployed: Deployed, who: str) -> None:
    mine, role = deployed.roles.arn(who), deployed.roles.arn(who).rpartition("/")[2]
    own = {"FunctionName": deployed.stack.outputs["ApiFunction"]}
    code = b"PK\x05\x06" + bytes(18)  # the smallest zip
    new = {"FunctionName": "mine", "Role": mine, "Runtime": "python3.11", "Handler": "a.b"}
    iam = deployed.roles.client(who, "iam")
    lambda_ = deployed.roles.client(who, "lambda")

    _assert_denied(lambda_.update_function_code, **own, ZipFile=code)
    _assert_denied(lambda_.update_function_configuration, **own, Role=mine)
    _assert_denied(lambda_.create_function, **new, Code={"ZipFile": code})
    _assert_denied(iam.put_role_policy, RoleName=role, PolicyName="more", PolicyDocument="{}")
    _assert_denied(iam.update_assume_role_policy, RoleName=role, PolicyDocument="{}")
    _assert_denied(deployed.roles.client(who, "cloudformation").describe_stacks)


@pytest.mark.parametrize("who", ROLES)
def test_a_role_can_be_passed_on_by_none(deployed: Deployed, who: str) -> None:
    """Simulated: no request passes a role alone, and to what passes one none has a right either."""
    answer = deployed.operator.client("iam").simulate_principal_policy(
        PolicySourceArn=deployed.roles.arn(who),
        ActionNames=["iam:PassRole"],
        ResourceArns=[deployed.roles.arn(other) for other in ROLES],
    )

    assert {one["EvalDecision"] for one in answer["EvaluationResults"]} == {"implicitDeny"}


@pytest.mark.parametrize("who", ROLES)
def test_nobody_but_its_service_may_be_a_role(deployed: Deployed, who: str) -> None:
    service = "appsync" if who == GRAPHQL else "lambda"
    (trusted,) = deployed.roles.trusts(who)["Statement"]

    assert trusted["Principal"] == {"Service": f"{service}.amazonaws.com"}
    for other in ROLES:
        _assert_denied(
            deployed.roles.client(other, "sts").assume_role,
            RoleArn=deployed.roles.arn(who),
            RoleSessionName="another",
        )


def _assert_denied(forbidden: Callable[..., object], **parameters: object) -> None:
    with pytest.raises(ClientError) as refused:
        forbidden(**parameters)
    assert refused.value.response["Error"]["Code"] in DENIALS
