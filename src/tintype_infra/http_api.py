"""The HTTP API: throttled routes to the api function, which handles all paths.

API Gateway checks the token of whoever signed in before it calls the function. A few routes need
none; the function itself checks API keys.
"""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from tintype.config import Service
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.choice import NOTHING
from tintype_infra.sign_in import SignIn
from tintype_infra.sites import Sites

METHODS = (
    apigatewayv2.CorsHttpMethod.GET,
    apigatewayv2.CorsHttpMethod.POST,
    apigatewayv2.CorsHttpMethod.PATCH,
    apigatewayv2.CorsHttpMethod.DELETE,
)
# No other site may call. The page is served from the API's own origin and needs no CORS, nor could
# the API refer to it, since the CDN refers to the API. Set explicitly, as an update may keep
# omitted values.
NO_SITE = "https://nobody.invalid"
# Routes without a token. The CDN passes paths on with their /api. `$default` would also get the
# browsers' preflight requests, which never have a token (API Gateway's developer guide, "Configure
# CORS for HTTP APIs"). The edge leads requests with an API key to /with-key.
WITHOUT_TOKEN = {
    "Document": "GET /openapi.json",
    "DocumentOfCdn": "GET /api/openapi.json",
    "Preflight": "OPTIONS /{proxy+}",
    "WithKey": "ANY /with-key/{proxy+}",
    "WithKeyOfCdn": "ANY /api/with-key/{proxy+}",
}
# What each of these routes takes per second and at once, so that nobody without a token uses up what
# those who signed in share. Constants, as CloudFormation cannot calculate a part of the parameters.
RATE_WITHOUT_TOKEN, BURST_WITHOUT_TOKEN = 20, 40


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
                allow_headers=["authorization", "content-type"],
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

    def calls(self, function: lambda_.Function, sign_in: SignIn) -> None:
        """Route every request to the function, in payload format 2.0."""
        route = apigatewayv2.HttpRoute(
            self,
            "Everything",
            http_api=self.api,
            route_key=apigatewayv2.HttpRouteKey.DEFAULT,
            integration=HttpLambdaIntegration("Function", function),
        )
        everything = cfn_resource(route, apigatewayv2.CfnRoute)
        self._demand_token(everything, sign_in)
        # Not HttpRoute, which would add a permission each; the first covers all routes.
        stage = cfn_resource(self.stage, apigatewayv2.CfnStage)
        for name, key in WITHOUT_TOKEN.items():
            free = apigatewayv2.CfnRoute(
                self,
                name,
                api_id=self.api.api_id,
                route_key=key,
                target=everything.target,
                authorization_type="NONE",
            )
            self.stage.node.add_dependency(
                free
            )  # API Gateway refuses settings of a route that is not there
        stage.route_settings = {
            key: {
                "ThrottlingRateLimit": RATE_WITHOUT_TOKEN,
                "ThrottlingBurstLimit": BURST_WITHOUT_TOKEN,
            }
            for key in WITHOUT_TOKEN.values()
        }

    def _demand_token(self, route: apigatewayv2.CfnRoute, sign_in: SignIn) -> None:
        if not sign_in.is_closed.may_hold:
            route.authorization_type = "NONE"
            return
        authorizer = apigatewayv2.CfnAuthorizer(
            self,
            "Tokens",
            api_id=self.api.api_id,
            authorizer_type="JWT",
            name="tokens",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=apigatewayv2.CfnAuthorizer.JWTConfigurationProperty(
                issuer=sign_in.of_closed(lambda one: one.issuer),
                audience=[sign_in.of_closed(lambda one: one.audience)],
            ),
        )
        sign_in.is_closed.decides(authorizer)
        kind = sign_in.is_closed.either("JWT", "NONE")
        route.add_property_override("AuthorizationType", kind)
        route.add_property_override(
            "AuthorizerId", sign_in.is_closed.either(authorizer.ref, NOTHING)
        )
