"""What others' checks say of the template: cdk-nag, cfn-lint, and no permission on everything."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cfnlint
import pytest
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from tests.infra.accepted import NAG
from tests.infra.conftest import Synthesise
from tests.infra.parts import Template, several, statements
from tintype.config import Domain, load, shipped
from tintype.config.domain import NO_DOMAIN
from tintype_infra.app import new_app
from tintype_infra.certificate import Certificate
from tintype_infra.packages import Packages
from tintype_infra.parameters import LINT
from tintype_infra.stack import TintypeStack

WITHOUT_A_CERTIFICATE = "W1030"
Findings = set[tuple[str, str]]
EVERYTHING_SET: dict[str, object] = {
    "alarm_email": "me@example.com",
    "cors_origins": ["https://example.com"],
    "process_reserved": 15,
    "keep_data": False,
    "access_logs_days": 30,
    "kms_key": "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000",
    "monthly_budget": 50,
    "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
    "tracing": "active",
    "web_acl": (
        "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/0a1b2c3d-0000-4000-8000-000000000000"
    ),
}
DOMAIN = Domain(
    name="images.example.com",
    hosted_zone="Z0123456789",
    certificate=(
        "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
    ),
)


def nag(service: dict[str, object], domain: Domain, packages: Packages, out: Path) -> Findings:
    """Return rule and construct of everything that cdk-nag's AwsSolutions finds."""
    app = new_app(out)
    config = replace(load(shipped(), service=service), domain=domain)
    TintypeStack(app, "tintype", config=config, packages=packages)
    Certificate(app, "certificate", domain)
    Validations.of(app).add_plugins(AwsSolutionsChecks())
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report: dict[str, Any] = json.loads((out / "validation-report.json").read_text("utf-8"))
    return {
        (violation["ruleName"], construct["constructPath"].removeprefix("tintype/Default/"))
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }


@pytest.mark.parametrize(
    ("service", "domain"),
    [({}, NO_DOMAIN), (EVERYTHING_SET, DOMAIN)],
    ids=["default", "everything set"],
)
def test_cdk_nag_finds_what_is_accepted_and_nothing_else(
    packages: Packages,
    tmp_path: Path,
    service: dict[str, object],
    domain: Domain,
) -> None:
    assert nag(service, domain, packages, tmp_path) == set(NAG)


def test_every_accepted_finding_has_a_reason() -> None:
    assert all(reason.endswith(".") for reason in (*NAG.values(), *LINT.values()))


def without_exceptions(template: Template) -> Template:
    metadata = {key: template["Metadata"][key] for key in template["Metadata"] if key != "cfn-lint"}
    return {**template, "Metadata": metadata}


def test_other_people_s_strict_lint_passes_as_the_template_says_what_is_accepted(
    written: Template, tmp_path: Path
) -> None:
    path = tmp_path / "t.template.json"
    path.write_text(json.dumps(written), "utf-8")
    lint = str(Path(sys.executable).with_name("cfn-lint"))
    command = [
        lint,
        "--regions",
        "eu-central-1",
        "--",
        str(path),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603

    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_cfn_lint_finds_what_is_accepted_and_nothing_else(written: Template, region: str) -> None:
    found = cfnlint.lint(json.dumps(without_exceptions(written)), regions=[region])

    assert {match.rule.id for match in found} == set(LINT), found


def test_cfn_lint_finds_nothing_more_with_every_setting(write: Synthesise) -> None:
    found = cfnlint.lint(
        json.dumps(without_exceptions(write(EVERYTHING_SET, DOMAIN))), regions=["eu-central-1"]
    )

    assert {match.rule.id for match in found} == set(LINT) - {WITHOUT_A_CERTIFICATE}, found


def test_cfn_lint_finds_nothing_in_the_certificate_s_stack(certificate_template: Template) -> None:
    assert not cfnlint.lint(json.dumps(certificate_template), regions=["us-east-1"])


def test_no_role_may_do_anything_on_everything(template: Template) -> None:
    for statement in statements(template):
        assert "*" not in several(statement["Resource"])
        assert not [action for action in several(statement["Action"]) if "*" in action]
        assert "NotAction" not in statement
        assert "NotResource" not in statement


def test_no_role_has_a_policy_of_aws_s(template: Template) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            assert "ManagedPolicyArns" not in resource["Properties"]
            assert "Policies" not in resource["Properties"]
