"""What can break in a deployed stack, planted by its owner and mended again.

Start with `FAULTS`. Each is what a hurried hand, an expired key or a bad release does to one part.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

from tests.cloud.operator import Operator

Plant: TypeAlias = Callable[[Operator], AbstractContextManager[None]]
BROKEN = b'def handler(event, context):\n    raise RuntimeError("a bad release")\n'
EXPIRED = 1_700_000_000  # in 2023
LETTER = {"command": "reprocess", "imageId": "01M7XPE600ABCDEFGHJKMNPQRS", "key": "holiday.jpg"}


@dataclass(frozen=True)
class Fault:
    """A fault, the code that the doctor should find for it first, and a word of its message.

    *mends*: the command that the doctor advises is enough to mend it.
    """

    plant: Plant
    code: str
    says: str
    mends: bool = False


@contextmanager
def queue_policy_removed(operator: Operator) -> Iterator[None]:
    sqs, url = operator.client("sqs"), operator.outputs["DevelopQueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=found)


@contextmanager
def notification_removed(operator: Operator) -> Iterator[None]:
    s3, bucket = operator.client("s3"), operator.outputs["OriginalsBucket"]
    found = _told(s3, bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=found)


@contextmanager
def function_broken(operator: Operator, name: str = "develop") -> Iterator[None]:
    client, function = operator.client("lambda"), operator.outputs[f"{name.capitalize()}Function"]
    configuration = client.get_function_configuration(FunctionName=function)
    package = _package(operator, function)
    updated = client.get_waiter("function_updated_v2")
    for code in (_zipped(configuration["Handler"]), package):
        client.update_function_code(FunctionName=function, ZipFile=code)
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        if code != package:
            yield


@contextmanager
def source_disabled(operator: Operator) -> Iterator[None]:
    client, function = operator.client("lambda"), operator.outputs["CatalogueFunction"]
    queue = operator.outputs["CatalogueQueueUrl"].rpartition("/")[2]
    (found,) = (
        one
        for one in client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
        if one["EventSourceArn"].endswith(f":{queue}")
    )
    client.update_event_source_mapping(UUID=found["UUID"], Enabled=False)
    yield
    client.update_event_source_mapping(UUID=found["UUID"], Enabled=True)


@contextmanager
def table_deleted(operator: Operator) -> Iterator[None]:
    dynamodb, name = operator.client("dynamodb"), operator.outputs["ImagesTable"]
    found = dynamodb.describe_table(TableName=name)["Table"]
    dynamodb.delete_table(TableName=name)
    yield
    if name in dynamodb.list_tables()["TableNames"]:
        return
    (index,) = found["GlobalSecondaryIndexes"]
    wanted = ("IndexName", "KeySchema", "Projection")
    dynamodb.create_table(
        TableName=name,
        KeySchema=found["KeySchema"],
        AttributeDefinitions=found["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[{part: index[part] for part in wanted}],
    )


@contextmanager
def key_expired(operator: Operator) -> Iterator[None]:
    appsync = operator.client("appsync")
    api_id, key = operator.outputs["GraphqlApiId"], operator.outputs["GraphqlApiKey"]
    (found,) = appsync.list_api_keys(apiId=api_id)["apiKeys"]
    appsync.update_api_key(apiId=api_id, id=key, expires=EXPIRED)
    yield
    appsync.update_api_key(apiId=api_id, id=key, expires=found["expires"])


@contextmanager
def keys_off(operator: Operator) -> Iterator[None]:
    appsync, api_id = operator.client("appsync"), operator.outputs["GraphqlApiId"]
    found = appsync.get_graphql_api(apiId=api_id)["graphqlApi"]
    parts = ("name", "authenticationType", "additionalAuthenticationProviders")
    before = {part: found[part] for part in parts}
    without = {"authenticationType": "AWS_IAM", "additionalAuthenticationProviders": []}
    appsync.update_graphql_api(apiId=api_id, **before | without)
    yield
    appsync.update_graphql_api(apiId=api_id, **before)


@contextmanager
def resolver_deleted(operator: Operator) -> Iterator[None]:
    appsync, api_id = operator.client("appsync"), operator.outputs["GraphqlApiId"]
    (found,) = appsync.list_resolvers(apiId=api_id, typeName="Mutation")["resolvers"]
    appsync.delete_resolver(apiId=api_id, typeName="Mutation", fieldName=found["fieldName"])
    yield
    parts = ("typeName", "fieldName", "dataSourceName", "runtime", "code")
    appsync.create_resolver(apiId=api_id, **{part: found[part] for part in parts})


@contextmanager
def origin_wrong(operator: Operator) -> Iterator[None]:
    def ask_another_bucket(config: dict[str, Any]) -> None:
        for origin in config["Origins"]["Items"]:
            if origin["Id"] == "renditions":
                origin["DomainName"] = "somebody-elses-bucket.s3.us-east-1.amazonaws.com"

    with _distribution(operator, ask_another_bucket):
        yield


@contextmanager
def distribution_off(operator: Operator) -> Iterator[None]:
    with _distribution(operator, lambda config: config.update(Enabled=False)):
        yield


@contextmanager
def bucket_policy_removed(operator: Operator) -> Iterator[None]:
    s3, bucket = operator.client("s3"), operator.outputs["RenditionsBucket"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    yield
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@contextmanager
def route_deleted(operator: Operator) -> Iterator[None]:
    api, api_id = operator.client("apigatewayv2"), _http_api_id(operator)
    (route,) = api.get_routes(ApiId=api_id)["Items"]
    api.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    yield
    for again in api.get_routes(ApiId=api_id)["Items"]:
        api.delete_route(ApiId=api_id, RouteId=again["RouteId"])
    api.create_route(ApiId=api_id, RouteKey=route["RouteKey"], Target=route["Target"])


@contextmanager
def integration_deleted(operator: Operator) -> Iterator[None]:
    api, api_id = operator.client("apigatewayv2"), _http_api_id(operator)
    (route,) = api.get_routes(ApiId=api_id)["Items"]
    (found,) = api.get_integrations(ApiId=api_id)["Items"]
    api.delete_integration(ApiId=api_id, IntegrationId=found["IntegrationId"])
    yield
    parts = ("IntegrationType", "IntegrationUri", "PayloadFormatVersion")
    again = api.create_integration(ApiId=api_id, **{part: found[part] for part in parts})
    target = f"integrations/{again['IntegrationId']}"
    api.update_route(ApiId=api_id, RouteId=route["RouteId"], Target=target)


@contextmanager
def permission_removed(operator: Operator) -> Iterator[None]:
    client, function = operator.client("lambda"), operator.outputs["ApiFunction"]
    policy = json.loads(client.get_policy(FunctionName=function)["Policy"])
    (statement,) = policy["Statement"]
    client.remove_permission(FunctionName=function, StatementId=statement["Sid"])
    yield
    with suppress(client.exceptions.ResourceNotFoundException):
        client.remove_permission(FunctionName=function, StatementId="http-api")
    client.add_permission(
        FunctionName=function,
        StatementId=statement["Sid"],
        Action=statement["Action"],
        Principal=statement["Principal"]["Service"],
        SourceArn=next(iter(statement["Condition"]["ArnLike"].values())),
    )


@contextmanager
def config_missing(operator: Operator) -> Iterator[None]:
    s3, place = operator.client("s3"), {"Bucket": operator.outputs["SiteBucket"]}
    body = s3.get_object(**place, Key="config.json")["Body"].read()
    s3.delete_object(**place, Key="config.json")
    _forget_config(operator)
    yield
    _put_config(operator, body)


@contextmanager
def config_foreign(operator: Operator) -> Iterator[None]:
    s3, place = operator.client("s3"), {"Bucket": operator.outputs["SiteBucket"]}
    body = s3.get_object(**place, Key="config.json")["Body"].read()
    known = json.loads(body) | {"graphqlUrl": "https://another.example/graphql"}
    _put_config(operator, json.dumps(known).encode())
    yield
    _put_config(operator, body)


def role_without(action: str, function: str) -> Plant:
    """Return the fault that a function's role has lost one action."""

    @contextmanager
    def lost(operator: Operator) -> Iterator[None]:
        iam, client = operator.client("iam"), operator.client("lambda")
        name = operator.outputs[f"{function.capitalize()}Function"]
        role = client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
        (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        put = {"RoleName": role, "PolicyName": policy}
        iam.put_role_policy(**put, PolicyDocument=json.dumps(_without(document, action)))
        yield
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=role, PolicyName="put-back")
        iam.put_role_policy(**put, PolicyDocument=json.dumps(document))

    return lost


@contextmanager
def function_stopped(operator: Operator) -> Iterator[None]:
    client, function = operator.client("lambda"), operator.outputs["DevelopFunction"]
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    yield
    client.delete_function_concurrency(FunctionName=function)


@contextmanager
def dead_letter(operator: Operator) -> Iterator[None]:
    sqs, url = operator.client("sqs"), operator.outputs["DevelopDeadLetterQueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(LETTER))
    yield
    sqs.purge_queue(QueueUrl=url)


@contextmanager
def alarm_rings(operator: Operator) -> Iterator[None]:
    cloudwatch = operator.client("cloudwatch")
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    name = next(one["AlarmName"] for one in alarms if "DevelopWaiting" in one["AlarmName"])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="it waits")
    yield
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="it came")


@contextmanager
def key_deleted(operator: Operator) -> Iterator[None]:
    """Nothing brings this key back: it is the last of the faults."""
    appsync, api_id = operator.client("appsync"), operator.outputs["GraphqlApiId"]
    appsync.delete_api_key(apiId=api_id, id=operator.outputs["GraphqlApiKey"])
    yield


def key_put_back(operator: Operator) -> dict[str, str]:
    """Let CloudFormation make another key, and return the stack's outputs with it.

    The emulator knows no REVERT_DRIFT; it makes a deleted key anew when its template changes, which
    AWS refuses.
    """
    cloudformation = operator.client("cloudformation")
    (before,) = cloudformation.describe_stacks(StackName="tintype")["Stacks"]
    kept = [
        {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
        for one in before["Parameters"]
    ]
    template = cloudformation.get_template(StackName="tintype")["TemplateBody"]
    template = json.loads(template) if isinstance(template, str) else template
    (key,) = (
        one for one in template["Resources"].values() if one["Type"] == "AWS::AppSync::ApiKey"
    )
    key["Properties"]["Description"] = "another"
    place = {"Bucket": operator.outputs["RenditionsBucket"], "Key": "another.template.json"}
    operator.client("s3").put_object(**place, Body=json.dumps(template).encode())
    cloudformation.update_stack(
        StackName="tintype",
        TemplateURL=operator.client("s3").generate_presigned_url("get_object", Params=place),
        Parameters=kept,
        Capabilities=before["Capabilities"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="tintype", WaiterConfig={"Delay": 1}
    )
    (after,) = cloudformation.describe_stacks(StackName="tintype")["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in after["Outputs"]}
    return {**operator.outputs, "GraphqlApiKey": outputs["GraphqlApiKey"]}


FAULTS: Mapping[str, Fault] = {
    "queue policy removed": Fault(
        queue_policy_removed, "queue_closed", "develop queue", mends=True
    ),
    "bucket notification removed": Fault(
        notification_removed, "events_off", "originals bucket", mends=True
    ),
    "develop function broken": Fault(function_broken, "function_fails", "a bad release"),
    "api function broken": Fault(
        lambda operator: function_broken(operator, "api"), "function_fails", "api function"
    ),
    "catalogue's event source disabled": Fault(
        source_disabled, "source_off", "catalogue function", mends=True
    ),
    "table deleted": Fault(table_deleted, "part_missing", "images table", mends=True),
    "API key expired": Fault(key_expired, "key_expired", "2023-11-14", mends=True),
    "API keys off": Fault(keys_off, "keys_off", "no keys"),
    "resolver deleted": Fault(resolver_deleted, "resolver_missing", "publishImage"),
    "CDN origin wrong": Fault(origin_wrong, "origin_wrong", "somebody-elses-bucket"),
    "CDN switched off": Fault(distribution_off, "distribution_off", "switched off"),
    "bucket policy removed": Fault(
        bucket_policy_removed, "bucket_closed", "renditions bucket", mends=True
    ),
    "API route deleted": Fault(route_deleted, "route_missing", "route", mends=True),
    "API integration deleted": Fault(integration_deleted, "route_missing", "integration"),
    "API may not call": Fault(permission_removed, "function_closed", "api function", mends=True),
    "config.json missing": Fault(config_missing, "config_missing", "config.json"),
    "config.json of another stack": Fault(config_foreign, "config_foreign", "another.example"),
    "develop may not write": Fault(
        role_without("s3:PutObject", "develop"),
        "role_lacks",
        "s3:PutObject on the renditions",
        mends=True,
    ),
    "catalogue may not announce": Fault(
        role_without("appsync:GraphQL", "catalogue"), "role_lacks", "appsync:GraphQL", mends=True
    ),
    "dead letter": Fault(dead_letter, "dead_letters", "1 dead letter"),
    "concurrency zero": Fault(function_stopped, "function_stopped", "develop function", mends=True),
    "alarm rings": Fault(alarm_rings, "alarm_rings", "DevelopWaiting"),
}


def _told(s3: Any, bucket: str) -> dict[str, Any]:
    found: dict[str, Any] = s3.get_bucket_notification_configuration(Bucket=bucket)
    found.pop("ResponseMetadata", None)
    return found


def _package(operator: Operator, function: str) -> bytes:
    found = operator.client("lambda").get_function(FunctionName=function)
    return operator.fetch(found["Code"]["Location"])


def _zipped(handler: str) -> bytes:
    """Return a package with a function that always raises, where *handler* says that it is."""
    module = handler.rpartition(".")[0].replace(".", "/")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for folder in ("tintype", "tintype/functions"):
            archive.writestr(f"{folder}/__init__.py", b"")
        archive.writestr(f"{module}.py", BROKEN)
    return packed.getvalue()


@contextmanager
def _distribution(operator: Operator, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    cloudfront, name = operator.client("cloudfront"), operator.outputs["DistributionId"]

    def update(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        found = cloudfront.get_distribution_config(Id=name)
        _complete(found["DistributionConfig"])
        before: dict[str, Any] = json.loads(json.dumps(found["DistributionConfig"]))
        change(found["DistributionConfig"])
        cloudfront.update_distribution(
            Id=name, DistributionConfig=found["DistributionConfig"], IfMatch=found["ETag"]
        )
        return before

    before = update(change)
    yield
    update(lambda config: config.update(before))


def _complete(config: dict[str, Any]) -> None:
    """Add what AWS answers in any case, and the emulator where it was said, so that it can be sent back."""
    config.setdefault("Comment", "")
    for origin in config["Origins"]["Items"]:
        if "CustomOriginConfig" in origin:
            origin["CustomOriginConfig"] = {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                **origin["CustomOriginConfig"],
            }


def _http_api_id(operator: Operator) -> str:
    (found,) = operator.client("apigatewayv2").get_apis()["Items"]
    return str(found["ApiId"])


def publish_config(operator: Operator, known: Mapping[str, object]) -> None:
    """Put a config.json into the site bucket."""
    _put_config(operator, json.dumps(known).encode())


def _put_config(operator: Operator, body: bytes) -> None:
    # As `publishing` puts it: the CDN asks again after a second, the cache policy's least time.
    operator.client("s3").put_object(
        Bucket=operator.outputs["SiteBucket"],
        Key="config.json",
        Body=body,
        ContentType="application/json",
        CacheControl="no-cache",
    )
    _forget_config(operator)


def _forget_config(operator: Operator) -> None:
    operator.client("cloudfront").create_invalidation(
        DistributionId=operator.outputs["DistributionId"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/config.json"]},
            "CallerReference": uuid4().hex,
        },
    )


def _without(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    statements = []
    for statement in document["Statement"]:
        actions = statement["Action"]
        kept = [
            one for one in ([actions] if isinstance(actions, str) else actions) if one != action
        ]
        if kept:
            statements.append({**statement, "Action": kept})
    return {**document, "Statement": statements}


def settle(operator: Operator) -> None:
    """Forget what a fault has left in the queues: it would come again with the next one."""
    time.sleep(0.2)
    sqs = operator.client("sqs")
    for name in ("Develop", "Catalogue", "DevelopDeadLetter", "CatalogueDeadLetter"):
        sqs.purge_queue(QueueUrl=operator.outputs[f"{name}QueueUrl"])
