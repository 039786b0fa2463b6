"""The HTTP API: one route, throttled, to the api function, which knows the paths."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from tintype.config import Service

METHODS = (
    apigatewayv2.CorsHttpMethod.GET,
    apigatewayv2.CorsHttpMethod.POST,
    apigatewayv2.CorsHttpMethod.DELETE,
)


class HttpApi(Construct):
    """The API without what it calls: the CDN needs its address before there are functions."""

    def __init__(self, scope: Construct, service: Service) -> None:
        super().__init__(scope, "Http")
        self.api = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=Aws.STACK_NAME,
            create_default_stage=False,  # it could not be throttled
            cors_preflight=apigatewayv2.CorsPreflightOptions(
                allow_origins=list(service.cors_origins),
                allow_methods=list(METHODS),
                allow_headers=["content-type"],
                expose_headers=["location", "retry-after"],
                max_age=Duration.hours(1),
            ),
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
        """Hand every request to the function, in payload format 2.0."""
        apigatewayv2.HttpRoute(
            self,
            "Everything",
            http_api=self.api,
            route_key=apigatewayv2.HttpRouteKey.DEFAULT,
            integration=HttpLambdaIntegration("Function", function),
        )
