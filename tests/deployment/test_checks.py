"""What can be known before anything is changed, each with its code and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deployment.conftest import ACCOUNT, REGION, Stubbed
from tintype.aws.errors import UnavailableError
from tintype.deployment.checks.domain import check_zone
from tintype.deployment.checks.findings import (
    CheckFinding,
    CheckState,
    Code,
    bad,
    forbidding,
    good,
    looked_up,
    without,
)
from tintype.deployment.checks.quota import check_concurrency
from tintype.deployment.checks.run import (
    AccountContext,
    check_access,
    check_account,
    check_tools,
    find_account,
)
from tintype.deployment.checks.stack import check_bucket, check_name, check_stack
from tintype.deployment.stack_parameters import StackParameters
from tintype.deployment.stack_state import StackFacts
from tintype.releases import OPEN_TO_ALL

WANTED = StackParameters(
    "tintype",
    "1.2.0",
    {"ProcessConcurrency": "10", "CatalogueConcurrency": "5", "ProcessMemoryMib": "3008"},
)
STACK = StackFacts(
    "tintype", "arn", "UPDATE_COMPLETE", "", "Tintype: images", {"Version": "1.1.0"}, {}
)
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a"
NAMED = replace(
    WANTED,
    values={"DomainName": "images.example.com", "HostedZone": "Z1", "CertificateArn": CERTIFICATE},
)


def one(found: Iterable[CheckFinding]) -> CheckFinding:
    (finding,) = found
    return finding


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return monkeypatch


def test_no_credentials_is_found(keys: pytest.MonkeyPatch) -> None:
    keys.delenv("AWS_ACCESS_KEY_ID")

    place, findings = find_account(None, REGION, None)

    assert place is None
    assert one(findings).code is Code.NO_CREDENTIALS


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("profile", "region", "code", "words"),
    [
        ("nobody", REGION, Code.NO_CREDENTIALS, "nobody"),
        (None, None, Code.NO_REGION, "no region"),
        (None, "eu-centrl-1", Code.UNKNOWN_REGION, "eu-central-1"),
        (None, "us-gov-west-1", Code.REGION_LACKS, "GovCloud has no CloudFront"),
        (None, "cn-north-1", Code.REGION_LACKS, "China's CloudFront has no origin access control"),
        (None, "us-iso-east-1", Code.REGION_LACKS, "aws-iso is not supported"),
    ],
)
def test_place_that_cannot_be_used_is_found(
    profile: str | None, region: str | None, code: Code, words: str
) -> None:
    place, findings = find_account(profile, region, None)

    assert place is None
    assert one(findings).code is code
    assert words in one(findings).message + one(findings).advice


def test_aws_that_does_not_answer_is_found(keys: pytest.MonkeyPatch) -> None:
    keys.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    place, findings = find_account(None, REGION, None)

    assert place is None
    assert "does not answer" in one(findings).message


@pytest.mark.parametrize(
    ("stack", "state", "code"),
    [
        (None, CheckState.GOOD, None),
        (STACK, CheckState.GOOD, None),
        (replace(STACK, status="REVIEW_IN_PROGRESS", description=""), CheckState.GOOD, None),
        (replace(STACK, description="A shop"), CheckState.BAD, Code.NOT_TINTYPE),
        (replace(STACK, status="UPDATE_IN_PROGRESS"), CheckState.NOTE, Code.STACK_BUSY),
        (replace(STACK, status="ROLLBACK_COMPLETE"), CheckState.NOTE, Code.STACK_NEVER_CAME),
        (replace(STACK, status="DELETE_FAILED"), CheckState.BAD, Code.STACK_STUCK),
        (replace(STACK, status="UPDATE_ROLLBACK_FAILED"), CheckState.BAD, Code.STACK_STUCK),
        (replace(STACK, status="UPDATE_ROLLBACK_COMPLETE"), CheckState.GOOD, None),
    ],
)
def test_stack_s_state_says_what_can_be_done(
    stack: StackFacts | None, state: CheckState, code: Code | None
) -> None:
    finding = one(check_stack(stack, WANTED))

    assert (finding.state, finding.code) == (state, code)


def test_what_a_failed_deletion_has_left_is_destroyed_by_its_own_command() -> None:
    stack = replace(STACK, status="DELETE_FAILED", reason="the bucket is not empty")

    finding = one(check_stack(stack, WANTED))

    assert finding.message == "tintype is DELETE_FAILED: the bucket is not empty"
    assert finding.advice == "tintype destroy --stack tintype"


@pytest.mark.parametrize(
    ("there", "wanted", "forbids"),
    [("1.10.0", "1.9.0", True), ("1.9.0", "1.10.0", False), ("1.2.0", "1.2.0", False)],
)
def test_older_version_is_refused_and_can_be_meant(there: str, wanted: str, forbids: bool) -> None:
    stack = replace(STACK, outputs={"Version": there})

    findings = list(check_stack(stack, replace(WANTED, version=wanted)))

    assert [finding.code for finding in forbidding(findings)] == [Code.DOWNGRADE] * forbids
    assert forbidding(without(findings, [Code.DOWNGRADE])) == []


@pytest.mark.parametrize("name", ["9lives", "a_b", "local", "a" * 129, ""])
def test_name_that_cloudformation_or_we_do_not_take_is_found(name: str) -> None:
    assert one(check_name(name)).code is Code.WRONG_PARAMETER


def test_bucket_of_another_account_is_found(stubbed: Stubbed) -> None:
    stubbed.refuses("s3", "head_bucket", "403", "Forbidden", status=403)

    assert one(check_bucket(stubbed.clients, ACCOUNT, WANTED)).code is Code.BUCKET_NOT_OURS


def limits(stubbed: Stubbed, whole: int, free: int | None = None) -> None:
    found = {
        "ConcurrentExecutions": whole,
        "UnreservedConcurrentExecutions": whole if free is None else free,
    }
    stubbed.respond_with("lambda", "get_account_settings", {"AccountLimit": found})


def test_enough_concurrency_is_good(stubbed: Stubbed) -> None:
    limits(stubbed, 1000)

    assert one(check_concurrency(stubbed.clients, WANTED, None)).state is CheckState.GOOD


def test_new_account_s_concurrency_is_too_little(stubbed: Stubbed) -> None:
    limits(stubbed, 10)

    found = one(check_concurrency(stubbed.clients, WANTED, None))

    assert (found.code, found.state) == (Code.QUOTA_CONCURRENCY, CheckState.BAD)
    assert found.message == (
        "10 concurrent executions in the account; the queues may use 17:"
        " process_concurrency 10, catalogue_concurrency 5, 2 for recording failures"
    )
    assert found.advice.startswith("--set process_concurrency=2 --set catalogue_concurrency=2")


@pytest.mark.parametrize(
    ("whole", "process", "state"),
    [
        (10, 2, CheckState.GOOD),
        (10, 3, CheckState.NOTE),
        (10, 5, CheckState.NOTE),
        (10, 6, CheckState.BAD),
    ],
)
def test_queues_must_leave_something_to_the_api(
    stubbed: Stubbed, whole: int, process: int, state: CheckState
) -> None:
    limits(stubbed, whole)
    values = {"ProcessConcurrency": str(process), "CatalogueConcurrency": "2"}

    found = one(check_concurrency(stubbed.clients, replace(WANTED, values=values), None))

    assert found.state is state
    assert "wait" not in found.advice


@pytest.mark.parametrize(
    ("before", "state"), [("", CheckState.BAD), ("0", CheckState.BAD), ("450", CheckState.GOOD)]
)
def test_reserve_that_lambda_would_refuse_is_found(
    stubbed: Stubbed, before: str, state: CheckState
) -> None:
    limits(stubbed, 1000, free=550)
    wanted = replace(WANTED, values={**WANTED.values, "ProcessReserved": "500"})
    stack = replace(STACK, parameters={"ProcessReserved": before})

    assert one(check_concurrency(stubbed.clients, wanted, stack)).state is state


@pytest.mark.parametrize(
    ("whole", "process", "advice"),
    [
        (110, "0", "--set render_concurrency=10 (0: no reserve, and no maximum), or request"),
        (100, "0", "--set render_concurrency=0 (0: no reserve, and no maximum), or request"),
        (110, "20", "leave out the reserves, also by --set render_concurrency=0, or request"),
    ],
)
def test_renders_that_the_account_cannot_reserve_are_found(
    stubbed: Stubbed, whole: int, process: str, advice: str
) -> None:
    """Lambda: "as long as you leave at least 100 simultaneous executions unreserved"
    (PutFunctionConcurrency)."""
    limits(stubbed, whole)
    values = {**WANTED.values, "RenderConcurrency": "20", "ProcessReserved": process}

    found = one(check_concurrency(stubbed.clients, replace(WANTED, values=values), None))

    assert (found.code, found.state) == (Code.QUOTA_CONCURRENCY, CheckState.BAD)
    assert found.message.startswith(f"{20 + int(process)} concurrent executions are to be reserved")
    assert found.advice.startswith(advice)


def test_new_account_learns_at_once_what_to_set_for_queues_and_renders(stubbed: Stubbed) -> None:
    limits(stubbed, 10)
    values = {**WANTED.values, "RenderConcurrency": "20"}

    renders, queues = check_concurrency(stubbed.clients, replace(WANTED, values=values), None)

    assert renders.advice.startswith("--set render_concurrency=0 ")
    assert queues.advice.startswith("--set process_concurrency=2 --set catalogue_concurrency=2")


def test_account_with_room_for_renders_is_good(stubbed: Stubbed) -> None:
    limits(stubbed, 120)
    values = {**WANTED.values, "RenderConcurrency": "20"}

    found = one(check_concurrency(stubbed.clients, replace(WANTED, values=values), None))

    assert found.state is CheckState.GOOD
    assert "render" not in found.message


@pytest.mark.parametrize(
    ("name", "private", "code"),
    [
        ("example.com.", False, None),
        ("images.example.com.", False, None),
        ("example.org.", False, Code.ZONE_UNFIT),
        ("mages.example.com.", False, Code.ZONE_UNFIT),
        ("example.com.", True, Code.ZONE_UNFIT),
    ],
)
def test_zone_must_be_public_and_the_domain_s(
    stubbed: Stubbed, name: str, private: bool, code: Code | None
) -> None:
    zone = {"Id": "Z1", "Name": name, "CallerReference": "1", "Config": {"PrivateZone": private}}
    stubbed.respond_with("route53", "get_hosted_zone", {"HostedZone": zone})

    assert one(check_zone(stubbed.clients, NAMED)).code is code


def test_certificate_to_be_made_needs_a_zone(stubbed: Stubbed) -> None:
    wanted = replace(NAMED, values={"DomainName": "images.example.com"})

    assert one(check_zone(stubbed.clients, wanted)).code is Code.ZONE_MISSING


def test_stack_that_may_not_be_looked_at_is_a_missing_permission(stubbed: Stubbed) -> None:
    stubbed.refuses("cloudformation", "describe_stacks", "AccessDenied", "no", status=403)

    around = check_account(AccountContext(stubbed.clients, ACCOUNT, "me"), WANTED)

    assert one(around.findings).code is Code.PERMISSION_MISSING


def test_one_check_that_fails_leaves_the_others(stubbed: Stubbed) -> None:
    def fails() -> Iterable[CheckFinding]:
        message = "slow down"
        raise UnavailableError(message, service="s3", operation="ListBuckets")

    found = looked_up([("a", fails), ("b", lambda: [good("b", "well")])])

    assert [(each.subject, each.state) for each in found] == [
        ("a", CheckState.NOTE),
        ("b", CheckState.GOOD),
    ]
    assert stubbed


def test_tools_of_this_machine_are_there() -> None:
    assert one(check_tools(Path(__file__).parents[2])).state is CheckState.GOOD


def test_bad_findings_have_their_code_and_advice() -> None:
    finding = bad("a", Code.ZONE_MISSING, "none", "make one")

    assert (finding.code, finding.advice) == (Code.ZONE_MISSING, "make one")


@pytest.mark.parametrize(
    ("confirmed", "deploying", "state"),
    [
        (False, True, CheckState.BAD),
        (False, False, CheckState.NOTE),
        (True, True, CheckState.NOTE),
        (True, False, CheckState.NOTE),
    ],
)
def test_open_stack_must_be_meant_by_whoever_deploys(
    confirmed: bool, deploying: bool, state: CheckState
) -> None:
    found = check_access("open", is_open=True, confirmed=confirmed, deploying=deploying)

    assert (found.code, found.state, found.message) == (Code.PUBLIC_STACK, state, OPEN_TO_ALL)
    assert "--public" in found.advice


@pytest.mark.parametrize("deploying", [True, False])
def test_stack_with_sign_in_needs_no_confirmation(deploying: bool) -> None:
    found = check_access("cognito", is_open=False, confirmed=False, deploying=deploying)

    assert (found.state, found.message) == (CheckState.GOOD, "people sign in (cognito)")
