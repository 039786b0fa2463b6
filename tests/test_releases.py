"""A release folder: what is written is what is read, and what is not as it was is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tintype.releases import (
    DIGESTS,
    MANIFEST,
    ReleaseError,
    ReleaseManifest,
    SiteFile,
    read_release,
)

INDEX = SiteFile("index.html", "0" * 64, "text/html; charset=utf-8", "no-cache")
WRITTEN = ReleaseManifest(
    version="1.2.3",
    name="tintype",
    template="tintype.template.json",
    certificate="tintype-certificate.template.json",
    packages=("a.zip", "b.zip"),
    functions={"api": "a.zip", "process": "b.zip", "catalogue": "a.zip"},
    python="3.11",
    settings={"keep_data": True},
    max_bytes=50,
    site=(INDEX,),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / MANIFEST).write_text(WRITTEN.json(), "utf-8")
    return tmp_path


def test_what_is_written_is_what_is_read(folder: Path) -> None:
    release = read_release(folder)

    assert release.manifest == WRITTEN
    assert release.template == folder / "tintype.template.json"
    assert release.packages == (folder / "packages" / "a.zip", folder / "packages" / "b.zip")


def test_names_are_those_of_json(folder: Path) -> None:
    text = (folder / MANIFEST).read_text("utf-8")

    assert '"maxBytes": 50' in text
    assert '"cacheControl": "no-cache"' in text


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "7", '{"version": "0"}', '{"site": [{}]}', "[" * 100_000]
)
def test_what_is_no_release_is_told(tmp_path: Path, text: str) -> None:
    if text:
        (tmp_path / MANIFEST).write_text(text, "utf-8")

    with pytest.raises(ReleaseError, match=MANIFEST):
        read_release(tmp_path)


def test_parameters_are_those_of_the_template(folder: Path) -> None:
    (folder / WRITTEN.template).write_text(
        '{"Parameters": {"PublicUrl": {"Default": ""}}}', "utf-8"
    )

    assert read_release(folder).parameters() == {"PublicUrl": {"Default": ""}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"Resources": [], "Parameters": 7}',
        '{"Resources": {"A": 1}, "Parameters": {"A": 1}}',
        "{" * 9,
        "[" * 100_000,
        "\udcff",
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_template_is_told(folder: Path, text: str) -> None:
    (folder / WRITTEN.template).write_bytes(text.encode("utf-8", "surrogateescape"))
    release = read_release(folder)

    for read in (release.parameters, release.types):
        with pytest.raises(ReleaseError, match=WRITTEN.template):
            read()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"as it was", ""), (b"changed", "does not match its checksum"), (None, "is missing")],
)
def test_file_that_is_another_or_missing_is_told(
    folder: Path, content: bytes | None, told: str
) -> None:
    digest = hashlib.sha256(b"as it was").hexdigest()
    (folder / DIGESTS).write_text(f"{digest}  packages/a.zip\n", "utf-8")
    (folder / "packages").mkdir()
    if content is not None:
        (folder / "packages" / "a.zip").write_bytes(content)

    if told:
        with pytest.raises(ReleaseError, match=rf"a\.zip {told}"):
            read_release(folder).check()
    else:
        read_release(folder).check()


def test_release_without_its_checksums_is_told(folder: Path) -> None:
    with pytest.raises(ReleaseError, match=f"{DIGESTS} is missing"):
        read_release(folder).check()


@pytest.mark.parametrize("name", [DIGESTS, "packages"])
def test_file_that_cannot_be_read_is_told(folder: Path, name: str) -> None:
    (folder / DIGESTS).write_text(f"{'0' * 64}  packages\n", "utf-8")
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()

    with pytest.raises(ReleaseError, match=f"{name} cannot be read"):
        read_release(folder).check()
