"""The emulator, what is in its account, and who may use it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.aws.emulator import REGION, Emulator, emulator
from tintype.aws.account import Account
from tintype.aws.signing import Credentials
from tintype.aws.transport import RetryPolicy

BUCKET, TABLE, QUEUE, FUNCTION, STACK = "pictures", "images", "process", "echo", "tintype-test"
SCHEMA = """
type Note { id: ID! text: String! }
type Query { note(id: ID!): Note @aws_iam }
type Mutation { publish(id: ID!, text: String!): Note @aws_iam  refuse: Note @aws_iam }
"""
HANDLER = """
def handler(event, context):
    if "fail" in event:
        raise ValueError(event["fail"])
    return {"echo": event}
"""
TEMPLATE = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"Plain": {"Value": "a <b> & c"}, "Region": {"Value": {"Ref": "AWS::Region"}}},
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:*", "dynamodb:*", "sqs:*", "lambda:InvokeFunction", "appsync:GraphQL"],
            "Resource": "*",
        },
        {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"},
    ],
}
EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    ],
}


@dataclass(frozen=True, slots=True)
class Cloud:
    """The emulator's account. *owner* may use what is in it, *stranger* nothing."""

    server: Emulator
    owner: Credentials
    stranger: Credentials
    queue_url: str
    graphql_url: str

    def account(self, credentials: Credentials) -> Account:
        return Account(
            REGION, self.server.endpoint, lambda: credentials, RetryPolicy(pause_seconds=0.01)
        )

    def client(self, service: str) -> Any:
        """Return boto3's client for the root user."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.server.endpoint,
            aws_access_key_id=self.server.root.access_key,
            aws_secret_access_key=self.server.root.secret_key,
        )


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with emulator(tmp_path_factory.mktemp("emulator")) as server:
        yield furnished(server)


@pytest.fixture(scope="session")
def account(cloud: Cloud) -> Iterator[Account]:
    account = cloud.account(cloud.owner)
    yield account
    account.connections.close()


@pytest.fixture(scope="session")
def strange_account(cloud: Cloud) -> Iterator[Account]:
    account = cloud.account(cloud.stranger)
    yield account
    account.connections.close()


def furnished(server: Emulator) -> Cloud:
    """Make the resources, and two users: root's signatures are not looked at, theirs are."""
    empty = Cloud(server, server.root, server.root, "", "")
    iam = empty.client("iam")
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(EVERYBODY))["Role"]
    _make_bucket(empty.client("s3"))
    _make_table(empty.client("dynamodb"))
    _make_function(empty.client("lambda"), role["Arn"])
    stacks = empty.client("cloudformation")
    stacks.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
    stacks.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    return Cloud(
        server,
        owner=_made_user(iam, "owner", POLICY),
        stranger=_made_user(iam, "stranger", None),
        queue_url=empty.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"],
        graphql_url=_made_api(empty.client("appsync")),
    )


def _made_user(iam: Any, name: str, policy: Mapping[str, object] | None) -> Credentials:
    iam.create_user(UserName=name)
    if policy is not None:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _make_bucket(s3: Any) -> None:
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def _make_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("id", "owner", "ownerFilename", "createdAt")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "byOwner",
                "KeySchema": [
                    {"AttributeName": "owner", "KeyType": "HASH"},
                    {"AttributeName": "createdAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "byFilename",
                "KeySchema": [
                    {"AttributeName": "ownerFilename", "KeyType": "HASH"},
                    {"AttributeName": "createdAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    )


def _make_function(functions: Any, role_arn: str) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("echo.py", HANDLER)
    functions.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.11",
        Role=role_arn,
        Handler="echo.handler",
        Code={"ZipFile": package.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=FUNCTION)


def _made_api(appsync: Any) -> str:
    api = appsync.create_graphql_api(name="notes", authenticationType="AWS_IAM")["graphqlApi"]
    appsync.start_schema_creation(apiId=api["apiId"], definition=SCHEMA.encode())
    appsync.create_data_source(apiId=api["apiId"], name="none", type="NONE")
    resolvers = {
        "publish": "return {id: ctx.args.id, text: ctx.args.text};",
        "refuse": "util.error('not today', 'Closed');",
    }
    for field, body in resolvers.items():
        appsync.create_resolver(
            apiId=api["apiId"],
            typeName="Mutation",
            fieldName=field,
            dataSourceName="none",
            runtime={"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
            code=(
                "import { util } from '@aws-appsync/utils';\n"
                f"export function request(ctx) {{ {body.replace('return', 'return {payload:').rstrip(';') + '}' if 'return' in body else body} }}\n"
                "export function response(ctx) { return ctx.result; }\n"
            ),
        )
    return str(api["uris"]["GRAPHQL"])
