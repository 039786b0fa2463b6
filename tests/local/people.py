"""A stack with a user pool, and a GraphQL and an HTTP API for its users and a provider's."""

from __future__ import annotations

from typing import Any

SCHEMA = """
type Query {
  caller: AWSJSON @aws_cognito_user_pools @aws_oidc @aws_api_key
  plain: String
  admins: String @aws_cognito_user_pools(cognito_groups: ["admin"])
  subjects: String @aws_oidc
  services: String @aws_iam
  refused: String
}
type Changed @aws_cognito_user_pools @aws_oidc @aws_api_key { owner: String }
type Mutation { change(owner: String): Changed @aws_cognito_user_pools @aws_oidc @aws_api_key }
type Subscription {
  changed(owner: String): Changed
    @aws_subscribe(mutations: ["change"]) @aws_cognito_user_pools @aws_oidc
  broken: Changed @aws_subscribe(mutations: ["change"])
  admins: Changed @aws_subscribe(mutations: ["change"]) @aws_cognito_user_pools(cognito_groups: ["admin"])
}
schema { query: Query mutation: Mutation subscription: Subscription }
"""
UTIL = "import { util } from '@aws-appsync/utils';\n"
ECHO = "export function response(ctx) { return ctx.result; }\n"
RESOLVERS = {
    "Query.caller": "export function request(ctx) { return { payload: ctx.identity }; }",
    "Query.plain": "export function request() { return { payload: 'plain' }; }",
    "Query.admins": "export function request() { return { payload: 'for admins' }; }",
    "Query.subjects": "export function request() { return { payload: 'for subjects' }; }",
    "Query.services": "export function request(ctx) { return { payload: 'for services ' + JSON.stringify(ctx.identity) }; }",
    "Query.refused": UTIL + "export function request() { util.unauthorized(); }",
    "Mutation.change": "export function request(ctx) { return { payload: { owner: ctx.args.owner } }; }",
    "Subscription.changed": UTIL + """export function request(ctx) {
  if (ctx.args.owner !== ctx.identity.sub) { util.unauthorized(); }
  return { payload: null };
}""",
    "Subscription.broken": UTIL + "export function request() { util.error('Not today', 'Closed'); }",
}  # fmt: skip
HANDLER = """
import json
def handler(event, context):
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    return {"statusCode": 200, "body": json.dumps(claims)}
"""
API_ID, HTTP_API = {"Fn::GetAtt": ["Api", "ApiId"]}, {"Ref": "HttpApi"}


def resource(kind: str, *depends: str, **properties: object) -> dict[str, Any]:
    made = {"Type": f"AWS::{kind}", "Properties": properties}
    return {**made, "DependsOn": list(depends)} if depends else made


def resources(oidc: str) -> dict[str, Any]:
    pool_issuer = {"Fn::Join": ["", ["https://cognito-idp.us-east-1.amazonaws.com/", {"Ref": "Pool"}]]}  # fmt: skip
    runtime = {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"}

    def door(name: str, issuer: object, audience: object) -> dict[str, Any]:
        return {
            f"{name}Authorizer": resource(
                "ApiGatewayV2::Authorizer", ApiId=HTTP_API, Name=name, AuthorizerType="JWT",
                IdentitySource=["$request.header.Authorization"],
                JwtConfiguration={"Issuer": issuer, "Audience": [audience]},
            ),
            f"{name}Route": resource(
                "ApiGatewayV2::Route", ApiId=HTTP_API, RouteKey=f"GET /{name.lower()}",
                Target={"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
                AuthorizationType="JWT", AuthorizerId={"Ref": f"{name}Authorizer"},
            ),
        }  # fmt: skip

    may = {"Effect": "Allow", "Action": "appsync:GraphQL", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [may]}
    return {
        "Watcher": resource("IAM::User", Policies=[{"PolicyName": "may", "PolicyDocument": policy}]),
        "Pool": resource("Cognito::UserPool", UsernameAttributes=["email"]),
        "Client": resource(
            "Cognito::UserPoolClient", UserPoolId={"Ref": "Pool"},
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ),
        "Admins": resource("Cognito::UserPoolGroup", UserPoolId={"Ref": "Pool"}, GroupName="admin"),
        "Api": resource(
            "AppSync::GraphQLApi", Name="people", AuthenticationType="AMAZON_COGNITO_USER_POOLS",
            UserPoolConfig={
                "UserPoolId": {"Ref": "Pool"}, "AwsRegion": "us-east-1",
                "DefaultAction": "ALLOW", "AppIdClientRegex": {"Ref": "Client"},
            },
            AdditionalAuthenticationProviders=[
                {"AuthenticationType": "AWS_IAM"},
                {"AuthenticationType": "API_KEY"},
                {"AuthenticationType": "OPENID_CONNECT",
                 "OpenIDConnectConfig": {"Issuer": oidc, "ClientId": "page"}},
            ],
        ),
        "Schema": resource("AppSync::GraphQLSchema", ApiId=API_ID, Definition=SCHEMA),
        **{
            name: {"Type": "AWS::CloudFormation::WaitConditionHandle"}
            for name in ("Publish", "Retitle", "Forget")  # whose fields this schema has not
        },
        **{
            name.replace(".", ""): resource(
                "AppSync::Resolver", "Schema", "Source", ApiId=API_ID, DataSourceName="nothing",
                TypeName=name.split(".")[0], FieldName=name.split(".")[1], Runtime=runtime,
                Code=f"{code}\n{ECHO}",
            )
            for name, code in RESOLVERS.items()
        },
        "HttpApi": resource("ApiGatewayV2::Api", Name="people", ProtocolType="HTTP"),
        "Teller": resource(
            "Lambda::Function", Runtime="python3.13", Handler="index.handler", Timeout=20,
            Role={"Fn::GetAtt": ["Role", "Arn"]}, Code={"ZipFile": HANDLER}, MemorySize=256,
        ),
        "Integration": resource(
            "ApiGatewayV2::Integration", ApiId=HTTP_API, IntegrationType="AWS_PROXY",
            IntegrationUri={"Fn::GetAtt": ["Teller", "Arn"]}, PayloadFormatVersion="2.0",
        ),
        "MayTell": resource(
            "Lambda::Permission", FunctionName={"Ref": "Teller"}, Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        ),
        "Stage": resource("ApiGatewayV2::Stage", ApiId=HTTP_API, StageName="$default", AutoDeploy=True),
        **door("Pool", pool_issuer, {"Ref": "Client"}),
        **door("Provider", oidc, "page"),
    }  # fmt: skip
