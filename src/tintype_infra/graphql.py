"""The GraphQL API: queries that read the table, and the announcement of every change."""

from __future__ import annotations

import json
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
from tintype_infra.grants import allow
from tintype_infra.table import may_read_images

HERE = Path(__file__).parent
SCHEMA = HERE / "schema.graphql"
RESOLVERS = HERE / "resolvers"
SHARED = RESOLVERS / "addresses.js"

# Which data source answers a field; AppSync does without for a mutation that only announces.
SOURCES = {"Query.image": "images", "Query.images": "images", "Mutation.publishImage": "nothing"}


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
        # It says nothing of its end, which would be a date: seven days then, and a year from the first
        # renewal on, one day later.
        self.key = appsync.CfnApiKey(self, "Key", api_id=self.api.attr_api_id)
        self.schema = appsync.CfnGraphQLSchema(
            self, "Schema", api_id=self.api.attr_api_id, definition=SCHEMA.read_text("utf-8")
        )
        sources = {"images": self._images(), "nothing": self._nothing()}
        for field, source in SOURCES.items():
            self._resolver(field, sources[source])

    @property
    def realtime_url(self) -> str:
        """Where subscriptions connect."""
        return self.api.attr_realtime_url

    def may_publish(self, grantee: iam.IGrantable) -> None:
        """Allow the one mutation."""
        allow(grantee, f"{self.api.attr_arn}/types/Mutation/fields/publishImage", "appsync:GraphQL")

    def renewed_by(self, function: lambda_.Function) -> None:
        """Have the function renew the key every day, and allow it that."""
        api, key = self.api.attr_api_id, self.key.attr_api_key_id
        set_environment(function, {"TINTYPE_GRAPHQL_ID": api, "TINTYPE_GRAPHQL_KEY": key})
        # AppSync asks IAM for the path of the request; the local cloud, for the API.
        here = f"{Aws.PARTITION}:appsync:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        allow(function, f"arn:{here}:/v1/apis/{api}/apikeys/{key}", "appsync:UpdateApiKey")
        allow(function, self.api.attr_arn, "appsync:UpdateApiKey")
        # CloudFormation's own rule: the permission that CDK's makes has the stack's name in it.
        rule = events.CfnRule(
            self,
            "RenewKey",
            description="Gives the page's key for the GraphQL API another year, every day",
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


def resolver_code(field: str) -> str:
    """Return the code of one resolver; AppSync takes a single file, so what they share is appended."""
    code = (RESOLVERS / f"{field}.js").read_text("utf-8")
    return code + SHARED.read_text("utf-8") if "withAddresses(" in code else code
