"""Exporting an owner: every byte and record of theirs, listed, resumable, nothing of anybody else's."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.maintenance.belongings import furnish
from tests.maintenance.operated import Cloud
from tintype import keys
from tintype.aws.errors import UnavailableError
from tintype.aws.s3 import Bucket, StoredObject
from tintype.maintenance.errors import ExportFolderError
from tintype.maintenance.export import INDEX, Export, ImageExport, finish, open_folder
from tintype.maintenance.owned import Stores, find_images


def exported(stores: Stores, folder: Path, *, all_versions: bool = False) -> list[ImageExport]:
    """Export alice, and return what was copied."""
    target = open_folder(folder, stack="stack", owner="alice")
    export = Export(stores, "alice", target, all_versions=all_versions)
    results = [result for _, result in export.run(find_images(stores, "alice"))]
    finish(target, stack="stack", owner="alice")
    done = [one for one in results if isinstance(one, ImageExport)]
    assert len(done) == len(results)
    return done


def files(folder: Path) -> dict[str, bytes]:
    found = (one for one in folder.rglob("*") if one.is_file() and one.name != INDEX)
    return {str(one.relative_to(folder)): one.read_bytes() for one in found}


def index(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / INDEX).read_text().splitlines()]


def test_an_owner_s_images_are_copied_and_listed_and_nobody_else_s(
    stack: tuple[Cloud, Stores], tmp_path: Path
) -> None:
    cloud, stores = stack
    hers, his = furnish(cloud, stores, "alice"), furnish(cloud, stores, "bob")
    folder = tmp_path / "alice"

    exported(stores, folder)

    found = files(folder)
    head, *lines = index(folder)
    assert head == {"stack": "stack", "owner": "alice"}
    assert {one["path"]: one["bytes"] for one in lines} == {
        path: len(data) for path, data in found.items()
    }
    assert found[f"images/{hers['ready']}/original/ready.jpg"] == b"bytes"
    assert found[f"images/{hers['replaced']}/original/replaced.jpg"] == b"newer"
    assert found[f"images/{hers['private']}/renditions/3f9a/thumb.webp"] == b"small"
    assert not [path for path, data in found.items() if "/x/" in path or data == b"sized"]
    record = json.loads(found[f"images/{hers['waiting']}/record.json"])
    assert record["record"]["status"] == "AWAITING_UPLOAD"
    assert json.loads(found[f"images/{hers['ready']}/record.json"])["manifest"]["image"]["owner"]
    assert not [path for path in found for one in his.values() if one in path]
    assert not any(b"bob" in data for data in found.values())
    assert folder.stat().st_mode & 0o077 == 0, "others on this machine can read it"


def test_older_versions_come_if_they_are_asked_for(
    stack: tuple[Cloud, Stores], tmp_path: Path
) -> None:
    cloud, stores = stack
    hers = furnish(cloud, stores, "alice")

    exported(stores, tmp_path / "all", all_versions=True)

    contents = [
        (path.split("/")[1], data)
        for path, data in files(tmp_path / "all").items()
        if "/versions/" in path
    ]
    assert sorted(contents) == sorted([(hers["replaced"], b"bytes"), (hers["deleted"], b"bytes")])


def test_an_interrupted_export_continues_and_copies_nothing_twice(
    stack: tuple[Cloud, Stores], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, stores = stack
    furnish(cloud, stores, "alice")
    exported(stores, tmp_path / "whole")
    get, read = Bucket.get, [0]

    def dying(bucket: Bucket, key: str, **options: Any) -> StoredObject:
        if options.get("version"):
            read[0] += 1
            if read[0] == 4:
                raise KeyboardInterrupt
        return get(bucket, key, **options)

    monkeypatch.setattr(Bucket, "get", dying)
    with pytest.raises(KeyboardInterrupt):
        exported(stores, tmp_path / "alice")
    for thread in threading.enumerate():  # what was begun, as a program waits for at its end
        if thread.name.startswith("operate"):
            thread.join()
    with (tmp_path / "alice" / INDEX).open("ab") as cut:
        cut.write(b'{"path":"images/')

    exported(stores, tmp_path / "alice")

    assert files(tmp_path / "alice") == files(tmp_path / "whole")
    assert read[0] <= len([path for path in files(tmp_path / "whole") if "record" not in path]) + 1
    again = exported(stores, tmp_path / "alice")
    assert sum(one.written for one in again) == 0
    assert index(tmp_path / "alice") == index(tmp_path / "whole")


def test_what_has_changed_is_replaced_and_counted(
    stack: tuple[Cloud, Stores], tmp_path: Path
) -> None:
    cloud, stores = stack
    hers = furnish(cloud, stores, "alice")
    exported(stores, tmp_path / "alice")
    key = keys.original_key(hers["ready"], "ready.jpg", "alice")
    cloud.originals.put(key, b"other", content_type="image/jpeg")

    again = exported(stores, tmp_path / "alice")

    assert sum(one.replaced for one in again) == sum(one.written for one in again) == 1
    assert (
        tmp_path / "alice/images" / hers["ready"] / "original/ready.jpg"
    ).read_bytes() == b"other"


def test_a_file_that_no_export_wrote_is_never_overwritten(
    stack: tuple[Cloud, Stores], tmp_path: Path
) -> None:
    cloud, stores = stack
    hers = furnish(cloud, stores, "alice")
    open_folder(tmp_path / "alice", stack="stack", owner="alice")
    mine = tmp_path / "alice/images" / hers["ready"] / "original/ready.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")

    with pytest.raises(ExportFolderError, match="no export wrote it"):
        exported(stores, tmp_path / "alice")

    assert mine.read_bytes() == b"mine"


def test_only_an_empty_folder_or_the_same_owner_s_export_is_taken(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a.txt").write_text("a")
    open_folder(tmp_path / "bob", stack="stack", owner="bob")

    with pytest.raises(ExportFolderError, match="not empty"):
        open_folder(tmp_path / "full", stack="stack", owner="alice")
    with pytest.raises(ExportFolderError, match="another owner"):
        open_folder(tmp_path / "bob", stack="stack", owner="alice")


def test_an_image_that_cannot_be_read_is_reported_and_the_others_are_copied(
    stack: tuple[Cloud, Stores], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, stores = stack
    hers, get = furnish(cloud, stores, "alice"), Bucket.get

    def broken(bucket: Bucket, key: str, **options: Any) -> StoredObject:
        if key.endswith("/ready.jpg"):
            message = "Please reduce your request rate."
            raise UnavailableError(message, service="s3", operation="GetObject")
        return get(bucket, key, **options)

    monkeypatch.setattr(Bucket, "get", broken)
    target = open_folder(tmp_path / "alice", stack="stack", owner="alice")

    results = dict(Export(stores, "alice", target).run(find_images(stores, "alice")))

    assert [one for one, it in results.items() if isinstance(it, UnavailableError)] == [
        hers["ready"]
    ]
    assert len(results) == len(hers)
