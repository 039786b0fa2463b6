"""Where one service of AWS uses another: every edge of a template, and the statement that allows it.

Start with `unallowed`. Edges are found in the resources: each reference from one to another is either in
`EDGES`, which says what must be allowed there, or in `NAMED`, where nothing is done by it. One that is in
neither is unknown, and an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.named_edges import NAMED
from tests.infra.parts import Template, resources, several
from tests.infra.resolved import ACCOUNT, REGION, Resolver
from tintype.doctor.policies import Visit, allows

FOREIGN = "999999999999"  # an account that is not ours
_RESOURCE_POLICIES = frozenset(
    {"AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}
)


@dataclass(frozen=True, slots=True)
class Need:
    """What must be allowed: to *who*, a service or a role, on behalf of *source*, if it is a service."""

    edge: str
    who: str
    action: str
    resource: str
    source: str = ""

    def visit(self, account: str = ACCOUNT) -> Visit:
        source = self.source.replace(ACCOUNT, account)
        if account != ACCOUNT and source == self.source:  # a bucket's ARN has no account in it
            source = f"{source}-of-{account}"
        return Visit(self.who, self.action, self.resource, source, account)


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference from one resource to another, and the template around it."""

    resolver: Resolver
    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.resolver.resources[self.source]["Properties"]
        return found

    def value(self, name: str) -> str:
        return str(self.resolver.read(self.properties[name]))

    def by(self, who: str, action: str, resource: str = "", source: str = "") -> Need:
        return Need(str(self), who, action, resource or self.arn, source)

    @property
    def arn(self) -> str:
        return self.resolver.arn(self.target)

    @property
    def source_arn(self) -> str:
        return self.resolver.arn(self.source)


class UnknownEdgeError(Exception):
    """A resource uses another in a way that `EDGES` does not know."""


def s3_notifies_a_queue(edge: Edge) -> Iterator[Need]:
    yield edge.by("s3.amazonaws.com", "sqs:SendMessage", source=edge.source_arn)


def alarm_rings(edge: Edge) -> Iterator[Need]:
    yield edge.by("cloudwatch.amazonaws.com", "sns:Publish", source=edge.source_arn)


def rule_calls_a_function(edge: Edge) -> Iterator[Need]:
    yield edge.by("events.amazonaws.com", "lambda:InvokeFunction", source=edge.source_arn)


def topic_writes_mail(edge: Edge) -> Iterator[Need]:
    """Mail needs no leave but its reader's, who confirms the address."""
    if edge.properties["Protocol"] != "email":
        message = f"{edge}: {edge.properties['Protocol']}"
        raise UnknownEdgeError(message)
    yield from ()


def cdn_reads_a_bucket(edge: Edge) -> Iterator[Need]:
    """Read objects, and list, without which S3 says 403 for what is missing."""
    cdn = edge.properties["DistributionConfig"]
    origins = [one for one in cdn["Origins"] if edge.target in _named_in(one)]
    if not all("OriginAccessControlId" in one for one in origins):
        message = f"{edge}: unsigned"
        raise UnknownEdgeError(message)
    service = "cloudfront.amazonaws.com"
    yield edge.by(service, "s3:GetObject", f"{edge.arn}/any/object.webp", edge.source_arn)
    yield edge.by(service, "s3:ListBucket", source=edge.source_arn)


def cdn_calls_a_function(edge: Edge) -> Iterator[Need]:
    """Both actions, and a signature: "Restrict access to an AWS Lambda function URL origin"."""
    cdn = edge.properties["DistributionConfig"]
    (origin,) = (one for one in cdn["Origins"] if edge.target in _named_in(one))
    url = edge.resolver.resources[edge.target]["Properties"]
    if "OriginAccessControlId" not in origin or url["AuthType"] != "AWS_IAM":
        message = f"{edge}: unsigned"
        raise UnknownEdgeError(message)
    function = edge.resolver.read(url["TargetFunctionArn"])
    for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
        yield edge.by("cloudfront.amazonaws.com", action, function, edge.source_arn)


def s3_writes_access_logs(edge: Edge) -> Iterator[Need]:
    prefix = edge.properties["LoggingConfiguration"]["LogFilePrefix"]
    written = f"{edge.arn}/{prefix}2026-11-28-00-00-00-AB"
    yield edge.by("logging.s3.amazonaws.com", "s3:PutObject", written, edge.source_arn)


def cdn_writes_access_logs(edge: Edge) -> Iterator[Need]:
    """CloudFront adds itself to the bucket's access-control list, which must be in force."""
    bucket = edge.resolver.resources[edge.target]["Properties"]
    rules = bucket.get("OwnershipControls", {}).get("Rules", [])
    if [rule["ObjectOwnership"] for rule in rules] != ["BucketOwnerPreferred"]:
        message = f"{edge}: the bucket has no access-control list"
        raise UnknownEdgeError(message)
    yield from ()


def api_calls_a_function(edge: Edge) -> Iterator[Need]:
    api = edge.value("ApiId")
    called = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/$default/$default"
    yield edge.by("apigateway.amazonaws.com", "lambda:InvokeFunction", source=called)


def lambda_takes_a_role(edge: Edge) -> Iterator[Need]:
    yield edge.by("lambda.amazonaws.com", "sts:AssumeRole")


def lambda_reads_a_queue(edge: Edge) -> Iterator[Need]:
    role = _role_of(edge, edge.properties["FunctionName"]["Ref"])
    for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield edge.by(role, f"sqs:{action}")


def lambda_writes_lines(edge: Edge) -> Iterator[Need]:
    stream = edge.arn.replace(":*", ":log-stream:one")
    for action in ("CreateLogStream", "PutLogEvents"):
        yield edge.by(_role_of(edge, edge.source), f"logs:{action}", stream)


def appsync_takes_a_role(edge: Edge) -> Iterator[Need]:
    yield edge.by("appsync.amazonaws.com", "sts:AssumeRole")


def appsync_reads_the_table(edge: Edge) -> Iterator[Need]:
    """Do what the resolvers of this data source ask for, on the table or the index that they name."""
    for one in resources({"Resources": edge.resolver.resources}, "AppSync::Resolver").values():
        properties = one["Properties"]
        if edge.source in _named_in(properties["DataSourceName"]):
            (operation,) = re.findall(r'operation: "(\w+)"', properties["Code"])
            index = "".join(re.findall(r'index: "(\w+)"', properties["Code"]))
            resource = f"{edge.arn}/index/{index}" if index else edge.arn
            yield edge.by(edge.value("ServiceRoleArn"), f"dynamodb:{operation}", resource)


def queue_sets_aside(edge: Edge) -> Iterator[Need]:
    """SQS asks the dead-letter queue itself; see `_from_other_properties`."""
    yield edge.by("sqs.amazonaws.com", "redrive", source=edge.source_arn)


def _role_of(edge: Edge, function: str) -> str:
    return str(edge.resolver.read(edge.resolver.resources[function]["Properties"]["Role"]))


Needs = Callable[[Edge], Iterator[Need]]
# Type of the resource, path of the property, type of the other: what must be allowed.
EDGES: dict[tuple[str, str, str], Needs] = {
    ("ApiGatewayV2::Integration", "IntegrationUri", "Lambda::Function"): api_calls_a_function,
    ("AppSync::DataSource", "DynamoDBConfig.TableName", "DynamoDB::Table"): appsync_reads_the_table,
    ("AppSync::DataSource", "ServiceRoleArn", "IAM::Role"): appsync_takes_a_role,
    (
        "CloudFront::Distribution",
        "DistributionConfig.Origins.DomainName",
        "S3::Bucket",
    ): cdn_reads_a_bucket,
    (
        "CloudFront::Distribution",
        "DistributionConfig.Origins.DomainName",
        "Lambda::Url",
    ): cdn_calls_a_function,
    (
        "CloudFront::Distribution",
        "DistributionConfig.Logging.Bucket",
        "S3::Bucket",
    ): cdn_writes_access_logs,
    (
        "S3::Bucket",
        "LoggingConfiguration.DestinationBucketName",
        "S3::Bucket",
    ): s3_writes_access_logs,
    ("CloudWatch::Alarm", "AlarmActions", "SNS::Topic"): alarm_rings,
    ("Events::Rule", "Targets.Arn", "Lambda::Function"): rule_calls_a_function,
    ("Lambda::EventSourceMapping", "EventSourceArn", "SQS::Queue"): lambda_reads_a_queue,
    ("Lambda::Function", "LoggingConfig.LogGroup", "Logs::LogGroup"): lambda_writes_lines,
    ("Lambda::Function", "Role", "IAM::Role"): lambda_takes_a_role,
    (
        "S3::Bucket",
        "NotificationConfiguration.QueueConfigurations.Queue",
        "SQS::Queue",
    ): s3_notifies_a_queue,
    ("SNS::Subscription", "TopicArn", "SNS::Topic"): topic_writes_mail,
    ("SQS::Queue", "RedrivePolicy.deadLetterTargetArn", "SQS::Queue"): queue_sets_aside,
}


def needs(template: Template) -> list[Need]:
    """Return what must be allowed, of a template whose conditions are decided.

    Raises:
        UnknownEdgeError: somebody must say what it needs.
    """
    resolver = Resolver(template)
    found: dict[Need, None] = {}  # in order, each once
    for source, resource in template["Resources"].items():
        for path, target in references(resource.get("Properties", {})):
            if target in template["Resources"]:
                kind = _kind(template, source), path, _kind(template, target)
                found |= dict.fromkeys(_needs_of(kind, Edge(resolver, source, target)))
    return list(found)


def _needs_of(kind: tuple[str, str, str], edge: Edge) -> Iterable[Need]:
    if kind in EDGES:
        return EDGES[kind](edge)
    if any(all(map(fnmatchcase, kind, pattern)) for pattern in NAMED):
        return ()
    message = f"{edge}: {' '.join(kind)}"
    raise UnknownEdgeError(message)


def references(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of each property that names another resource, and that one's identifier."""
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            yield path, name
        case dict():
            for name, part in value.items():
                below = path if name.startswith("Fn::") else f"{path}.{name}".lstrip(".")
                yield from references(part, below)
        case list():
            for part in value:
                yield from references(part, path)


def _named_in(value: Any) -> set[str]:
    return {name for _, name in references(value)}


def _kind(template: Template, name: str) -> str:
    return str(template["Resources"][name]["Type"]).removeprefix("AWS::")


def unallowed(template: Template) -> list[Need]:
    """Return what is needed and nothing allows."""
    policy = {"Statement": [one for _, one in statements(template)]}
    return [need for need in needs(template) if not allows(policy, need.visit())]


def allowed_to_strangers(template: Template) -> list[Need]:
    """Return what a service may also do on behalf of another account's resource."""
    policy = {"Statement": [one for _, one in statements(template)]}
    return [
        need
        for need in needs(template)
        if need.source and allows(policy, need.visit(account=FOREIGN))
    ]


StatementKey = tuple[str, int]  # a resource, and which of its statements


def statements(template: Template) -> Iterator[tuple[StatementKey, dict[str, Any]]]:
    """Yield all statements with values in their places, as if they were all in one resource's policy."""
    resolver = Resolver(template)
    for name, resource in template["Resources"].items():
        kind, properties = resource["Type"], resolver.read(resource.get("Properties", {}))
        found: list[dict[str, Any]] = []
        if kind in _RESOURCE_POLICIES:
            found = properties["PolicyDocument"]["Statement"]
        elif kind == "AWS::IAM::Policy":
            roles = [resolver.arn(role) for role in properties["Roles"]]
            document = properties["PolicyDocument"]["Statement"]
            found = [{**one, "Principal": {"Service": roles}} for one in document]
        else:
            found = _from_other_properties(kind, properties, resolver, name)
        yield from (((name, index), statement) for index, statement in enumerate(found))


def _from_other_properties(
    kind: str, properties: dict[str, Any], resolver: Resolver, name: str
) -> list[dict[str, Any]]:
    """Return what is allowed by other words than a policy's."""
    if kind == "AWS::IAM::Role":
        trust = properties["AssumeRolePolicyDocument"]["Statement"]
        return [{**one, "Resource": resolver.arn(name)} for one in trust]
    if kind == "AWS::Lambda::Permission":
        source = {"AWS:SourceArn": properties.get("SourceArn", "*")}
        return [_allow(properties["Principal"], properties["Action"], properties, source)]
    if kind == "AWS::SQS::Queue" and "RedriveAllowPolicy" in properties:
        policy = properties["RedriveAllowPolicy"]
        resource = {"FunctionName": resolver.arn(name)}
        source = {"AWS:SourceArn": policy["sourceQueueArns"]}
        return [_allow("sqs.amazonaws.com", "redrive", resource, source)]
    return []


def _allow(
    service: str, action: str, properties: dict[str, Any], source: dict[str, Any]
) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": properties["FunctionName"],
        "Condition": {"ArnLike": source},
    }


def serving(template: Template) -> list[StatementKey]:
    """Return the statements that allow something which is needed."""
    wanted = [need.visit() for need in needs(template)]
    return [
        key
        for key, statement in statements(template)
        if statement["Effect"] == "Allow"
        and any(allows({"Statement": [statement]}, visit) for visit in wanted)
    ]


def for_services(template: Template) -> list[StatementKey]:
    """Return the statements by which AWS's services come in."""
    return [
        key
        for key, statement in statements(template)
        if statement["Effect"] == "Allow"
        and any("amazonaws.com" in one for one in several(statement["Principal"]["Service"]))
    ]


def without(template: Template, key: StatementKey) -> Template:
    """Return a copy that lacks one statement."""
    copy = deepcopy(template)
    name, index = key
    properties = copy["Resources"][name]["Properties"]
    match copy["Resources"][name]["Type"]:
        case "AWS::Lambda::Permission":
            del copy["Resources"][name]
        case "AWS::SQS::Queue":
            properties["RedriveAllowPolicy"]["sourceQueueArns"].clear()
        case "AWS::IAM::Role":
            del properties["AssumeRolePolicyDocument"]["Statement"][index]
        case _:
            del properties["PolicyDocument"]["Statement"][index]
    return copy
