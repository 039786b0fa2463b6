"""What a refusing answer says: AWS's name for the error and its sentence, from XML, JSON or headers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

_XML_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_XML_MESSAGE = re.compile(rb"<Message>([^<]*)</Message>")
_XML_CHARACTERS = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&apos;", "'"),
    ("&#39;", "'"),
    ("&amp;", "&"),
)


class _GraphqlProblem(msgspec.Struct, rename="camel"):
    error_type: str | None = None
    message: str | None = None


class _Problem(msgspec.Struct):
    type: str | None = msgspec.field(default=None, name="__type")
    code: str | None = None
    message: str | None = None
    message_too: str | None = msgspec.field(default=None, name="Message")
    errors: list[_GraphqlProblem] = []


def named_error(headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the error's name and message, each empty if the answer does not say.

    >>> named_error({}, b"<Error><Code>NoSuchKey</Code><Message>No &lt;b&gt;.</Message></Error>")
    ('NoSuchKey', 'No <b>.')
    >>> named_error({}, b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "None."}')
    ('QueueDoesNotExist', 'None.')
    >>> named_error({"x-amzn-errortype": "ResourceNotFoundException:http://internal/"}, b"")
    ('ResourceNotFoundException', '')
    """
    if body.lstrip().startswith(b"<"):
        # Not a parser: importing one takes 7 ms, and the first object of a new image is always missing.
        return _xml_text(_XML_CODE, body), _xml_text(_XML_MESSAGE, body)
    problem = _problem(body)
    first = problem.errors[0] if problem.errors else _GraphqlProblem()
    name = headers.get("x-amzn-errortype") or problem.type or problem.code or first.error_type or ""
    return _bare(name), problem.message or problem.message_too or first.message or ""


def _problem(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _Problem()


def _bare(name: str) -> str:
    return name.partition(":")[0].rpartition("#")[2]


def _xml_text(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body)
    if found is None:
        return ""
    text = found[1].decode(errors="replace")
    for escaped, character in _XML_CHARACTERS:
        text = text.replace(escaped, character)
    return text
