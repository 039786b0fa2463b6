"""An app of your own with Tintype in it: a shop, whose bucket, network and function are its own.

`cdk deploy` runs it; README.md says what it needs.
"""
# ruff: noqa: INP001 - a program, no part of a package

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tintype_infra import Packages, Tintype

LATEST = """
import os
import boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["IMAGES"])
    return table.query(
        IndexName="byOwner",
        KeyConditionExpression=boto3.dynamodb.conditions.Key("owner").eq("public"),
        ScanIndexForward=False,
        Limit=10,
    )["Items"]
"""


class Shop(Stack):
    """A shop with pictures; *release* is a release folder of Tintype, if there is no checkout of it."""

    def __init__(self, scope: Construct, name: str, *, release: Path | None = None) -> None:
        super().__init__(scope, name)
        network = ec2.Vpc(
            self,
            "Network",
            max_azs=2,
            nat_gateways=1,  # to AppSync
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDB": ec2.GatewayVpcEndpointOptions(
                    service=ec2.GatewayVpcEndpointAwsService.DYNAMODB
                ),
            },
        )
        photos = s3.Bucket(
            self,
            "Photos",
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(365))],
        )
        images = Tintype(
            self,
            "Images",
            packages=Packages.of_release(release) if release else None,
            originals=photos,
            vpc=network,
            public=True,  # without sign-in: anyone who knows its address can see images and upload
        )
        images.add_outputs()  # so that `tintype list --stack Shop` finds it
        if release:
            images.publish_page(release)
        latest = lambda_.Function(
            self,
            "Latest",
            code=lambda_.Code.from_inline(LATEST),
            handler="index.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            environment={"IMAGES": images.images.table_name},
        )
        images.images.grant(latest, "dynamodb:Query")
        CfnOutput(self, "LatestFunction", value=latest.function_name)


if __name__ == "__main__":
    app = App()
    folder = app.node.try_get_context("release")
    Shop(app, "Shop", release=Path(folder) if folder else None)
    app.synth()
