"""The GraphQL API: queries of the table, and announcements of all changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from aws_cdk import Aws, Fn, Token
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from tintype.access import AccessMode
from tintype.functions.renewal import RENEW
from tintype_infra.choice import NOTHING
from tintype_infra.functions import set_environment
from tintype_infra.grants import grant
from tintype_infra.sign_in import SignIn
from tintype_infra.table import may_read_images

HERE = Path(__file__).parent
SCHEMA = HERE / "schema.graphql"
RESOLVERS = HERE / "resolvers"
# Code that several resolvers use, by a function in it: AppSync takes a single file.
SHARED = {
    "withAddresses(": RESOLVERS / "addresses.js",
    "isAdmin(": RESOLVERS / "callers.js",
    "chosenOwner(": RESOLVERS / "callers.js",
}

# The data source of each field; what only announces or checks needs none.
SOURCES = {
    "Query.image": "images",
    "Query.images": "images",
    "Mutation.publishImage": "nothing",
    "Subscription.imageChanged": "nothing",
}
# How AppSync calls the modes, and the directive that opens a field to each.
AUTHENTICATION = {
    AccessMode.OPEN: "API_KEY",
    AccessMode.COGNITO: "AMAZON_COGNITO_USER_POOLS",
    AccessMode.OIDC: "OPENID_CONNECT",
}
DIRECTIVES = {
    AccessMode.OPEN: "@aws_api_key",
    AccessMode.COGNITO: "@aws_cognito_user_pools",
    AccessMode.OIDC: "@aws_oidc",
}

# One request must not be many: the deepest field is images.images.original.camera.make, and nobody
# needs more than a few queries in one.
DEEPEST = 5
MOST_RESOLVERS = 5

# A type of the record, also used by the announcement, and the descriptions of its fields.
_RECORD = re.compile(r"^type (\w+) @aws_api_key @aws_iam {\n(.*?)^}", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^#.*\n", re.MULTILINE)
_MEANING = re.compile(r'^ *".*\n', re.MULTILINE)
_INPUT = r"\1Input"


class GraphqlApi(Construct):
    """The API, its key, its data sources and its resolvers."""

    def __init__(
        self, scope: Construct, *, table: dynamodb.Table, sign_in: SignIn, public_url: str
    ) -> None:
        super().__init__(scope, "Graphql")
        self.table, self.sign_in = table, sign_in
        self.api = appsync.CfnGraphQLApi(
            self,
            "Api",
            name=Aws.STACK_NAME,
            authentication_type=self._of_mode(AUTHENTICATION),
            additional_authentication_providers=[
                appsync.CfnGraphQLApi.AdditionalAuthenticationProviderProperty(
                    authentication_type="AWS_IAM"
                )
            ],
            query_depth_limit=DEEPEST,
            resolver_count_limit=MOST_RESOLVERS,
            environment_variables={
                "PUBLIC_URL": public_url,
                "ACCESS_MODE": sign_in.access.mode,
                "ADMIN_GROUP": sign_in.access.admin_group,
                "GROUPS_CLAIM": sign_in.of_mode(lambda one: one.groups_claim),
            },
        )
        self._check_tokens()
        self.key = self._key() if sign_in.is_open.may_hold else None
        self.schema = appsync.CfnGraphQLSchema(
            self, "Schema", api_id=self.api.attr_api_id, definition=self._schema()
        )
        sources = {"images": self._images(), "nothing": self._nothing()}
        for field, source in SOURCES.items():
            self._resolver(field, sources[source])

    @property
    def realtime_url(self) -> str:
        """The URL for subscriptions."""
        return self.api.attr_realtime_url

    @property
    def key_or_none(self) -> str:
        """The page's API key, empty unless access is open."""
        key = self.key.attr_api_key if self.key else ""
        return self.sign_in.is_open.text(key, "")

    def may_publish(self, grantee: iam.IGrantable) -> None:
        """Allow the one mutation."""
        grant(grantee, f"{self.api.attr_arn}/types/Mutation/fields/publishImage", "appsync:GraphQL")

    def renewed_by(self, function: lambda_.Function) -> None:
        """Make the function renew the key every day, and allow it to."""
        key = self.key.attr_api_key_id if self.key else ""
        known = {
            "TINTYPE_GRAPHQL_ID": self.api.attr_api_id,
            "TINTYPE_GRAPHQL_KEY": self.sign_in.is_open.text(key, ""),
        }
        set_environment(function, known)
        if self.key:
            for part in self._renewal(function, key):
                self.sign_in.is_open.decides(part)

    def _key(self) -> appsync.CfnApiKey:
        """Return the page's key, which there is only in open mode.

        Without an expiry, which would be a fixed date: AppSync's default is seven days, and the first
        renewal, a day later, extends it to a year.
        """
        key = appsync.CfnApiKey(self, "Key", api_id=self.api.attr_api_id)
        self.sign_in.is_open.decides(key)
        return key

    def _renewal(self, function: lambda_.Function, key: str) -> Iterator[Construct]:
        """Yield the parts of the renewal, each where updates of earlier stacks look for it."""
        api = self.api.attr_api_id
        # AppSync authorises by the request's path, the local cloud by the API.
        here = f"{Aws.PARTITION}:appsync:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        paths = [f"arn:{here}:/v1/apis/{api}/apikeys/{key}", self.api.attr_arn]
        statement = iam.PolicyStatement(actions=["appsync:UpdateApiKey"], resources=paths)
        policy = iam.Policy(self, "RenewalPolicy", statements=[statement])
        if function.role:
            policy.attach_to_role(function.role)
        yield policy
        # A raw CloudFormation rule: CDK's creates a permission with the stack's name in it.
        rule = events.CfnRule(
            self,
            "RenewKey",
            description="Extends the page's GraphQL key by a year, every day",
            schedule_expression="rate(1 day)",
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    arn=function.function_arn, id="catalogue", input=json.dumps(RENEW)
                )
            ],
        )
        yield rule
        yield lambda_.CfnPermission(
            function,
            "RenewKey",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )

    def _of_mode(self, words: Mapping[AccessMode, str]) -> str:
        """Return the word of the mode."""
        closed = self.sign_in.is_cognito.text(words[AccessMode.COGNITO], words[AccessMode.OIDC])
        return self.sign_in.is_open.text(words[AccessMode.OPEN], closed)

    def _check_tokens(self) -> None:
        """Let AppSync check the tokens of the mode's issuer."""
        sign_in = self.sign_in
        pool = {
            "UserPoolId": sign_in.own.pool_id,
            "AwsRegion": Aws.REGION,
            "DefaultAction": "ALLOW",
            "AppIdClientRegex": f"^{sign_in.own.client_id}$",
        }
        issuer = {
            "Issuer": sign_in.other.issuer,
            "ClientId": _exactly(sign_in.other.audience),
        }
        for choice, name, value in (
            (sign_in.is_cognito, "UserPoolConfig", pool),
            (sign_in.is_oidc, "OpenIDConnectConfig", issuer),
        ):
            if choice.may_hold:
                self.api.add_property_override(name, choice.either(value, NOTHING))

    def _schema(self) -> str:
        """Return the schema with the mode's directive: AppSync may refuse others."""
        return schema().replace(DIRECTIVES[AccessMode.OPEN], self._of_mode(DIRECTIVES))

    def _images(self) -> appsync.CfnDataSource:
        role = iam.Role(
            self, "ReaderRole", assumed_by=iam.ServicePrincipal("appsync.amazonaws.com")
        )
        may_read_images(role, self.table)
        return appsync.CfnDataSource(
            self,
            "Images",
            api_id=self.api.attr_api_id,
            name="images",
            type="AMAZON_DYNAMODB",
            service_role_arn=role.role_arn,
            dynamo_db_config=appsync.CfnDataSource.DynamoDBConfigProperty(
                aws_region=self.table.env.region, table_name=self.table.table_name
            ),
        )

    def _nothing(self) -> appsync.CfnDataSource:
        return appsync.CfnDataSource(
            self, "Nothing", api_id=self.api.attr_api_id, name="nothing", type="NONE"
        )

    def _resolver(self, field: str, source: appsync.CfnDataSource) -> None:
        type_name, _, field_name = field.partition(".")
        resolver = appsync.CfnResolver(
            self,
            field.replace(".", ""),
            api_id=self.api.attr_api_id,
            type_name=type_name,
            field_name=field_name,
            data_source_name=source.attr_name,
            runtime=appsync.CfnResolver.AppSyncRuntimeProperty(
                name="APPSYNC_JS", runtime_version="1.0.0"
            ),
            code=resolver_code(field),
        )
        resolver.node.add_dependency(self.schema)  # the field must exist


def _exactly(text: str) -> str:
    """Return the regular expression of a text that has no special characters but dots."""
    dot = r"\."
    is_known = not Token.is_unresolved(text)
    return f"^{text.replace('.', dot) if is_known else Fn.join(dot, Fn.split('.', text))}$"


def schema() -> str:
    """Return the deployed schema: each type of the record gets an input with the same fields."""
    written = _COMMENT.sub("", SCHEMA.read_text("utf-8"))
    records: dict[str, str] = dict(_RECORD.findall(written))
    names = re.compile(rf"\b({'|'.join(records)})(?=[]!]*$)", re.MULTILINE)
    inputs = [
        f"input {name}Input {{\n{names.sub(_INPUT, _MEANING.sub('', fields))}}}\n"
        for name, fields in records.items()
    ]
    return "\n".join([written, *inputs])


def resolver_code(field: str) -> str:
    """Return a resolver's code with the shared code that it uses."""
    code = (RESOLVERS / f"{field}.js").read_text("utf-8")
    used = {file: None for name, file in SHARED.items() if name in code}
    return "\n".join([code, *(file.read_text("utf-8") for file in used)])
