"""What a function at the edge is given, and which behaviour a path has: as CloudFront, not as MiniStack."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.local.conftest import Cloud, Served
from tests.local.template import write_release
from tests.local.test_edge import OPTIMIZED

PATTERNS = ("/private/*", "/????/*", "*")
ECHO = """
function handler(event) {
  return {
    statusCode: 200,
    headers: {},
    body: JSON.stringify({ pattern: 'PATTERN', request: event.request })
  };
}
"""


def function(index: int) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudFront::Function",
        "Properties": {
            "Name": f"echo-{index}",
            "AutoPublish": True,
            "FunctionCode": ECHO.replace("PATTERN", PATTERNS[index]),
            "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"},
        },
    }


def behavior(index: int) -> dict[str, Any]:
    arn = {"Fn::GetAtt": [f"Echo{index}", "FunctionARN"]}
    return {
        "TargetOriginId": "nowhere",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": OPTIMIZED,
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": arn}],
    }


RESOURCES = {
    **{f"Echo{index}": function(index) for index in range(len(PATTERNS))},
    "Distribution": {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "Enabled": True,
                "Origins": [
                    {
                        "Id": "nowhere",
                        "DomainName": "origin.example",
                        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                    }
                ],
                "DefaultCacheBehavior": behavior(2),
                "CacheBehaviors": [
                    {**behavior(index), "PathPattern": PATTERNS[index]} for index in (0, 1)
                ],
            }
        },
    },
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    served = Served(folder / "state", write_release(folder / "release", RESOURCES))
    yield Cloud(served.start())
    served.end()


def asked(cloud: Cloud, target: str, **headers: str) -> Any:
    """Ask the distribution without a client that tidies paths up, and return what its function saw."""
    (listed,) = cloud.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    address = urlsplit(cloud.address.endpoint)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    connection.request("GET", target, headers={"Host": listed["DomainName"], **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body
    return json.loads(body)


# Developer guide, "Path pattern": the path is normalized as in RFC 3986, `//` and `..` too, and the raw
# one goes on; `?` is any character.
@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/private/a", "/private/*"),
        ("/%70rivate/a", "/private/*"),
        ("//private/a", "/private/*"),
        ("/a/../private/a", "/private/*"),
        ("/a/%2e%2e/private/a", "/private/*"),
        ("/private%2Fa", "*"),
        ("/private/../a", "*"),
        ("/Private/a", "*"),
        ("/a/bc/d", "/????/*"),
        ("/abcd/e", "/????/*"),
        ("/a%2Fb/e", "*"),
        ("/%61bcd/e", "/????/*"),
    ],
)
def test_path_is_matched_normalized_and_passed_on_raw(
    cloud: Cloud, path: str, pattern: str
) -> None:
    found = asked(cloud, f"{path}?x=1")

    assert (found["pattern"], found["request"]["uri"]) == (pattern, path)


def test_query_and_cookies_are_as_they_were_sent_each_value_of_a_name(cloud: Cloud) -> None:
    request = asked(cloud, "/x?e=1&s=%41&s=&e", Cookie="a=1; b==%3D; a=2")["request"]

    # Developer guide, "CloudFront Functions event structure".
    assert request["querystring"] == {
        "e": {"value": "1", "multiValue": [{"value": "1"}, {"value": ""}]},
        "s": {"value": "%41", "multiValue": [{"value": "%41"}, {"value": ""}]},
    }
    assert request["cookies"] == {
        "a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]},
        "b": {"value": "=%3D"},
    }
    assert "cookie" not in request["headers"]
