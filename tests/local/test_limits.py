"""What AWS refuses and the emulator alone would take: payloads over 6 MB, headers that are not signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.config import Config

from tests.local.conftest import Cloud, Served
from tests.local.template import write_release
from tintype.local.lambda_limits import REQUEST_BYTES, RESPONSE_BYTES

TALKER = """
def handler(event, context):
    if "requestContext" in event:
        length = int(event.get("queryStringParameters", {}).get("length", 2))
        return {"statusCode": 200, "body": "x" * length}
    return "x" * event["length"]
"""
QUOTES = 2  # of a text in JSON
API = {"Ref": "HttpApi"}


def resource(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


RESOURCES = {
    "Talker": resource(
        "Lambda::Function", FunctionName="talker", Runtime="python3.13", Handler="index.handler",
        Role={"Fn::GetAtt": ["Role", "Arn"]}, Code={"ZipFile": TALKER}, Timeout=20, MemorySize=256,
    ),
    "HttpApi": resource("ApiGatewayV2::Api", Name="talk", ProtocolType="HTTP"),
    "Integration": resource(
        "ApiGatewayV2::Integration", ApiId=API, IntegrationType="AWS_PROXY",
        IntegrationUri={"Fn::GetAtt": ["Talker", "Arn"]}, PayloadFormatVersion="2.0",
    ),
    "Route": resource(
        "ApiGatewayV2::Route", ApiId=API, RouteKey="$default",
        Target={"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
    ),
    "Stage": resource("ApiGatewayV2::Stage", ApiId=API, StageName="$default", AutoDeploy=True),
    "MayTalk": resource(
        "Lambda::Permission", FunctionName={"Ref": "Talker"}, Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    served = Served(folder / "state", write_release(folder / "release", RESOURCES))
    yield Cloud(served.start())
    served.end()


@pytest.fixture(scope="module")
def api(cloud: Cloud) -> str:
    (found,) = cloud.client("apigatewayv2").get_apis()["Items"]
    return f"{cloud.address.endpoint}/_aws/execute-api/{found['ApiId']}/$default/"


def answer_of(cloud: Cloud, length: int) -> dict[str, Any]:
    asked = json.dumps({"length": length})
    answer: dict[str, Any] = cloud.client("lambda").invoke(FunctionName="talker", Payload=asked)
    return answer


def test_largest_answer_comes_and_one_byte_more_does_not(cloud: Cloud) -> None:
    largest = answer_of(cloud, RESPONSE_BYTES - QUOTES)
    larger = answer_of(cloud, RESPONSE_BYTES - QUOTES + 1)

    assert "FunctionError" not in largest
    assert len(largest["Payload"].read()) == RESPONSE_BYTES
    assert larger["FunctionError"] == "Unhandled"
    assert json.load(larger["Payload"])["errorType"] == "Function.ResponseSizeTooLarge"


def test_answer_over_six_megabytes_is_a_server_error_of_the_api(api: str) -> None:
    assert httpx.get(api, params={"length": 5_000_000}, timeout=30).status_code == 200
    assert httpx.get(api, params={"length": 6_400_000}, timeout=30).status_code == 502


@pytest.mark.parametrize(
    ("length", "status"),
    [(4_500_000, 200), (REQUEST_BYTES * 3 // 4, 413), (6_000_000, 413), (10_000_000, 413)],
)
def test_request_over_six_megabytes_in_base64_does_not_reach_the_function(
    api: str, length: int, status: int
) -> None:
    headers = {"content-type": "image/jpeg"}

    answer = httpx.post(api, content=bytes(length), headers=headers, timeout=30)

    assert answer.status_code == status
    if status == 413:
        assert answer.json() == {"message": "Request Entity Too Large"}


@pytest.mark.parametrize(
    ("brought", "unsigned"),
    [
        ({}, ""),
        ({"x-amzn-trace-id": "Root=1"}, ""),
        ({"x-amz-acl": "public-read"}, "x-amz-acl"),
        ({"X-Amz-Storage-Class": "GLACIER", "x-amz-meta-owner": "me"},
         "x-amz-meta-owner, x-amz-storage-class"),
    ],
)  # fmt: skip
def test_link_takes_no_header_of_amazon_that_it_does_not_sign(
    cloud: Cloud, brought: dict[str, str], unsigned: str
) -> None:
    s3 = cloud.client("s3", settings=Config(signature_version="s3v4"))
    place = {"Bucket": cloud.outputs["Bucket"], "Key": "a.jpg"}
    link = s3.generate_presigned_url("put_object", Params=place)

    answer = httpx.put(link, content=b"x", headers=brought)

    assert answer.status_code == (403 if unsigned else 200)
    if unsigned:
        assert "<Code>AccessDenied</Code>" in answer.text
        assert f"<HeadersNotSigned>{unsigned}</HeadersNotSigned>" in answer.text


def test_header_that_is_added_to_a_signed_request_is_refused(cloud: Cloud) -> None:
    s3 = cloud.client("s3")

    def add(request: Any, **_: object) -> None:
        request.headers["x-amz-acl"] = "public-read"

    s3.meta.events.register("before-send.s3.PutObject", add)

    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.put_object(Bucket=cloud.outputs["Bucket"], Key="a.jpg", Body=b"x")
