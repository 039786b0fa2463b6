"""A small stack of our own: a GraphQL API that stores nothing, a bucket, a function, two users."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tintype.releases import MANIFEST, ReleaseManifest

SCHEMA = """
enum Status { READY FAILED }
type Size @aws_api_key @aws_iam { width: Int height: Int }
type Picture @aws_api_key @aws_iam { id: ID! title: String status: Status size: Size }
input SizeInput { width: Int height: Int }
input PictureInput { id: ID! title: String status: Status size: SizeInput }
type Query { picture: Picture }
type Mutation {
  publish(picture: PictureInput!): Picture @aws_iam
  retitle(picture: PictureInput!): Picture @aws_api_key @aws_iam
  forget(picture: PictureInput!): Picture @aws_api_key @aws_iam
}
type Subscription {
  changed(id: ID, status: Status): Picture
    @aws_subscribe(mutations: ["publish", "retitle"]) @aws_api_key @aws_iam
  secret: Picture @aws_subscribe(mutations: ["publish"]) @aws_iam
}
schema { query: Query mutation: Mutation subscription: Subscription }
"""
ECHO = """
export function request(ctx) { return { payload: ctx.args.picture }; }
export function response(ctx) { return ctx.result; }
"""
HANDLER = """
import json, os, sys
def handler(event, context):
    print(json.dumps({"level": "INFO", "function": "looker", "message": "LOOKED"}))
    try:
        import typer
        ours = True
    except ImportError:
        ours = False
    return {"path": sys.path, "environment": dict(os.environ), "ours": ours}
"""
IN_A_YEAR_2033 = 2_000_000_000
API_ID = {"Fn::GetAtt": ["Api", "ApiId"]}


def _resource(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def _resolver(field: str) -> dict[str, Any]:
    runtime = {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"}
    resolver = _resource(
        "AppSync::Resolver", ApiId=API_ID, TypeName="Mutation", FieldName=field,
        DataSourceName="nothing", Runtime=runtime, Code=ECHO,
    )  # fmt: skip
    return {**resolver, "DependsOn": ["Schema", "Source"]}


def _user(*statements: object) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return _resource("IAM::User", Policies=[{"PolicyName": "may", "PolicyDocument": policy}])


def _may(action: str, *resource: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": {"Fn::Join": ["", resource]}}


def template() -> dict[str, Any]:
    """Return the stack's template."""
    api_arn = {"Fn::GetAtt": ["Api", "Arn"]}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}  # fmt: skip
    resources = {
        "Bucket": _resource("S3::Bucket"),
        "Api": _resource(
            "AppSync::GraphQLApi", Name="pictures", AuthenticationType="API_KEY",
            AdditionalAuthenticationProviders=[{"AuthenticationType": "AWS_IAM"}],
        ),
        "Key": _resource("AppSync::ApiKey", ApiId=API_ID, Expires=IN_A_YEAR_2033),
        "Expired": _resource("AppSync::ApiKey", ApiId=API_ID, Expires=1_000_000_000),
        "Schema": _resource("AppSync::GraphQLSchema", ApiId=API_ID, Definition=SCHEMA),
        "Source": _resource("AppSync::DataSource", ApiId=API_ID, Name="nothing", Type="NONE"),
        **{field.title(): _resolver(field) for field in ("publish", "retitle", "forget")},
        "Watcher": _user(
            _may("appsync:GraphQL", api_arn, "/types/Subscription/fields/changed"),
            _may("appsync:GraphQL", api_arn, "/types/Mutation/fields/retitle"),
        ),
        "Stranger": _user(_may("s3:GetObject", "arn:aws:s3:::", {"Ref": "Bucket"}, "/open/*")),
        "Role": _resource(
            "IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]}
        ),
        "Looker": _resource(
            "Lambda::Function", Runtime="python3.13", Handler="index.handler",
            Role={"Fn::GetAtt": ["Role", "Arn"]}, Code={"ZipFile": HANDLER}, Timeout=20,
            Environment={"Variables": {"GRAPHQL": {"Fn::GetAtt": ["Api", "GraphQLUrl"]}}},
        ),
    }  # fmt: skip
    outputs = {
        "Bucket": {"Ref": "Bucket"},
        "CdnUrl": {"Ref": "PublicUrl"},
        "GraphqlUrl": {"Fn::GetAtt": ["Api", "GraphQLUrl"]},
        "GraphqlRealtimeUrl": {"Fn::GetAtt": ["Api", "RealtimeUrl"]},
        "GraphqlApiKey": {"Fn::GetAtt": ["Key", "ApiKey"]},
        "ExpiredApiKey": {"Fn::GetAtt": ["Expired", "ApiKey"]},
        "GraphqlApiId": API_ID,
        "Looker": {"Ref": "Looker"},
        "Watcher": {"Ref": "Watcher"},
        "Stranger": {"Ref": "Stranger"},
    }
    return {
        "Parameters": {"PublicUrl": {"Type": "String", "Default": ""}},
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def write_release(folder: Path, changed: dict[str, Any] | None = None) -> Path:
    """Write a release of the template, with *changed* resources, into *folder*."""
    folder.mkdir(exist_ok=True)
    stack = template()
    stack["Resources"].update(changed or {})
    manifest = ReleaseManifest(
        version="0", name="small", template="small.template.json", certificate="", packages=(),
        functions={}, python="", settings={}, max_bytes=0, site=(),
    )  # fmt: skip
    (folder / manifest.template).write_text(json.dumps(stack))
    (folder / MANIFEST).write_text(manifest.json())
    return folder
