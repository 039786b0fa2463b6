"""A template with every reference in its place: names, ARNs and addresses as AWS would give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.infra.parts import Template

ACCOUNT, REGION, PARTITION = "123456789012", "eu-central-1", "aws"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/tintype/0a1b2c3d-0000-4000-8000-aabbcc"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::StackId": STACK_ID,
    "AWS::StackName": "tintype",
    "AWS::URLSuffix": "amazonaws.com",
}
# The property with the name that a template gives a resource; all others get their identifier.
_NAMES = {"AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName"}
# What `Ref` is, where it is not the name.
_REFS: dict[str, Callable[[str], str]] = {
    "AWS::SQS::Queue": lambda name: f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
    "AWS::SNS::Topic": lambda name: regional("sns", name),
}
_ARNS: dict[str, Callable[[str], str]] = {
    "AWS::AppSync::GraphQLApi": lambda name: regional("appsync", f"apis/{name}"),
    "AWS::CloudFront::Distribution": lambda name: (
        f"arn:{PARTITION}:cloudfront::{ACCOUNT}:distribution/{name}"
    ),
    "AWS::CloudWatch::Alarm": lambda name: regional("cloudwatch", f"alarm:{name}"),
    "AWS::DynamoDB::Table": lambda name: regional("dynamodb", f"table/{name}"),
    "AWS::Events::Rule": lambda name: regional("events", f"rule/{name}"),
    "AWS::IAM::Role": lambda name: f"arn:{PARTITION}:iam::{ACCOUNT}:role/{name}",
    "AWS::Lambda::Function": lambda name: regional("lambda", f"function:{name}"),
    "AWS::Logs::LogGroup": lambda name: regional("logs", f"log-group:{name}:*"),
    "AWS::S3::Bucket": lambda name: f"arn:{PARTITION}:s3:::{name}",
    "AWS::SNS::Topic": lambda name: regional("sns", name),
    "AWS::SQS::Queue": lambda name: regional("sqs", name),
}


def regional(service: str, name: str) -> str:
    return f"arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{name}"


class Resolver:
    """Puts values in place of the references of a template whose conditions are decided."""

    def __init__(self, template: Template) -> None:
        self.resources: dict[str, Any] = template["Resources"]

    def name(self, identifier: str) -> str:
        resource = self.resources[identifier]
        given = resource.get("Properties", {}).get(_NAMES.get(resource["Type"], ""))
        return str(self.read(given)) if given else identifier

    def arn(self, identifier: str) -> str:
        return _ARNS[self.resources[identifier]["Type"]](self.name(identifier))

    def read(self, value: Any) -> Any:
        found = value
        match value:
            case {"Ref": name}:
                found = self._ref(name)
            case {"Fn::GetAtt": [name, attribute]}:
                is_arn = attribute in {"Arn", "TopicArn"}
                found = self.arn(name) if is_arn else f"{name}.{attribute}"
                if attribute == "FunctionUrl":
                    found = f"https://{found}/"
            case {"Fn::Join": [separator, parts]}:
                found = separator.join(str(self.read(part)) for part in parts)
            case {"Fn::Split": [separator, text]}:
                found = self.read(text).split(separator)
            case {"Fn::Select": [index, parts]}:
                found = self.read(parts)[int(index)]
            case dict():
                found = {name: self.read(part) for name, part in value.items()}
            case list():
                found = [self.read(part) for part in value]
        return found

    def _ref(self, name: str) -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        ref = _REFS.get(self.resources[name]["Type"], str)
        return ref(self.name(name))
