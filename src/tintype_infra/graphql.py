"""The GraphQL API: queries of the table, and announcements of all changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from aws_cdk import Aws
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from tintype.functions.renewal import RENEW
from tintype_infra.functions import set_environment
from tintype_infra.grants import grant
from tintype_infra.table import may_read_images

HERE = Path(__file__).parent
SCHEMA = HERE / "schema.graphql"
RESOLVERS = HERE / "resolvers"
SHARED = RESOLVERS / "addresses.js"

# The data source of each field; a mutation that only announces needs none.
SOURCES = {"Query.image": "images", "Query.images": "images", "Mutation.publishImage": "nothing"}

# A type of the record, also used by the announcement, and the descriptions of its fields.
_RECORD = re.compile(r"^type (\w+) @aws_api_key @aws_iam {\n(.*?)^}", re.MULTILINE | re.DOTALL)
_MEANING = re.compile(r'^ *".*\n', re.MULTILINE)
_INPUT = r"\1Input"


class GraphqlApi(Construct):
    """The API, its key, its data sources and its resolvers."""

    def __init__(self, scope: Construct, *, table: dynamodb.Table, public_url: str) -> None:
        super().__init__(scope, "Graphql")
        self.table = table
        self.api = appsync.CfnGraphQLApi(
            self,
            "Api",
            name=Aws.STACK_NAME,
            authentication_type="API_KEY",
            additional_authentication_providers=[
                appsync.CfnGraphQLApi.AdditionalAuthenticationProviderProperty(
                    authentication_type="AWS_IAM"
                )
            ],
            environment_variables={"PUBLIC_URL": public_url},
        )
        # Without an expiry, which would be a fixed date: AppSync's default is seven days, and the
        # first renewal, a day later, extends it to a year.
        self.key = appsync.CfnApiKey(self, "Key", api_id=self.api.attr_api_id)
        self.schema = appsync.CfnGraphQLSchema(
            self, "Schema", api_id=self.api.attr_api_id, definition=schema()
        )
        sources = {"images": self._images(), "nothing": self._nothing()}
        for field, source in SOURCES.items():
            self._resolver(field, sources[source])

    @property
    def realtime_url(self) -> str:
        """The URL for subscriptions."""
        return self.api.attr_realtime_url

    def may_publish(self, grantee: iam.IGrantable) -> None:
        """Allow the one mutation."""
        grant(grantee, f"{self.api.attr_arn}/types/Mutation/fields/publishImage", "appsync:GraphQL")

    def renewed_by(self, function: lambda_.Function) -> None:
        """Make the function renew the key every day, and allow it to."""
        api, key = self.api.attr_api_id, self.key.attr_api_key_id
        set_environment(function, {"TINTYPE_GRAPHQL_ID": api, "TINTYPE_GRAPHQL_KEY": key})
        # AppSync authorises by the request's path, the local cloud by the API.
        here = f"{Aws.PARTITION}:appsync:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        grant(function, f"arn:{here}:/v1/apis/{api}/apikeys/{key}", "appsync:UpdateApiKey")
        grant(function, self.api.attr_arn, "appsync:UpdateApiKey")
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
        function.add_permission(
            "RenewKey",
            principal=iam.ServicePrincipal("events.amazonaws.com"),
            source_arn=rule.attr_arn,
        )

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


def schema() -> str:
    """Return the deployed schema: each type of the record gets an input with the same fields."""
    written = SCHEMA.read_text("utf-8")
    records: dict[str, str] = dict(_RECORD.findall(written))
    names = re.compile(rf"\b({'|'.join(records)})(?=[]!]*$)", re.MULTILINE)
    inputs = [
        f"input {name}Input {{\n{names.sub(_INPUT, _MEANING.sub('', fields))}}}\n"
        for name, fields in records.items()
    ]
    return "\n".join([written, *inputs])


def resolver_code(field: str) -> str:
    """Return a resolver's code with shared code appended, since AppSync takes a single file."""
    code = (RESOLVERS / f"{field}.js").read_text("utf-8")
    return code + SHARED.read_text("utf-8") if "withAddresses(" in code else code
