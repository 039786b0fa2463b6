"""Whose an image is in the deployed stack: what a signature holds a client to, and what metadata cannot do."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.cloud.operator import Operator
from tests.cloud.refusing import assert_refused_by_s3
from tests.cloud.stack import Json, Stack
from tests.functions.aws_events import http_event
from tests.pictures import picture
from tintype.imaging import Format

PNG = picture(40, 30, Format.PNG)


def as_alice(operator: Operator, path: str, wanted: Mapping[str, object]) -> Json:
    """Post to the api function as API Gateway does for a token that it has verified."""
    event = http_event("POST", path, body=json.dumps(wanted).encode(), subject="alice")
    answer = operator.client("lambda").invoke(
        FunctionName=operator.outputs["ApiFunction"], Payload=json.dumps(event).encode()
    )
    said: Json = json.loads(json.loads(answer["Payload"].read())["body"])
    return said


def ticket(operator: Operator) -> Json:
    wanted = {"filename": "a.png", "contentType": "image/png", "size": len(PNG)}
    return as_alice(operator, "/uploads", wanted)


def test_an_upload_is_the_caller_s(stack: Stack, operator: Operator) -> None:
    given = ticket(operator)

    assert stack.put(given, PNG).status_code == 200

    assert stack.ready(given["imageId"])["owner"] == "alice"


def test_an_upload_by_a_link_without_headers_is_the_caller_s(
    stack: Stack, operator: Operator
) -> None:
    wanted = {"filename": "a.png", "contentType": "image/png"}
    given = as_alice(operator, "/generate-upload-url", wanted)

    answer = stack.client.put(
        given["uploadUrl"], content=PNG, headers={"content-type": "image/png"}
    )

    assert answer.status_code == 200, answer.text
    image_id = given["processedFilename"].partition("-")[0]
    assert stack.ready(image_id)["owner"] == "alice"


@pytest.mark.parametrize("other", ["~bob/", "", "~%62ob/", "~alice/~bob/"])
def test_s3_refuses_an_upload_for_another_owner_than_was_signed(
    stack: Stack, operator: Operator, other: str
) -> None:
    given = ticket(operator)
    forged = given["upload"]["url"].replace("/~alice/", f"/{other}")
    assert forged != given["upload"]["url"]
    given["upload"]["url"] = forged

    assert_refused_by_s3(stack.put(given, PNG), 403, "SignatureDoesNotMatch")


def test_s3_refuses_metadata_that_names_an_owner(stack: Stack, operator: Operator) -> None:
    answer = stack.put(ticket(operator), PNG, **{"x-amz-meta-owner": "bob"})

    assert_refused_by_s3(answer, 403, "AccessDenied")


def test_what_is_put_by_hand_is_the_bucket_owner_s_whatever_its_metadata_claims(
    stack: Stack, operator: Operator
) -> None:
    bucket, key = operator.outputs["OriginalsBucket"], "by hand/~alice/a.png"
    operator.client("s3").put_object(Bucket=bucket, Key=key, Body=PNG, Metadata={"owner": "alice"})

    answer = stack.request("POST", "/process", json={"bucket": bucket, "key": key})

    assert answer.json()["image"]["owner"] == "public"
