"""What the bucket lacks comes from a function, and only from one that lets this distribution call it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.local.conftest import Cloud, Served
from tests.local.template import write_release

MAKER = """
import base64, json, time
def handler(event, context):
    path = event["rawPath"]
    kind = path.split("/")[2]
    answer = {"statusCode": 200, "headers": {"Cache-Control": "max-age=60", "Vary": "Accept"}}
    if kind == "bytes":
        data = bytes(range(256)) * (int(path.split("/")[3]) // 256)
        headers = {**answer["headers"], "Content-Type": "image/avif"}
        body = base64.b64encode(data).decode()
        return {**answer, "headers": headers, "body": body, "isBase64Encoded": True}
    if kind == "slow":
        time.sleep(1)
    if kind == "none":
        answer["statusCode"] = 404
    return {**answer, "body": json.dumps(event)}
"""
EDGE = """
function handler(event) {
  var request = event.request;
  request.headers['x-tintype-address'] = { value: request.uri };
  request.uri = request.uri.replace('/i/', '/made/');
  request.headers['x-not-allowed'] = { value: 'no' };
  request.headers.authorization = { value: 'AWS4-HMAC-SHA256 Credential=forged' };
  return request;
}
"""
ASKED_AT_ONCE = 2  # as many as the function may run


def resource(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def access(kind: str) -> dict[str, Any]:
    config = {
        "Name": f"access-to-{kind}",
        "OriginAccessControlOriginType": kind,
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    return resource("CloudFront::OriginAccessControl", OriginAccessControlConfig=config)


def permission(distribution: str, action: str, **more: object) -> dict[str, Any]:
    return resource(
        "Lambda::Permission", FunctionName={"Ref": "Maker"}, Action=f"lambda:{action}",
        Principal="cloudfront.amazonaws.com",
        SourceArn={"Fn::Join": ["", [
            "arn:aws:cloudfront::", {"Ref": "AWS::AccountId"}, ":distribution/",
            {"Ref": distribution},
        ]]},
        **more,
    )  # fmt: skip


def distribution(comment: str, *codes: int, control: bool = True) -> dict[str, Any]:
    domain = {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": ["Url", "FunctionUrl"]}]}]}
    members = [{"OriginId": name} for name in ("bucket", "maker")]
    behavior = {
        "TargetOriginId": "both", "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        "CachePolicyId": {"Ref": "AsTheOriginSays"}, "OriginRequestPolicyId": {"Ref": "Address"},
    }  # fmt: skip
    arn = {"Fn::GetAtt": ["AtTheEdge", "FunctionARN"]}
    own = {
        **behavior, "PathPattern": "/i/*", "ResponseHeadersPolicyId": {"Ref": "Varies"},
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": arn}],
    }  # fmt: skip
    config = {
        "Enabled": True,
        "Comment": comment,
        "Origins": [
            {
                "Id": "bucket", "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]},
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": {"Ref": "S3Access"},
            },
            {
                "Id": "maker", "DomainName": domain,
                "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                **({"OriginAccessControlId": {"Ref": "LambdaAccess"}} if control else {}),
            },
        ],
        "OriginGroups": {"Quantity": 1, "Items": [{
            "Id": "both", "Members": {"Quantity": 2, "Items": members},
            "FailoverCriteria": {"StatusCodes": {"Quantity": len(codes), "Items": list(codes)}},
        }]},
        "DefaultCacheBehavior": behavior,
        "CacheBehaviors": [own],
    }  # fmt: skip
    return resource("CloudFront::Distribution", DistributionConfig=config)


def statement() -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]},
    }


RESOURCES = {
    "Maker": resource(
        "Lambda::Function", Runtime="python3.13", Handler="index.handler", Timeout=20,
        Role={"Fn::GetAtt": ["Role", "Arn"]}, Code={"ZipFile": MAKER}, MemorySize=256,
        ReservedConcurrentExecutions=ASKED_AT_ONCE,
    ),
    "Url": resource(
        "Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["Maker", "Arn"]}, AuthType="AWS_IAM"
    ),
    "S3Access": access("s3"),
    "LambdaAccess": access("lambda"),
    "Policy": resource(
        "S3::BucketPolicy", Bucket={"Ref": "Bucket"},
        PolicyDocument={"Version": "2012-10-17", "Statement": [statement()]},
    ),
    "AtTheEdge": resource(
        "CloudFront::Function", Name="at-the-edge", AutoPublish=True, FunctionCode=EDGE,
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
    ),
    "AsTheOriginSays": resource("CloudFront::CachePolicy", CachePolicyConfig={
        "Name": "as-the-origin-says", "MinTTL": 0, "DefaultTTL": 60, "MaxTTL": 600,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": False,
            "CookiesConfig": {"CookieBehavior": "none"},
            "HeadersConfig": {"HeaderBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        },
    }),
    "Address": resource("CloudFront::OriginRequestPolicy", OriginRequestPolicyConfig={
        "Name": "address",
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["X-Tintype-Address"]},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }),
    "Varies": resource("CloudFront::ResponseHeadersPolicy", ResponseHeadersPolicyConfig={
        "Name": "varies",
        "CustomHeadersConfig": {
            "Items": [{"Header": "Vary", "Value": "Accept", "Override": True}]
        },
    }),
    "Whole": distribution("whole", 403, 404),
    "WholeUrl": permission("Whole", "InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM"),
    "WholeCall": permission("Whole", "InvokeFunction", InvokedViaFunctionUrl=True),
    "UrlAlone": distribution("url-alone", 403, 404),
    "UrlAloneUrl": permission("UrlAlone", "InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM"),
    "CallAlone": distribution("call-alone", 403, 404),
    "CallAloneCall": permission("CallAlone", "InvokeFunction", InvokedViaFunctionUrl=True),
    "Foreign": distribution("foreign", 403, 404),
    "Unsigned": distribution("unsigned", 403, 404, control=False),
    "UnsignedUrl": permission("Unsigned", "InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM"),
    "UnsignedCall": permission("Unsigned", "InvokeFunction"),
    "OtherCodes": distribution("other-codes", 500, 502),
    "OtherCodesUrl": permission("OtherCodes", "InvokeFunctionUrl"),
    "OtherCodesCall": permission("OtherCodes", "InvokeFunction"),
}  # fmt: skip


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    served = Served(folder / "state", write_release(folder / "release", RESOURCES))
    yield Cloud(served.start())
    served.end()


@pytest.fixture(scope="module")
def hosts(cloud: Cloud) -> dict[str, str]:
    """Return the distributions' domains by what they are called above."""
    listed = cloud.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    return {each["Comment"]: each["DomainName"] for each in listed}


def get(cloud: Cloud, host: str, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    url = f"{cloud.address.endpoint}{path}"
    return httpx.request(method, url, headers={"host": host, **named}, timeout=30)


def test_bucket_is_asked_first_and_the_function_for_what_it_lacks(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    place = {"Bucket": cloud.outputs["Bucket"], "Key": "made/kept.jpg"}
    cloud.client("s3").put_object(**place, Body=b"kept", CacheControl="max-age=60")

    kept, made = (get(cloud, hosts["whole"], f"/i/{name}") for name in ("kept.jpg", "echo/1"))

    assert (kept.status_code, kept.content) == (200, b"kept")
    assert (made.status_code, made.json()["rawPath"]) == (200, "/made/echo/1")


def test_function_gets_the_rewritten_path_and_the_headers_that_are_allowed(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    event = get(cloud, hosts["whole"], "/i/echo/2?w=1", Accept="image/avif", Cookie="a=b").json()

    assert (event["version"], event["rawPath"], event["rawQueryString"]) == (
        "2.0",
        "/made/echo/2",
        "",
    )
    headers = event["headers"]
    assert headers["x-tintype-address"] == "/i/echo/2"
    assert headers["user-agent"] == "Amazon CloudFront"
    assert headers["host"].endswith(".on.aws")
    assert {name for name in headers if name != name.lower()} == set()
    assert headers.keys().isdisjoint({"x-not-allowed", "authorization", "cookie", "accept"})


def test_answer_of_the_function_is_cached_and_a_failed_first_origin_is_not(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    first, second = (get(cloud, hosts["whole"], "/i/echo/3") for _ in range(2))

    assert [each.headers["x-cache"].split()[0] for each in (first, second)] == ["Miss", "Hit"]
    assert first.content == second.content


def test_vary_is_what_the_response_headers_policy_says(cloud: Cloud, hosts: dict[str, str]) -> None:
    assert get(cloud, hosts["whole"], "/i/echo/4").headers["vary"] == "Accept"
    assert "vary" not in get(cloud, hosts["whole"], "/made/echo/4").headers


@pytest.mark.parametrize("host", ["url-alone", "call-alone", "foreign", "unsigned"])
def test_function_is_called_only_for_a_signed_distribution_with_both_permissions(
    cloud: Cloud, hosts: dict[str, str], host: str
) -> None:
    assert get(cloud, hosts[host], "/made/echo/5").status_code == 403
    assert get(cloud, hosts["whole"], "/made/echo/5").status_code == 200


def test_nobody_calls_the_function_url_without_a_signature(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    event = get(cloud, hosts["whole"], "/i/echo/6").json()

    assert get(cloud, event["requestContext"]["domainName"], "/made/echo/6").status_code == 403


def test_status_that_is_not_configured_is_the_answer(cloud: Cloud, hosts: dict[str, str]) -> None:
    refused = get(cloud, hosts["other-codes"], "/made/echo/7")

    assert (refused.status_code, b"AccessDenied" in refused.content) == (403, True)


def test_only_reads_fail_over(cloud: Cloud, hosts: dict[str, str]) -> None:
    head = get(cloud, hosts["whole"], "/made/bytes/2560", "HEAD")

    assert (head.status_code, head.headers["content-length"]) == (200, "2560")
    assert get(cloud, hosts["whole"], "/made/echo/8", "DELETE").status_code == 403


def test_status_of_the_second_origin_is_the_answer(cloud: Cloud, hosts: dict[str, str]) -> None:
    answer = get(cloud, hosts["whole"], "/made/none")

    assert (answer.status_code, answer.json()["rawPath"]) == (404, "/made/none")


def test_bytes_arrive_as_they_are_up_to_six_megabytes_in_base64(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    small, largest, larger = (
        get(cloud, hosts["whole"], f"/made/bytes/{size}") for size in (512, 4_700_160, 4_719_616)
    )

    assert (small.content, small.headers["content-type"]) == (bytes(range(256)) * 2, "image/avif")
    assert (largest.status_code, len(largest.content)) == (200, 4_700_160)
    assert larger.status_code == 502
    part = get(cloud, hosts["whole"], "/made/bytes/512", range="bytes=256-257")
    assert (part.status_code, part.content) == (206, b"\0\1")


def test_calls_over_the_reserved_concurrency_are_refused_and_not_cached(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    paths = [f"/made/slow/{number}" for number in range(ASKED_AT_ONCE + 2)]

    with ThreadPoolExecutor(len(paths)) as pool:
        said = list(pool.map(lambda path: get(cloud, hosts["whole"], path).status_code, paths))

    assert sorted(said) == [200, 200, 429, 429]
    assert {get(cloud, hosts["whole"], path).status_code for path in paths} == {200}


def test_hundred_viewers_of_a_new_file_make_one_call(cloud: Cloud, hosts: dict[str, str]) -> None:
    with ThreadPoolExecutor(100) as pool:
        path = "/i/slow/100"
        answers = list(pool.map(lambda _: get(cloud, hosts["whole"], path), range(100)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["requestContext"]["requestId"] for answer in answers}) == 1


def test_purge_is_by_the_path_after_the_function_changed_it(
    cloud: Cloud, hosts: dict[str, str]
) -> None:
    listed = cloud.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    (own,) = (each["Id"] for each in listed if each["Comment"] == "whole")

    def purge(path: str) -> None:
        cloud.client("cloudfront").create_invalidation(
            DistributionId=own,
            InvalidationBatch={"Paths": {"Quantity": 1, "Items": [path]}, "CallerReference": path},
        )

    first = get(cloud, hosts["whole"], "/i/echo/9").content
    purge("/made/echo/9*")
    second = get(cloud, hosts["whole"], "/i/echo/9").content

    assert first != second
    assert get(cloud, hosts["whole"], "/i/echo/9").content == second


def test_reserved_concurrency_is_that_of_the_template(cloud: Cloud) -> None:
    client = cloud.client("lambda")
    (maker,) = (
        each["FunctionName"]
        for each in client.list_functions()["Functions"]
        if "Maker" in each["FunctionName"]
    )

    said = client.get_function_concurrency(FunctionName=maker)

    assert said["ReservedConcurrentExecutions"] == ASKED_AT_ONCE
