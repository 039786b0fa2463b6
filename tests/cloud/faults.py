"""What can break in a deployed stack, planted by its owner and mended again.

Start with `FAULTS`. Each is what a hurried hand, an expired key or a bad release does to one part.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.cloud.mending import (
    changed_distribution,
    forget_config,
    http_api_id,
    notifications_of,
    package_of,
    put_config,
    without_action,
    zipped_handler,
)
from tests.cloud.operator import Operator
from tintype.messages import Reprocess, encode

Plant: TypeAlias = Callable[[Operator], AbstractContextManager[None]]
EXPIRED = 1_700_000_000  # in 2023
DEAD_LETTER = Reprocess(image_id="01M7XPE600ABCDEFGHJKMNPQRS", key="holiday.jpg")


@dataclass(frozen=True)
class Fault:
    """A fault, the code that the doctor should find for it first, and a word of its message.

    *fixes*: the command that the doctor advises is enough to mend it.
    """

    plant: Plant
    code: str
    expected: str
    fixes: bool = False


@contextmanager
def queue_policy_removed(operator: Operator) -> Iterator[None]:
    sqs, url = operator.client("sqs"), operator.outputs["ProcessQueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=found)


@contextmanager
def notification_removed(operator: Operator) -> Iterator[None]:
    s3, bucket = operator.client("s3"), operator.outputs["OriginalsBucket"]
    found = notifications_of(s3, bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=found)


@contextmanager
def function_broken(operator: Operator, name: str = "process") -> Iterator[None]:
    client, function = operator.client("lambda"), operator.outputs[f"{name.capitalize()}Function"]
    configuration = client.get_function_configuration(FunctionName=function)
    package = package_of(operator, function)
    updated = client.get_waiter("function_updated_v2")
    for code in (zipped_handler(configuration["Handler"]), package):
        client.update_function_code(FunctionName=function, ZipFile=code)
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        if code != package:
            yield


@contextmanager
def source_disabled(operator: Operator, source: str = "Catalogue") -> Iterator[None]:
    """Switch off what takes a queue's messages to the catalogue function."""
    client, function = operator.client("lambda"), operator.outputs["CatalogueFunction"]
    queue = operator.outputs[f"{source}QueueUrl"].rpartition("/")[2]
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
    wanted = ("IndexName", "KeySchema", "Projection")
    dynamodb.create_table(
        TableName=name,
        KeySchema=found["KeySchema"],
        AttributeDefinitions=found["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {part: index[part] for part in wanted} for index in found["GlobalSecondaryIndexes"]
        ],
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

    with changed_distribution(operator, ask_another_bucket):
        yield


@contextmanager
def distribution_off(operator: Operator) -> Iterator[None]:
    with changed_distribution(operator, lambda config: config.update(Enabled=False)):
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
    api, api_id = operator.client("apigatewayv2"), http_api_id(operator)
    route = default_route(api, api_id)
    api.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    yield
    again = default_route(api, api_id)
    if again:
        api.delete_route(ApiId=api_id, RouteId=again["RouteId"])
    api.create_route(ApiId=api_id, RouteKey=route["RouteKey"], Target=route["Target"])


def default_route(api: Any, api_id: str) -> Any:
    routes = api.get_routes(ApiId=api_id)["Items"]
    return next((one for one in routes if one["RouteKey"] == "$default"), None)


@contextmanager
def integration_deleted(operator: Operator) -> Iterator[None]:
    api, api_id = operator.client("apigatewayv2"), http_api_id(operator)
    routes = api.get_routes(ApiId=api_id)["Items"]
    (found,) = api.get_integrations(ApiId=api_id)["Items"]
    api.delete_integration(ApiId=api_id, IntegrationId=found["IntegrationId"])
    yield
    parts = ("IntegrationType", "IntegrationUri", "PayloadFormatVersion")
    again = api.create_integration(ApiId=api_id, **{part: found[part] for part in parts})
    target = f"integrations/{again['IntegrationId']}"
    for route in routes:
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
    forget_config(operator)
    yield
    put_config(operator, body)


@contextmanager
def config_foreign(operator: Operator) -> Iterator[None]:
    s3, place = operator.client("s3"), {"Bucket": operator.outputs["SiteBucket"]}
    body = s3.get_object(**place, Key="config.json")["Body"].read()
    known = json.loads(body) | {"graphqlUrl": "https://another.example/graphql"}
    put_config(operator, json.dumps(known).encode())
    yield
    put_config(operator, body)


def role_without(action: str, function: str) -> Plant:
    """Return the fault that a function's role has lost one action."""

    @contextmanager
    def lost(operator: Operator) -> Iterator[None]:
        iam, client = operator.client("iam"), operator.client("lambda")
        name = operator.outputs[f"{function.capitalize()}Function"]
        role = client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
        documents = {
            policy: iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
        }
        ((policy, document),) = (
            (policy, document)
            for policy, document in documents.items()
            if f'"{action}"' in json.dumps(document)
        )
        put = {"RoleName": role, "PolicyName": policy}
        iam.put_role_policy(**put, PolicyDocument=json.dumps(without_action(document, action)))
        yield
        iam.put_role_policy(**put, PolicyDocument=json.dumps(document))

    return lost


@contextmanager
def function_stopped(operator: Operator, name: str = "Process") -> Iterator[None]:
    client, function = operator.client("lambda"), operator.outputs[f"{name}Function"]
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    yield
    client.delete_function_concurrency(FunctionName=function)


@contextmanager
def dead_letter(operator: Operator) -> Iterator[None]:
    sqs, url = operator.client("sqs"), operator.outputs["ProcessDeadLetterQueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=encode(DEAD_LETTER))
    yield
    sqs.purge_queue(QueueUrl=url)


@contextmanager
def alarm_rings(operator: Operator) -> Iterator[None]:
    cloudwatch = operator.client("cloudwatch")
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    name = next(one["AlarmName"] for one in alarms if "ProcessWaiting" in one["AlarmName"])
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
    "queue policy removed": Fault(queue_policy_removed, "queue_closed", "process queue"),
    "bucket notification removed": Fault(notification_removed, "events_off", "originals bucket"),
    "process function broken": Fault(function_broken, "function_fails", "a bad release"),
    "api function broken": Fault(
        lambda operator: function_broken(operator, "api"), "function_fails", "api function"
    ),
    "catalogue's event source disabled": Fault(
        source_disabled, "source_off", "catalogue function", fixes=True
    ),
    "failed messages' event source disabled": Fault(
        lambda operator: source_disabled(operator, "ProcessFailed"),
        "source_off",
        "process-failed queue",
        fixes=True,
    ),
    "table deleted": Fault(table_deleted, "part_missing", "images table"),
    "API key expired": Fault(key_expired, "key_expired", "2023-11-14", fixes=True),
    "API keys off": Fault(keys_off, "keys_off", "no longer accepts"),
    "resolver deleted": Fault(resolver_deleted, "resolver_missing", "publishImage"),
    "CDN origin wrong": Fault(origin_wrong, "origin_wrong", "somebody-elses-bucket"),
    "CDN switched off": Fault(distribution_off, "distribution_off", "disabled"),
    "bucket policy removed": Fault(bucket_policy_removed, "bucket_closed", "renditions bucket"),
    "API route deleted": Fault(route_deleted, "route_missing", "route"),
    "API integration deleted": Fault(integration_deleted, "route_missing", "integration"),
    "API may not call": Fault(permission_removed, "function_closed", "api function"),
    "config.json missing": Fault(config_missing, "config_missing", "config.json"),
    "config.json of another stack": Fault(config_foreign, "config_foreign", "another.example"),
    "process may not write": Fault(
        role_without("s3:PutObject", "process"), "function_fails", "s3 PutObject: AccessDenied"
    ),
    "catalogue may not announce": Fault(
        role_without("appsync:GraphQL", "catalogue"), "unannounced", "appsync GraphQL"
    ),
    "dead letter": Fault(dead_letter, "dead_letters", "1 dead letter"),
    "concurrency zero": Fault(function_stopped, "function_stopped", "process function", fixes=True),
    "alarm rings": Fault(alarm_rings, "alarm_rings", "ProcessWaiting"),
}
