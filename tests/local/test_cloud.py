"""The local cloud: IAM is enforced, functions are isolated, state outlives stops and crashes."""

from __future__ import annotations

import json
import signal
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Cloud, Served
from tests.local.template import write_release
from tintype.aws.signing import Credentials
from tintype.local.state import LocalAddress

ENOUGH_TO_BE_SAVED = 5.0  # it is saved every two seconds


def refusal(client: Any, call: str, **arguments: object) -> str:
    with pytest.raises(ClientError) as error:
        getattr(client, call)(**arguments)
    return str(error.value.response["Error"]["Code"])


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_policies_are_enforced(cloud: Cloud) -> None:
    bucket = cloud.outputs["Bucket"]
    root, stranger = cloud.client("s3"), cloud.client("s3", cloud.stranger)
    for key in ("open/a", "closed/a"):
        root.put_object(Bucket=bucket, Key=key, Body=b"x")

    assert stranger.get_object(Bucket=bucket, Key="open/a")["Body"].read() == b"x"
    assert refusal(stranger, "get_object", Bucket=bucket, Key="closed/a") == "AccessDenied"
    assert refusal(stranger, "put_object", Bucket=bucket, Key="open/b") == "AccessDenied"


@pytest.mark.parametrize("key_id", ["test", "000000000000", "AKIAIOSFODNN7EXAMPLE"])
def test_nobody_else_is_root(cloud: Cloud, key_id: str) -> None:
    client = cloud.client("s3", Credentials(key_id, "test"))

    assert refusal(client, "list_buckets") in {"InvalidAccessKeyId", "InvalidClientTokenId"}


def test_bucket_is_closed_to_the_anonymous(cloud: Cloud) -> None:
    url = f"{cloud.address.endpoint}/{cloud.outputs['Bucket']}"

    assert httpx.get(url).status_code == 403


def test_function_sees_only_its_own_package_and_environment(cloud: Cloud) -> None:
    answer = cloud.client("lambda").invoke(FunctionName=cloud.outputs["Looker"])

    seen = json.load(answer["Payload"])
    assert not seen["ours"]
    assert not any("site-packages" in path or "dist-packages" in path for path in seen["path"])
    assert seen["environment"]["GRAPHQL"] == f"{cloud.address.endpoint}/graphql"
    assert seen["environment"]["AWS_ENDPOINT_URL"] == cloud.address.endpoint
    assert not {"VIRTUAL_ENV", "HOME", "STATE_DIR"} & seen["environment"].keys()
    assert seen["environment"]["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_addresses_are_of_this_machine_and_for_the_owner_only(cloud: Cloud) -> None:
    url = cloud.address.public_url

    assert cloud.outputs["GraphqlUrl"] == f"{url}/graphql"
    assert cloud.outputs["GraphqlRealtimeUrl"] == f"ws{url[4:]}/graphql/realtime"
    assert cloud.outputs["CdnUrl"] == url


def is_listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_it_listens_on_the_loopback_address_only(cloud: Cloud) -> None:
    port = int(cloud.address.endpoint.rsplit(":", 1)[1])

    assert is_listening("127.0.0.1", port)
    assert not is_listening("127.0.0.2", port)


def put(address: LocalAddress, key: str) -> None:
    cloud = Cloud(address)
    cloud.client("s3").put_object(Bucket=cloud.outputs["Bucket"], Key=key, Body=key.encode())


def keys(address: LocalAddress) -> list[str]:
    cloud = Cloud(address)
    listed = cloud.client("s3").list_objects_v2(Bucket=cloud.outputs["Bucket"])
    return [each["Key"] for each in listed.get("Contents", [])]


def test_everything_is_there_after_a_stop_and_no_child_is_left(served: Served) -> None:
    before = served.start()
    put(before, "a")
    Cloud(before).client("lambda").invoke(FunctionName=before.outputs["Looker"])
    children = children_of(before.pid)
    assert children

    said = served.end()

    assert "Traceback" not in said
    assert served.process
    assert served.process.returncode == 0
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert not (served.state / "local.json").exists()
    after = served.start()
    assert keys(after) == ["a"]
    unmoved = {"Bucket", "GraphqlApiId", "GraphqlApiKey", "Looker"}
    assert {name: after.outputs[name] for name in unmoved} == {
        name: before.outputs[name] for name in unmoved
    }
    answer = Cloud(after).client("lambda").invoke(FunctionName=after.outputs["Looker"])
    seen = json.load(answer["Payload"])
    assert seen["environment"]["GRAPHQL"] == f"{after.endpoint}/graphql"


def test_crash_loses_no_more_than_the_last_moments(served: Served) -> None:
    before = served.start()
    put(before, "a")
    users = Cloud(before).client("iam")
    users.create_user(UserName="kept")
    time.sleep(ENOUGH_TO_BE_SAVED)

    served.end(signal.SIGKILL)

    after = served.start()
    assert keys(after) == ["a"]
    assert Cloud(after).client("iam").get_user(UserName="kept")["User"]["UserName"] == "kept"
    assert after.outputs["GraphqlApiId"] == before.outputs["GraphqlApiId"]


def test_changed_template_updates_the_stack(served: Served) -> None:
    before = served.start()
    put(before, "a")
    served.end()
    write_release(served.release, {"Second": {"Type": "AWS::S3::Bucket"}})

    after = served.start()

    buckets = Cloud(after).client("s3").list_buckets()["Buckets"]
    assert len([each for each in buckets if "-packages-" not in each["Name"]]) == 2
    assert keys(after) == ["a"]


def test_failed_resource_is_named_with_its_reason(served: Served) -> None:
    queue = "arn:aws:sqs:us-east-1:000000000000:nowhere"
    told = {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": queue}]}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": told}}
    write_release(served.release, {"Broken": bucket})

    with pytest.raises(AssertionError) as error:
        served.start()

    assert "DeploymentError" in str(error.value)
    assert "(Broken, AWS::S3::Bucket): " in str(error.value)
    assert "Unable to validate" in str(error.value)


def test_second_cloud_in_the_same_folder_says_where_the_first_is(served: Served) -> None:
    first = served.start()
    second = Served(served.state, served.release)

    second_said = second_start(second)

    assert f"already running at {first.public_url} (process {first.pid}" in second_said
    assert keys(first) == []


def second_start(second: Served) -> str:
    # It would find the first one's address, so wait for its end instead.
    second.start()
    assert second.process
    return second.process.communicate(timeout=30)[0]


def test_key_and_address_are_readable_by_the_owner_only(served: Served) -> None:
    served.start()

    for name in ("local.json", "root.json"):
        assert stat.S_IMODE((served.state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(served.state.stat().st_mode) == 0o700
