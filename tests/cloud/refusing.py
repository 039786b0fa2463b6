"""Requests that may be refused, and how S3 and the API say so."""

from __future__ import annotations

import hashlib
import re

import httpx

from tests.cloud.stack import Json, Stack
from tests.pictures import picture
from tintype.imaging import Format
from tintype_infra.packages import ROOT

PNG = picture(16, 16, Format.PNG)
ERRORS = (ROOT / "docs" / "reference" / "errors" / "api.md").read_text("utf-8")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(
    stack: Stack, ticket: Json, data: bytes = PNG, without: str = "", **changed: str
) -> httpx.Response:
    headers: dict[str, str] = {**ticket["upload"]["headers"], "content-length": str(len(data))}
    headers |= {name.replace("_", "-"): content for name, content in changed.items()}
    headers.pop(without, None)
    return stack.client.put(ticket["upload"]["url"], content=data, headers=headers)


def assert_refused_by_s3(response: httpx.Response, status: int, *codes: str) -> None:
    found = re.search("<Code>(.*?)</Code>", response.text)
    assert (response.status_code, found and found[1] in codes) == (status, True), response.text


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert f"| `{code}` |" in ERRORS
