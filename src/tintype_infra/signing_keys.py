"""The keys that sign private addresses: an item of the access table, which a custom resource makes.

The CloudFront Function has them in its code, the functions that sign read the table.
"""

from __future__ import annotations

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from tintype.config import Config
from tintype.config.delivery import Dialect
from tintype.delivery import KEYS_ITEM
from tintype_infra.functions import set_environment
from tintype_infra.images_edge import function_code
from tintype_infra.moving_edge import redirect_code
from tintype_infra.names import unique_name
from tintype_infra.timeouts import KEYS_SECONDS

# Lambda runs the function at most three times, a minute or two apart, if it cannot answer
# (developer guide, "Asynchronous invocation").
LONGEST = Duration.seconds(3 * KEYS_SECONDS + 240)


class SigningKeys(Construct):
    """The keys; they are kept when a stack with `keep_data` is deleted, as the table is."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        *,
        table: dynamodb.Table,
        function: lambda_.Function,
    ) -> None:
        super().__init__(scope, "SigningKeys")
        self._config = config
        set_environment(function, {"TINTYPE_ACCESS_TABLE": table.table_name})
        may = iam.Grant.add_to_principal(
            grantee=function,
            actions=["dynamodb:GetItem", "dynamodb:PutItem"],
            resource_arns=[table.table_arn],
            # Its own item alone (DynamoDB's developer guide, "Using IAM policy conditions for
            # fine-grained access control").
            conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [KEYS_ITEM]}},
        )
        self._resource = CustomResource(
            self,
            "Keys",
            resource_type="Custom::SigningKeys",
            service_token=function.function_arn,
            service_timeout=LONGEST,
            properties={"Generation": config.service.signing_key_generation},
        )
        may.apply_before(self._resource)

    def checked_at_the_edge(self, scope: Construct) -> cloudfront.Function:
        """Return the CloudFront Function of pictures, which decides what an address gets.

        Raises:
            ConfigError: there are so many presets that the function would be too large.
        """
        current, previous = map(self._resource.get_att_string, ("Current", "Previous"))
        return cloudfront.Function(
            scope,
            "Images",
            function_name=unique_name("images"),
            code=cloudfront.FunctionCode.from_inline(
                function_code(current, previous, self._config)
            ),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Serve pictures by path and by size, private ones by signature or cookie",
        )

    def redirect_of(self, scope: Construct, dialect: Dialect, bucket: str) -> cloudfront.Function:
        """Return the CloudFront Function that redirects a *dialect*'s addresses to ours, of the originals *bucket*."""
        current, previous = map(self._resource.get_att_string, ("Current", "Previous"))
        return cloudfront.Function(
            scope,
            f"From{dialect.title()}",
            function_name=unique_name(f"from-{dialect}"),
            code=cloudfront.FunctionCode.from_inline(
                redirect_code(dialect, current, previous, bucket)
            ),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment=f"Redirect addresses of {dialect} to ours",
        )
