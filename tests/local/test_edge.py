"""The distribution that is deployed is the one that keeps: its behaviours, policies, error times, purges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.local.conftest import Cloud, Served
from tests.local.template import write_release

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
NAME = {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}


def distribution(*errors: dict[str, int]) -> dict[str, Any]:
    behavior = {"TargetOriginId": "bucket", "ViewerProtocolPolicy": "allow-all", "Compress": True}
    config = {
        "Enabled": True,
        "Origins": [
            {
                "Id": "bucket",
                "DomainName": NAME,
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": {"Ref": "Access"},
            }
        ],
        "DefaultCacheBehavior": {**behavior, "CachePolicyId": OPTIMIZED},
        "CacheBehaviors": [
            {**behavior, "PathPattern": "/never/*", "CachePolicyId": DISABLED},
            {**behavior, "PathPattern": "/by-width/*", "CachePolicyId": {"Ref": "ByWidth"}},
        ],
        **({"CustomErrorResponses": list(errors)} if errors else {}),
    }
    return {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {"DistributionConfig": config},
    }


def may(action: str, *below: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": action,
        "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, *below]]},
    }


RESOURCES = {
    "Access": {
        "Type": "AWS::CloudFront::OriginAccessControl",
        "Properties": {
            "OriginAccessControlConfig": {
                "Name": "bucket",
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            }
        },
    },
    "Policy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [may("s3:GetObject", "/*"), may("s3:ListBucket")],
            },
        },
    },
    "ByWidth": {
        "Type": "AWS::CloudFront::CachePolicy",
        "Properties": {
            "CachePolicyConfig": {
                "Name": "by-width",
                "MinTTL": 0,
                "DefaultTTL": 60,
                "MaxTTL": 600,
                "ParametersInCacheKeyAndForwardedToOrigin": {
                    "CookiesConfig": {"CookieBehavior": "none"},
                    "EnableAcceptEncodingGzip": False,
                    "HeadersConfig": {"HeaderBehavior": "none"},
                    "QueryStringsConfig": {
                        "QueryStringBehavior": "whitelist",
                        "QueryStrings": ["w"],
                    },
                },
            }
        },
    },
    "Patient": distribution(),
    "Frank": distribution({"ErrorCode": 404, "ErrorCachingMinTTL": 0}),
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    served = Served(folder / "state", write_release(folder / "release", RESOURCES))
    yield Cloud(served.start())
    served.end()


@pytest.fixture
def patient(cloud: Cloud) -> Visitor:
    return Visitor(cloud, frank=False)


@pytest.fixture
def frank(cloud: Cloud) -> Visitor:
    return Visitor(cloud, frank=True)


class Visitor:
    """A viewer of the distribution that says nothing of errors, or of the one that keeps none."""

    def __init__(self, cloud: Cloud, *, frank: bool) -> None:
        self.cloud = cloud
        listed = cloud.client("cloudfront").list_distributions()["DistributionList"]["Items"]
        (self.distribution,) = (
            each for each in listed if bool(each["CustomErrorResponses"]["Quantity"]) is frank
        )

    def put(self, key: str, body: bytes = b"picture", **more: str) -> None:
        bucket = self.cloud.outputs["Bucket"]
        self.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=body, **more)

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        host = {"host": self.distribution["DomainName"]}
        return httpx.request(
            method, f"{self.cloud.address.endpoint}{path}", headers={**host, **named}, timeout=30
        )

    def seen(self, path: str) -> str:
        return self.get(path).headers["x-cache"].removesuffix(" from cloudfront")


def test_object_is_kept_as_the_policy_says(frank: Visitor) -> None:
    frank.put("a.jpg", CacheControl="max-age=600")

    assert [frank.seen("/a.jpg") for _ in range(2)] == ["Miss", "Hit"]
    frank.put("a.jpg", b"changed", CacheControl="max-age=600")
    assert frank.get("/a.jpg").content == b"picture"


def test_nothing_is_kept_where_caching_is_disabled(patient: Visitor) -> None:
    assert patient.get("/never/a.jpg").status_code == 404
    patient.put("never/a.jpg", CacheControl="max-age=600")

    assert [patient.seen("/never/a.jpg") for _ in range(2)] == ["Miss", "Miss"]


def test_missing_object_is_missed_for_ten_seconds_unless_the_distribution_forbids(
    patient: Visitor, frank: Visitor
) -> None:
    assert patient.get("/late.jpg").status_code == frank.get("/late.jpg").status_code == 404

    frank.put("late.jpg")

    assert frank.get("/late.jpg").status_code == 200
    assert patient.get("/late.jpg").status_code == 404
    assert patient.get("/late.jpg").headers["x-cache"] == "Error from cloudfront"


def test_query_counts_where_the_policy_names_it(frank: Visitor) -> None:
    frank.put("by-width/a.jpg")

    asked = ["?w=1", "?w=1&x=2", "?w=2", "?w=1"]

    assert [frank.seen(f"/by-width/a.jpg{query}") for query in asked] == [
        "Miss",
        "Hit",
        "Miss",
        "Hit",
    ]
    frank.put("a.txt")
    assert [frank.seen(f"/a.txt{query}") for query in ("?w=1", "?w=2")] == ["Miss", "Hit"]


def test_part_head_and_condition_are_answered_from_the_cache(frank: Visitor) -> None:
    frank.put("b.jpg", bytes(range(200)), CacheControl="max-age=600")
    whole = frank.get("/b.jpg")

    part = frank.get("/b.jpg", range="bytes=10-19")
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/200"
    assert frank.get("/b.jpg", range="bytes=200-").status_code == 416
    head = frank.get("/b.jpg", "HEAD")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "200", b"")
    known = frank.get("/b.jpg", if_none_match=whole.headers["etag"])
    assert (known.status_code, known.content) == (304, b"")
    assert {answer.headers["x-cache"] for answer in (part, head, known)} == {"Hit from cloudfront"}


def test_purged_object_is_asked_for_again(frank: Visitor, patient: Visitor) -> None:
    frank.put("c.jpg", CacheControl="max-age=600")
    for visitor in (frank, patient):
        assert [visitor.seen("/c.jpg") for _ in range(2)] == ["Miss", "Hit"]

    frank.cloud.client("cloudfront").create_invalidation(
        DistributionId=frank.distribution["Id"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/c*"]}, "CallerReference": "1"},
    )

    assert frank.seen("/c.jpg") == "Miss"
    assert patient.seen("/c.jpg") == "Hit", "it is another distribution's"
