"""References of a template by which no service uses another. See `edges`."""

from __future__ import annotations

# Names and addresses: nothing is done by these, or it is ours that does it, with the rights of its role,
# which tests/cloud/test_privileges.py takes away one by one.
NAMED = (
    ("ApiGatewayV2::*", "ApiId", "ApiGatewayV2::Api"),
    ("ApiGatewayV2::Route", "Target", "ApiGatewayV2::Integration"),
    ("ApiGatewayV2::Route", "AuthorizerId", "ApiGatewayV2::Authorizer"),
    # The audience and the issuer of tokens, whose keys are public.
    ("ApiGatewayV2::Authorizer", "JwtConfiguration.*", "Cognito::*"),
    ("AppSync::GraphQLApi", "UserPoolConfig.*", "Cognito::*"),
    ("Cognito::*", "UserPoolId", "Cognito::UserPool"),
    ("Cognito::*", "ClientId", "Cognito::UserPoolClient"),
    ("Cognito::UserPool", "AdminCreateUserConfig.*", "CloudFront::Distribution"),
    ("Cognito::UserPoolClient", "*URLs", "CloudFront::Distribution"),
    ("AppSync::*", "ApiId", "AppSync::GraphQLApi"),
    ("AppSync::GraphQLApi", "EnvironmentVariables.*", "CloudFront::Distribution"),
    ("AppSync::Resolver", "DataSourceName", "AppSync::DataSource"),
    ("CloudFront::Distribution", "*.CachePolicyId", "CloudFront::CachePolicy"),
    ("CloudFront::Distribution", "*.OriginRequestPolicyId", "CloudFront::OriginRequestPolicy"),
    ("CloudFront::Distribution", "*.ResponseHeadersPolicyId", "CloudFront::ResponseHeadersPolicy"),
    ("CloudFront::Distribution", "*.FunctionAssociations.FunctionARN", "CloudFront::Function"),
    # By the API's public address, as everybody.
    ("CloudFront::Distribution", "DistributionConfig.Origins.DomainName", "ApiGatewayV2::Api"),
    ("CloudFront::Distribution", "*.OriginAccessControlId", "CloudFront::OriginAccessControl"),
    ("CloudWatch::*", "Dimensions.Value", "*"),
    ("CloudWatch::Dashboard", "DashboardBody", "*"),
    ("IAM::Policy", "PolicyDocument.*", "*"),
    # CloudFormation calls it as the one who deploys, whose permissions tintype.deployment.actions lists.
    ("Custom::SigningKeys", "ServiceToken", "Lambda::Function"),
    ("CloudFront::Function", "FunctionCode", "Custom::SigningKeys"),
    ("IAM::Policy", "Roles", "IAM::Role"),
    ("Lambda::EventSourceMapping", "FunctionName", "Lambda::Function"),
    ("Lambda::Function", "Environment.Variables.*", "*"),
    ("Lambda::Permission", "*", "*"),
    ("Lambda::Url", "TargetFunctionArn", "Lambda::Function"),
    ("Route53::RecordSet", "AliasTarget.DNSName", "CloudFront::Distribution"),
    ("S3::Bucket", "CorsConfiguration.CorsRules.AllowedOrigins", "CloudFront::Distribution"),
    ("*::*Policy", "PolicyDocument.*", "*"),
    ("*::*Policy", "Bucket", "S3::Bucket"),
    ("*::*Policy", "Topics", "SNS::Topic"),
    ("*::*Policy", "Queues", "SQS::Queue"),
)
