"""The HTTP API: one throttled route to the api function, which handles all paths."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from tintype.config import Service
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.sites import Sites

METHODS = (
    apigatewayv2.CorsHttpMethod.GET,
    apigatewayv2.CorsHttpMethod.POST,
    apigatewayv2.CorsHttpMethod.DELETE,
)
# No other site may call. The page is served from the API's own origin and needs no CORS, nor could
# the API refer to it, since the CDN refers to the API. Set explicitly, as an update may keep
# omitted values.
NO_SITE = "https://nobody.invalid"


class HttpApi(Construct):
    """The API, created before its function because the CDN needs its address."""

    def __init__(self, scope: Construct, service: Service, sites: Sites) -> None:
        super().__init__(scope, "Http")
        self.api = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=Aws.STACK_NAME,
            create_default_stage=False,  # which cannot be throttled
            cors_preflight=apigatewayv2.CorsPreflightOptions(
                allow_origins=[NO_SITE],
                allow_methods=list(METHODS),
                allow_headers=["content-type"],
                expose_headers=["location", "retry-after", "x-trace-id"],
                max_age=Duration.hours(1),
            ),
        )
        cfn_resource(self.api, apigatewayv2.CfnApi).add_property_override(
            "CorsConfiguration.AllowOrigins", sites.some.either(sites.others, [NO_SITE])
        )
        self.stage = self.api.add_stage(
            "Stage",
            stage_name="$default",
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=service.throttle_rate, burst_limit=service.throttle_burst
            ),
        )

    def calls(self, function: lambda_.Function) -> None:
        """Route every request to the function, in payload format 2.0."""
        apigatewayv2.HttpRoute(
            self,
            "Everything",
            http_api=self.api,
            route_key=apigatewayv2.HttpRouteKey.DEFAULT,
            integration=HttpLambdaIntegration("Function", function),
        )
