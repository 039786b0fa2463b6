"""What a stranger can get hold of: every address that is told to nobody in particular, fetched.

Start with `Crawler`. It begins with the page and the two APIs, follows every address that any answer
has, and adds what can be guessed. What the camera wrote into the original must be in none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Json, Stack
from tests.metadata import private_original
from tintype.catalogue import PUBLISH
from tintype.imaging import Format

# The record has the camera's make, model and lens, and is public; of what else it wrote, nothing is.
PLANTED = (
    *(b"hide-serial", b"hide-owner", b"hide-author", b"hide-comment", b"hide-maker note"),
    *(b"hide-area", b"hide-unique-id", b"hide-description", b"GPSLatitude=", b"52,18.8N"),
)
PHOTOGRAPH = private_original(Format.JPEG)
ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
FILE = re.compile(r"(?:src|href)=\"([^\"#:]+)\"")
_SELECTION = PUBLISH.partition("publishImage(image: $image)")[2].rstrip().removesuffix("}")


class Crawler:
    """A stranger with time: `found` has each address's answer."""

    def __init__(self, stack: Stack, image: Json) -> None:
        self.stack, self.image = stack, image
        self.found: dict[str, bytes] = {}

    def crawl(self) -> None:
        waiting = list(self._beginnings())
        for answer in (self._graphql(), *self._uploads()):
            waiting += self._addresses(str(answer.url), answer)
            self.found[f"POST {answer.url} {len(self.found)}"] = answer.content
        while waiting:
            address = waiting.pop()
            if address in self.found or not self._is_of_the_stack(address):
                continue
            answer = self.stack.client.get(address, follow_redirects=True)
            self.found[address] = answer.content
            waiting += self._addresses(address, answer)

    def with_planted(self) -> list[str]:
        return [
            address
            for address, body in self.found.items()
            if any(secret in body for secret in PLANTED)
        ]

    def _beginnings(self) -> Iterator[str]:
        cdn, api = self.stack.outputs["CdnUrl"], self.stack.outputs["ApiUrl"]
        image_id, key = self.image["id"], self.image["original"]["key"]
        for path in ("", "/config.json", "/retired.json", f"/{image_id}/manifest.json", f"/{key}"):
            yield f"{cdn}{path}"
        for path in ("/openapi.json", "/images?limit=100", f"/images/{image_id}"):
            yield f"{api}{path}"
        yield f"{api}/images/{image_id}/original"
        yield f"{api}/get-processed-image-url?filename=processed-{self.image['filename']}"
        for bucket in ("OriginalsBucket", "RenditionsBucket", "SiteBucket"):
            place = f"{self._endpoint}/{self.stack.outputs[bucket]}"
            for name in ("", key, f"{image_id}/manifest.json", "?versions"):
                yield f"{place}/{name}"

    def _graphql(self) -> httpx.Response:
        one, all_ = f"one: image(id: $id) {_SELECTION}", f"images {_SELECTION}"
        query = f"query($id: ID!) {{ {one} images(limit: 100) {{ {all_} }} }}"
        answer = self.stack.client.post(
            self.stack.outputs["GraphqlUrl"],
            json={"query": query, "variables": {"id": self.image["id"]}},
            headers={"x-api-key": self.stack.outputs["GraphqlApiKey"]},
        )
        assert answer.json()["data"]["one"]["id"] == self.image["id"], answer.text
        return answer

    def _uploads(self) -> Iterator[httpx.Response]:
        bucket, key = self.stack.outputs["OriginalsBucket"], self.image["original"]["key"]
        yield self.stack.request("POST", "/process", json={"bucket": bucket, "key": key})
        for path in ("/uploads", "/generate-upload-url"):
            wanted = {"filename": "b.jpg", "contentType": "image/jpeg", "size": 9}
            yield self.stack.request("POST", path, json=wanted)

    def _addresses(self, address: str, answer: httpx.Response) -> Iterator[str]:
        if answer.headers.get("content-type", "").startswith("image/"):
            return
        yield from ADDRESS.findall(answer.text)
        for file in FILE.findall(answer.text):
            yield str(httpx.URL(address).join(file))

    @property
    def _endpoint(self) -> str:
        return self.stack.outputs["GraphqlUrl"].partition("/graphql")[0]

    def _is_of_the_stack(self, address: str) -> bool:
        return httpx.URL(address).host in {"localhost", "127.0.0.1"}


@pytest.fixture(scope="module")
def own_cloud(
    deployed_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCloud]:
    """Run a stack whose settings are changed."""
    with running_cloud(tmp_path_factory.mktemp("anonymous"), deployed=deployed_state) as running:
        yield running


@pytest.fixture(scope="module")
def crawled(own_cloud: RunningCloud) -> Iterator[tuple[Crawler, Crawler]]:
    """Crawl the stack with links to originals, and then without."""
    with ExitStack() as closing:
        client = closing.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS))
        stack = Stack(own_cloud.outputs, client)
        image = stack.ready(stack.upload(PHOTOGRAPH, "beach.jpg", "image/jpeg"))
        readable, private = Crawler(stack, image), Crawler(stack, image)
        readable.crawl()
        _set(Operator(own_cloud, closing), "OriginalsReadable", "false")
        private.crawl()
        yield readable, private


def test_the_photograph_has_something_to_hide(crawled: tuple[Crawler, Crawler]) -> None:
    _, private = crawled

    assert all(secret in PHOTOGRAPH for secret in PLANTED[:2])
    assert "GPS position" in private.image["removed"]


def test_no_address_that_a_stranger_can_obtain_has_what_the_camera_wrote(
    crawled: tuple[Crawler, Crawler],
) -> None:
    _, private = crawled

    assert private.with_planted() == []
    renditions = {one["url"] for one in private.image["renditions"]}
    assert renditions <= private.found.keys(), "what is public was looked at"
    link = f"{private.stack.outputs['ApiUrl']}/images/{private.image['id']}/original"
    assert b"originals_not_public" in private.found[link]


def test_with_the_setting_there_is_one_address_that_leads_to_it(
    crawled: tuple[Crawler, Crawler],
) -> None:
    readable, _ = crawled

    (leak,) = readable.with_planted()
    assert "response-content-disposition=attachment" in leak


def test_without_the_setting_the_role_may_not_read_originals(
    own_cloud: RunningCloud, crawled: tuple[Crawler, Crawler]
) -> None:
    _, private = crawled
    with ExitStack() as closing:
        operator = Operator(own_cloud, closing)
        function = operator.client("lambda").get_function_configuration(
            FunctionName=private.stack.outputs["ApiFunction"]
        )
        role = function["Role"].rpartition("/")[2]
        iam = operator.client("iam")
        policies = [
            str(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]

    assert "s3:PutObject" in "".join(policies)
    assert "s3:GetObject" not in "".join(policies)


def _set(operator: Operator, parameter: str, value: str) -> None:
    """Deploy the same template with another setting."""
    cloudformation = operator.client("cloudformation")
    (stack,) = [
        one
        for one in cloudformation.describe_stacks()["Stacks"]
        if any(given["ParameterKey"] == parameter for given in one.get("Parameters", []))
    ]
    names = [given["ParameterKey"] for given in stack["Parameters"]]
    cloudformation.update_stack(
        StackName=stack["StackName"],
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": parameter, "ParameterValue": value},
            *(
                {"ParameterKey": name, "UsePreviousValue": True}
                for name in names
                if name != parameter
            ),
        ],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack["StackName"], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
