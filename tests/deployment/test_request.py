"""What the command line means is understood whole: mistakes are found, not raised."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tintype.deployment.checks.findings import Code, forbidding
from tintype.deployment.request import DeployOptions, build_request
from tintype.deployment.stack_parameters import StackOptions
from tintype.releases import DIGESTS, MANIFEST, ReleaseManifest

TEMPLATE = {"Parameters": {"LogDays": {"Type": "Number", "Default": 30, "MinValue": 1}}}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    manifest = ReleaseManifest(
        "1.2.3", "tintype", "t.json", "c.json", (), {}, "3.13", {"architecture": "arm64"}, 1, ()
    )
    for name, text in ((MANIFEST, manifest.json()), ("t.json", json.dumps(TEMPLATE))):
        (folder / name).write_text(text)
    sums = "".join(
        f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in (MANIFEST, "t.json")
    )
    (folder / DIGESTS).write_text(sums)
    return folder


def codes(asked: DeployOptions) -> list[Code | None]:
    return [finding.code for finding in forbidding(build_request(asked).findings)]


def test_release_s_defaults_and_the_options_are_what_is_wanted(release: Path) -> None:
    plain = build_request(DeployOptions("tintype", release=release))
    chosen = build_request(DeployOptions("tintype", release=release, settings=["log_days=90"]))

    assert forbidding([*plain.findings, *chosen.findings]) == []
    assert plain.stack_parameters.version == "1.2.3"
    assert plain.stack_parameters.text("LogDays") == "30"
    assert plain.parameters == {}
    assert chosen.stack_parameters.number("LogDays") == 90
    assert chosen.complete()[1] == {"LogDays": "90"}


def test_damaged_release_is_found(release: Path) -> None:
    (release / "t.json").write_text("{}")

    assert codes(DeployOptions("tintype", release=release)) == [Code.RELEASE_DAMAGED]


def test_folder_that_is_no_release_is_found(tmp_path: Path) -> None:
    assert codes(DeployOptions("tintype", release=tmp_path)) == [Code.RELEASE_DAMAGED]


def test_each_wrong_setting_is_a_finding_of_its_own(release: Path) -> None:
    asked = DeployOptions(
        "tintype", release=release, settings=["log_days=0", "architecture=x86_64"]
    )

    assert codes(asked) == [Code.WRONG_PARAMETER, Code.WRONG_PARAMETER]
    assert codes(replace(asked, settings=["log_days"])) == [Code.WRONG_PARAMETER]


def test_settings_of_a_checkout_are_checked_as_in_the_file(tmp_path: Path) -> None:
    config = tmp_path / "tintype.toml"
    config.write_text("[service]\nlog_days = 2\nmax_tries = 999\n")

    found = forbidding(build_request(DeployOptions("tintype", config=config)).findings)

    assert [finding.code for finding in found] == [Code.INVALID_CONFIG, Code.INVALID_CONFIG]
    assert "tintype.toml:2" in found[0].message


def test_checkout_s_settings_and_options_are_what_is_wanted(tmp_path: Path) -> None:
    config = tmp_path / "tintype.toml"
    config.write_text("[service]\nlog_days = 90\n")

    request = build_request(
        DeployOptions(
            "tintype", config=config, settings=["max_tries=5", "domain.name=a.example.com"]
        )
    )

    assert forbidding(request.findings) == []
    assert request.stack_parameters.number("LogDays") == 90
    assert request.stack_parameters.number("MaxTries") == 5
    assert request.stack_parameters.domain == "a.example.com"
    assert request.settings == {"max_tries": "5"}  # for the release that is made
    assert request.parameters == {"DomainName": "a.example.com"}


def test_name_that_is_none_is_found(release: Path) -> None:
    assert codes(DeployOptions("my stack", release=release)) == [Code.WRONG_PARAMETER]


def test_tags_and_role_are_checked_before_aws_is_asked(release: Path) -> None:
    role = "arn:aws:iam::123456789012:role/team/cloudformation"
    good = build_request(
        DeployOptions(
            "tintype", release=release, tags=["team=web", "a=b=c"], role=role, protected=True
        )
    )

    assert forbidding(good.findings) == []
    assert good.options == StackOptions({"team": "web", "a": "b=c"}, role, protected=True)
    assert good.stack_parameters.role == role
    for tags, bad_role in ((["team"], ""), (["aws:team=web"], ""), ([], "cloudformation")):
        asked = DeployOptions("tintype", release=release, tags=tags, role=bad_role)
        assert codes(asked) == [Code.WRONG_PARAMETER]
