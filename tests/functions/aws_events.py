"""Events as AWS documents them: the files in `events/`, and what is made of them.

The shapes are those of the Amazon S3 User Guide ("Event message structure"), of the AWS Lambda
Developer Guide ("Using Lambda with Amazon SQS", "Invoking Lambda function URLs") and of the API
Gateway Developer Guide ("Payload format version 2.0").
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

Event = dict[str, Any]

_FOLDER = Path(__file__).parent / "events"
# What API Gateway hands over as text; everything else is in base64.
_TEXT = ("text/", "application/json", "application/javascript", "application/xml")


def event(name: str) -> Event:
    """Return the event in the file of that name."""
    found: Event = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def s3_event(name: str, **facts: object) -> str:
    """Return the body of the message that S3 sends, with other *facts* of the object; a key is encoded."""
    body = event(name)
    if "key" in facts:
        facts["key"] = quote_plus(str(facts["key"]), safe="/")
    body["Records"][0]["s3"]["object"].update(facts)
    return json.dumps(body)


def message(body: str, *, id: str = "", received: int = 1) -> Event:  # noqa: A002 - SQS's word
    """Return a message as it stands in a batch."""
    found = event("sqs_message")
    found["body"] = body
    found["messageId"] = id or found["messageId"]
    found["attributes"]["ApproximateReceiveCount"] = str(received)
    return found


def batch_of(*messages: Event) -> Event:
    """Return what Lambda gives to a function."""
    return {"Records": list(messages)}


def http_event(
    method: str,
    path: str,
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    subject: str | None = None,
    groups: Sequence[str] = (),
) -> Event:
    """Return what API Gateway makes of a request.

    *subject* is that of an access token of Cognito's that it has verified, *groups* are the user's.
    """
    found = event("http_post_json")
    found |= {"rawPath": path, "rawQueryString": query}
    found["requestContext"]["http"] |= {"method": method, "path": path}
    if subject is not None:
        authorizer = event("http_signed_in")["requestContext"]["authorizer"]
        claims = authorizer["jwt"]["claims"] | {"sub": subject, "username": subject}
        del claims["cognito:groups"]
        if groups:
            claims["cognito:groups"] = f"[{' '.join(groups)}]"
        found["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    found["headers"] |= {"content-type": "application/json", **(headers or {})}
    del found["body"]
    if body is not None:
        is_text = found["headers"]["content-type"].startswith(_TEXT) and _is_utf8(body)
        found["body"] = body.decode() if is_text else b64encode(body).decode()
        found["isBase64Encoded"] = not is_text
    return found


def url_event(path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Event:
    """Return what a function's URL makes of a request; *path* is percent-encoded, and stays so."""
    found = event("url_get")
    found["rawPath"] = path
    found["requestContext"]["http"] |= {"method": method, "path": path}
    found["headers"] |= headers or {}
    return found


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
