"""Who may do what in the deployed stack: read it, take one permission away, act as one of the roles.

Start with `Roles`. Permissions have the words of docs/reference/permissions.md, from which the tests take their
list; that the deployed roles have the same is a test of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from docs.making.permissions import DOCUMENT, Permission
from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Json
from tintype.aws.account import Account
from tintype.aws.signing import Credentials

FUNCTIONS = ("api", "process", "catalogue", "keys", "render")
GRAPHQL = "GraphQL API"
ROLES = (*(f"{name} function" for name in FUNCTIONS), GRAPHQL)
QUEUES = {
    "Process": "process queue",
    "Background": "background queue",
    "ProcessFailed": "process failed queue",
    "ProcessDeadLetter": "process dead-letter queue",
    "Catalogue": "catalogue queue",
    "CatalogueDeadLetter": "catalogue dead-letter queue",
}
_ROW = re.compile(
    r"(?m)^\| ([^|]+) \| `([^`|]+)` \| ([^|]+) \| (with sign-in or originals_readable|in mode open|signing_keys|counters)? \|$"
)
# Path style and one try, as the operator.
_CONFIG = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})


def _key_arn(api: str, key: str) -> str:
    """Return what AppSync asks IAM for: the path of the request."""
    return f"{api.replace(':apis/', ':/v1/apis/')}/apikeys/{key}"


def _distribution_arn(sts: Any, distribution: str) -> str:
    account = sts.get_caller_identity()["Account"]
    return f"arn:aws:cloudfront::{account}:distribution/{distribution}"


def documented() -> list[Permission]:
    """Return what the page says that roles may do; what others may has a condition of another kind."""
    return [Permission(*row) for row in _ROW.findall(DOCUMENT.read_text("utf-8"))]


class Roles:
    """The roles of the deployed stack, by the words of the page."""

    def __init__(self, cloud: RunningCloud, operator: Operator, closing: ExitStack) -> None:
        self._cloud, self._operator, self._closing = cloud, operator, closing
        self._functions = {name: self._function(name) for name in FUNCTIONS}
        self._arns = {
            f"{name} function": str(function["Role"]) for name, function in self._functions.items()
        }
        self._arns[GRAPHQL] = self._reader()
        self.words = self._resources()
        self._clients: dict[tuple[str, str], Any] = {}
        self.credentials = cache(self._assume)

    def arn(self, who: str) -> str:
        """Return the role of a function, or of the GraphQL API's data source."""
        return self._arns[who]

    def log_group_arn(self, who: str) -> str:
        """Return where a function's lines go."""
        function = self._functions[who.removesuffix(" function")]
        place = (
            str(function["FunctionArn"]).partition(":function:")[0].replace(":lambda:", ":logs:")
        )
        return f"{place}:log-group:{function['LoggingConfig']['LogGroup']}"

    def permissions(self) -> set[Permission]:
        """Return all that the deployed roles may do."""
        return {
            Permission(who, action, self._named(resource))
            for who in ROLES
            for _, document in self._policies(who)
            for action, resource in _pairs(document)
        }

    @contextmanager
    def without(self, permission: Permission) -> Iterator[None]:
        """Take one action on one resource from the deployed role while the block lasts."""
        iam, role = self._operator.client("iam"), self._name(permission.who)
        policies = self._policies(permission.who)
        taken = 0
        try:
            for name, document in policies:
                kept = [
                    {"Effect": "Allow", "Action": action, "Resource": resource}
                    for action, resource in _pairs(document)
                    if (action, self._named(resource)) != (permission.action, permission.resource)
                ]
                taken += len(_pairs(document)) - len(kept)
                # No policy may be without a statement.
                statement = kept or [{"Effect": "Deny", "Action": "sts:Nothing", "Resource": "*"}]
                _put_policy(iam, role, name, {**document, "Statement": statement})
            assert taken == 1, "it is there once"
            yield
        finally:
            for name, document in policies:
                _put_policy(iam, role, name, document)

    def client(self, who: str, service: str) -> Any:
        """Return boto3's client of a service, with a role's credentials."""
        if (who, service) not in self._clients:
            credentials = self.credentials(who)
            client = boto3.client(
                service,
                aws_access_key_id=credentials.access_key,
                aws_secret_access_key=credentials.secret_key,
                aws_session_token=credentials.session_token,
                region_name=self._cloud.outputs["Region"],
                endpoint_url=self._cloud.endpoint,
                config=_CONFIG,
            )
            self._closing.callback(client.close)
            self._clients[who, service] = client
        return self._clients[who, service]

    def account(self, who: str) -> Account:
        """Return what our own code takes, with a role's credentials."""
        region, endpoint = self._cloud.outputs["Region"], self._cloud.endpoint
        return Account(region, endpoint, lambda: self.credentials(who))

    def trusts(self, who: str) -> Json:
        """Return who may be the role."""
        role = self._operator.client("iam").get_role(RoleName=self._name(who))["Role"]
        document: Json = role["AssumeRolePolicyDocument"]
        return document

    def _assume(self, who: str) -> Credentials:
        """Return credentials of a role; the emulator takes its owner for the service that may have them."""
        answer = self._operator.client("sts").assume_role(
            RoleArn=self._arns[who], RoleSessionName="privileges"
        )
        key = answer["Credentials"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])

    def _name(self, who: str) -> str:
        return self._arns[who].rpartition("/")[2]

    def _policies(self, who: str) -> list[tuple[str, Json]]:
        iam, role = self._operator.client("iam"), self._name(who)
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert not attached, "all that a role may is in its own policy"
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return [
            (name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
            for name in names
        ]

    def _named(self, arn: str) -> str:
        """Return the page's words for a resource."""
        if arn in self.words:
            return self.words[arn]
        known = max((one for one in self.words if arn.startswith(f"{one}/")), key=len)
        return f"{self.words[known]} `{arn.removeprefix(known)}`"

    def _function(self, name: str) -> Json:
        client = self._operator.client("lambda")
        deployed = self._cloud.outputs.get(f"{name.capitalize()}Function") or next(
            one["FunctionName"]  # no output names the function that runs in deployments alone
            for one in client.list_functions()["Functions"]
            if "SigningKeys" in one["FunctionName"]
        )
        function: Json = client.get_function_configuration(FunctionName=deployed)
        return function

    def _reader(self) -> str:
        found = self._operator.client("appsync").list_data_sources(
            apiId=self._cloud.outputs["GraphqlApiId"]
        )
        return next(
            str(one["serviceRoleArn"]) for one in found["dataSources"] if "serviceRoleArn" in one
        )

    def _resources(self) -> Mapping[str, str]:
        outputs, client = self._cloud.outputs, self._operator.client
        tables = {
            client("dynamodb").describe_table(TableName=outputs[f"{name}Table"])["Table"][
                "TableArn"
            ]: f"{name.lower()} table"
            for name in ("Images", "Access")
        }
        api = client("appsync").get_graphql_api(apiId=outputs["GraphqlApiId"])["graphqlApi"]
        words = {
            f"arn:aws:s3:::{outputs['OriginalsBucket']}": "originals bucket",
            f"arn:aws:s3:::{outputs['RenditionsBucket']}": "renditions bucket",
            **tables,
            api["arn"]: GRAPHQL,
            _distribution_arn(client("sts"), outputs["DistributionId"]): "CDN",
            _key_arn(api["arn"], outputs["GraphqlApiKey"]): "GraphQL key",
        }
        for output, queue in QUEUES.items():
            found = client("sqs").get_queue_attributes(
                QueueUrl=outputs[f"{output}QueueUrl"], AttributeNames=["QueueArn"]
            )
            words[found["Attributes"]["QueueArn"]] = queue
        for name, function in self._functions.items():
            words |= {
                str(function["FunctionArn"]): f"{name} function",
                f"{self.log_group_arn(f'{name} function')}:*": f"{name} log group",
            }
        return words


def _pairs(document: Json) -> list[tuple[str, str]]:
    """Return what a policy allows as actions and resources, one by one."""
    assert {one["Effect"] for one in document["Statement"]} == {"Allow"}
    return [
        (action, resource)
        for statement in document["Statement"]
        for action in _several(statement["Action"])
        for resource in _several(statement["Resource"])
    ]


def _several(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


def _put_policy(iam: Any, role: str, name: str, document: Json) -> None:
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
