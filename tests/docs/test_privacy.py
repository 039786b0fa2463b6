"""The page on privacy names every field that is stored about people, and the times that the code has."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tests.docs.markdown import ROOT
from tintype.config.service import Service
from tintype.images import Camera, Image
from tintype.processing.tombstones import TOMBSTONE_SECONDS
from tintype_infra.buckets import TOMBSTONE_DAYS
from tintype_infra.queues import KEPT_DAYS

PAGE = (ROOT / "docs/explanation/privacy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("record", [Image, Camera])
def test_every_field_of_a_record_is_named(record: type[msgspec.Struct]) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(record)}

    assert fields - set(re.findall(r"`(\w+)`", PAGE)) == set()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("`originals_noncurrent_days` (7)", Service().originals_noncurrent_days),
        ("`ticket_minutes` (15)", Service().ticket_minutes),
        ("`log_days` (30)", Service().log_days),
        ("`access_logs_days` (0: none)", Service().access_logs_days),
        ("30 days after deletion", TOMBSTONE_DAYS),
        ("30 days after deletion", TOMBSTONE_SECONDS // 86_400),
        ("handled, or 14 days", KEPT_DAYS),
    ],
)
def test_the_times_are_those_of_the_code(said: str, found: Any) -> None:
    assert said in PAGE
    assert re.findall(r"\d+", said) == [str(int(found))]
