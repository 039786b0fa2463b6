"""An account whose answers are written down: those of a stack that is well, and what a test changes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tintype.doctor.checks.any_size import ACTIONS
from tintype.doctor.stack import StackUnderTest

ACCOUNT = "123456789012"
REGION = "eu-central-1"
OUTPUTS = {
    "AccessMode": "open",
    "AccessTable": "access-1",
    "ApiUrl": "https://images.example.com/api",
    "CdnUrl": "https://images.example.com",
    "HttpApiUrl": f"https://a1b2c3.execute-api.{REGION}.amazonaws.com",
    "GraphqlUrl": f"https://g1.appsync-api.{REGION}.amazonaws.com/graphql",
    "GraphqlRealtimeUrl": f"wss://g1.appsync-realtime-api.{REGION}.amazonaws.com/graphql",
    "GraphqlApiKey": "da2-abcdefghijklmnop",
    "GraphqlApiId": "g1",
    "ProcessQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/process",
    "BackgroundQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/background",
    "ProcessFailedQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/process-failed",
    "ProcessDeadLetterQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/process-dead",
    "CatalogueQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/catalogue",
    "CatalogueDeadLetterQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/catalogue-dead",
    "DistributionId": "E123",
    "DistributionDomain": "d123.cloudfront.net",
    "OriginalsBucket": "originals-1",
    "RenditionsBucket": "renditions-1",
    "SiteBucket": "site-1",
    "ImagesTable": "images-1",
    "ApiFunction": "api-1",
    "ProcessFunction": "process-1",
    "CatalogueFunction": "catalogue-1",
    "RenderFunction": "render-1",
    "Region": REGION,
}
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
RENDER_HOST = f"abcd.lambda-url.{REGION}.on.aws"
EDGE = f"arn:aws:cloudfront::{ACCOUNT}:function/pictures"
PICTURES = {
    "/i/*": "any-size",
    f"/p/*/{'?' * 26}/*/*": "renditions",
    "/p/*": "any-size",
    "/private/*": "renditions",
    f"/{'?' * 26}/*": "renditions",
}
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"


class Canned:
    """Answers by the question's name; an answer may be a value, a function of the question, or an error."""

    def __init__(self, **answers: object) -> None:
        self._answers = WELL | answers
        self.called: list[str] = []

    def ask(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        self.called.append(f"{service}:{operation}")
        is_access = parameters.get("TableName") == OUTPUTS["AccessTable"]
        answer = self._answers["get_signing_keys" if is_access else operation]
        if callable(answer):
            answer = answer(parameters)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Mapping)
        return answer

    def pages(self, service: str, operation: str, **parameters: object) -> Iterator[Any]:
        token: dict[str, Any] | None = {}
        while token is not None:
            page = self.ask(service, operation, **parameters, **token)
            yield page
            token = {"nextToken": page["nextToken"]} if "nextToken" in page else None


def target(**answers: object) -> StackUnderTest:
    """Return a stack that is well but for these answers."""
    return StackUnderTest("tintype", OUTPUTS, REGION, Canned(**answers))


def _function(called: Mapping[str, Any]) -> Mapping[str, Any]:
    name = called["FunctionName"]
    return {
        "FunctionName": name,
        "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "MemorySize": 512,
        "Timeout": 30,
    }


def _policy(service: str, action: str, resource: str, source: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": source}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _queue(called: Mapping[str, Any]) -> Mapping[str, Any]:
    name = called["QueueUrl"].rpartition("/")[2]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    bucket = {"process": "originals-1", "catalogue": "renditions-1"}.get(name, "")
    policy = _policy("s3.amazonaws.com", "sqs:SendMessage", arn, f"arn:aws:s3:::{bucket}")
    return {"Attributes": {"Policy": policy, "ApproximateNumberOfMessages": "0"}}


def _told(called: Mapping[str, Any]) -> Mapping[str, Any]:
    queue = {"originals-1": "process", "renditions-1": "catalogue"}[called["Bucket"]]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    return {"QueueConfigurations": [{"QueueArn": arn, "Events": events}]}


def _source(called: Mapping[str, Any]) -> Mapping[str, Any]:
    queues = {
        "process-1": ["process", "background"],
        "catalogue-1": ["catalogue", "process-failed"],
    }
    return {
        "EventSourceMappings": [
            {
                "UUID": queue,
                "EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "State": "Enabled",
            }
            for queue in queues.get(called["FunctionName"], ["process"])
        ]
    }


def _bucket_policy(called: Mapping[str, Any]) -> Mapping[str, Any]:
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E123"
    resource = f"arn:aws:s3:::{called['Bucket']}/*"
    return {"Policy": _policy("cloudfront.amazonaws.com", "s3:GetObject", resource, distribution)}


def _function_policy(called: Mapping[str, Any]) -> Mapping[str, Any]:
    if called["FunctionName"] == "render-1":
        return {"Policy": json.dumps(render_policy(*ACTIONS))}
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3/*/*"
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api-1"
    return {"Policy": _policy("apigateway.amazonaws.com", "lambda:InvokeFunction", arn, source)}


def render_policy(*actions: str) -> dict[str, object]:
    """Return the render function's policy with these actions for the CDN, as Lambda writes it."""
    conditions = {
        "lambda:InvokeFunctionUrl": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}},
        "lambda:InvokeFunction": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    }
    source = {"ArnLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E123"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": action,
                "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:render-1",
                "Condition": source | conditions[action],
            }
            for action in actions
        ],
    }


def _config(_asked: Mapping[str, Any]) -> Mapping[str, Any]:
    known = {
        "accessMode": OUTPUTS["AccessMode"],
        "graphqlUrl": OUTPUTS["GraphqlUrl"],
        "realtimeUrl": OUTPUTS["GraphqlRealtimeUrl"],
        "apiKey": OUTPUTS["GraphqlApiKey"],
        "region": REGION,
    }
    return {"Body": io.BytesIO(json.dumps(known).encode())}


def distribution(**changes: object) -> Mapping[str, Any]:
    """Return the distribution, with a domain of its own."""
    config = {
        "Enabled": True,
        "Aliases": {"Items": ["images.example.com"]},
        "ViewerCertificate": {"ACMCertificateArn": CERTIFICATE},
        "Origins": {
            "Items": [
                _origin("page", f"site-1.s3.{REGION}.amazonaws.com"),
                _origin("renditions", f"renditions-1.s3.{REGION}.amazonaws.com"),
                {"Id": "api", "DomainName": f"a1b2c3.execute-api.{REGION}.amazonaws.com"},
                _origin("rendered", f"renditions-1.s3.{REGION}.amazonaws.com"),
                _origin("render", RENDER_HOST),
            ]
        },
        "OriginGroups": {
            "Items": [
                {
                    "Id": "any-size",
                    "FailoverCriteria": {"StatusCodes": {"Items": [403, 404]}},
                    "Members": {"Items": [{"OriginId": "rendered"}, {"OriginId": "render"}]},
                }
            ]
        },
        "DefaultCacheBehavior": {"TargetOriginId": "page"},
        "CacheBehaviors": {
            "Items": [
                {"PathPattern": "/api/*", "TargetOriginId": "api"},
                *(
                    {
                        "PathPattern": path,
                        "TargetOriginId": origin,
                        "FunctionAssociations": {
                            "Items": [{"EventType": "viewer-request", "FunctionARN": EDGE}]
                        },
                    }
                    for path, origin in PICTURES.items()
                ),
            ]
        },
    }
    return {
        "Distribution": {"Id": "E123", "Status": "Deployed", "DistributionConfig": config | changes}
    }


def _origin(name: str, host: str) -> dict[str, str]:
    return {"Id": name, "DomainName": host, "OriginAccessControlId": "O1"}


WELL: dict[str, object] = {
    "describe_stacks": {"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]},
    "describe_stack_resource_drifts": {"StackResourceDrifts": []},
    "list_stack_resources": {
        "StackResourceSummaries": [
            {"ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "waiting"}
        ]
    },
    "describe_alarms": {
        "MetricAlarms": [
            {
                "AlarmName": "waiting",
                "StateValue": "OK",
                "ActionsEnabled": True,
                "AlarmActions": [TOPIC],
            }
        ]
    },
    "describe_table": {
        "Table": {
            "TableStatus": "ACTIVE",
            "GlobalSecondaryIndexes": [
                {"IndexName": name, "IndexStatus": "ACTIVE"} for name in ("byOwner", "byFilename")
            ],
        }
    },
    "get_function_configuration": _function,
    "get_function_concurrency": {},
    "filter_log_events": {"events": []},
    "get_metric_statistics": {"Datapoints": []},
    "get_bucket_notification_configuration": _told,
    "get_queue_attributes": _queue,
    "list_event_source_mappings": _source,
    "receive_message": {},
    "get_item": {},
    "get_signing_keys": {
        "Item": {
            "id": {"S": "signing_keys"},
            "current": {"S": "c" * 43},
            "changedAt": {"S": "2026-11-21T10:00:00.000Z"},
        }
    },
    "get_routes": {"Items": [{"RouteId": "r", "RouteKey": "$default", "Target": "integrations/i"}]},
    "get_integrations": {
        "Items": [
            {
                "IntegrationId": "i",
                "IntegrationUri": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api-1",
            }
        ]
    },
    "get_policy": _function_policy,
    "get_function_url_config": {"FunctionUrl": f"https://{RENDER_HOST}/", "AuthType": "AWS_IAM"},
    "get_graphql_api": {"graphqlApi": {"authenticationType": "API_KEY"}},
    "list_api_keys": {"apiKeys": [{"id": OUTPUTS["GraphqlApiKey"], "expires": 4_000_000_000}]},
    "list_resolvers": {
        "resolvers": [{"fieldName": name} for name in ("image", "images", "publishImage")]
    },
    "get_distribution": distribution(),
    "get_bucket_policy": _bucket_policy,
    "list_objects_v2": lambda called: (
        {} if called["Bucket"] == "originals-1" else {"Contents": [{"Key": called["Prefix"]}]}
    ),
    "query": {"Items": []},
    "get_object": _config,
    "describe_certificate": {"Certificate": {"Status": "ISSUED"}},
}
