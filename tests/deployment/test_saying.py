"""What `tintype deploy` and `tintype destroy` say: the table, the plan, what goes, and how they end."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
import typer
from rich.console import Console

from tintype.aws.errors import AccessDeniedError
from tintype.cli.commands.destroy import about_kept, something_goes, what_goes
from tintype.cli.confirmation import following, which
from tintype.cli.connection import confirm
from tintype.cli.errors import NotConfirmedError
from tintype.cli.options import reported_errors
from tintype.cli.output.console import Screen
from tintype.cli.output.deploy_plan import (
    findings_document,
    next_steps,
    plan_document,
    question,
    show_findings,
    show_plan,
    stopped,
)
from tintype.cli.output.deploy_progress import Board, waited_for
from tintype.deployment.changes import Change, ChangePlan, Effect, Setting
from tintype.deployment.checks.findings import Code, bad, good, note
from tintype.deployment.errors import StackFailedError
from tintype.deployment.events import Progress
from tintype.deployment.inventory import Contents, Inventory, Store, StoreKind
from tintype.deployment.phases import Phase
from tintype.deployment.stack_state import StackFacts

BUCKET, FUNCTION = "AWS::S3::Bucket", "AWS::Lambda::Function"
LOST = Change(Effect.REMOVED, "originals bucket", "Originals63BA965B", BUCKET, "my-originals")
CHANGED = Change(
    Effect.CHANGED, "process function", "FunctionsProcess", FUNCTION, properties=("MemorySize",)
)
FOLLOWS = Change(
    Effect.CHANGED, "dashboard", "Dashboard", "AWS::CloudWatch::Dashboard", follows=True
)
PLAN = ChangePlan((LOST, CHANGED, FOLLOWS), (Setting("ProcessMemoryMib", "3008", "2048"),))
FINDINGS = [
    good("region", "eu-central-1"),
    note("quotas", Code.QUOTA_CONCURRENCY, "few", "ask for more"),
    bad("stack", Code.NOT_TINTYPE, "a shop", "choose another"),
]
STACK = StackFacts("tintype", "arn", "CREATE_COMPLETE", "", "Tintype: images", {}, {})


@pytest.fixture
def screen() -> Screen:
    return Screen(Console(file=io.StringIO(), width=200), Console(file=io.StringIO(), width=200))


def said(screen: Screen) -> str:
    assert isinstance(screen.err.file, io.StringIO)
    return screen.err.file.getvalue()


def test_table_marks_what_forbids_to_go_on_and_says_what_to_do(screen: Screen) -> None:
    show_findings(FINDINGS, screen)

    assert [" ".join(line.split()) for line in said(screen).splitlines()] == [
        "✓ region eu-central-1",
        "! quotas quota_concurrency: few",
        "→ ask for more",
        "✗ stack not_a_tintype: a shop",
        "→ choose another",
    ]


def test_findings_as_json_say_whether_it_can_begin() -> None:
    ready = findings_document(FINDINGS[:2], account="1", region="eu-central-1", stack="tintype")
    unready = findings_document(FINDINGS, account=None, region=None, stack="tintype")

    assert isinstance(ready, dict)
    assert isinstance(unready, dict)
    assert (ready["ready"], unready["ready"]) == (True, False)
    assert json.dumps(unready)


def test_plan_names_what_would_be_lost_and_what_changes(screen: Screen) -> None:
    show_plan(PLAN, "stack tintype in eu-central-1", screen)

    text = said(screen)
    assert "would change: 1 changed, 1 removed, 1 that refer to them" in text
    assert "~ process function  MemorySize" in text
    assert "process_memory_mib  3008 → 2048" in text
    assert "✗ originals bucket my-originals, removed: every object in it" in text
    assert "dashboard" not in text
    assert question(PLAN, "it") == "Update it and lose the 1 thing listed above?"


def test_plan_of_a_new_stack_counts_by_kind(screen: Screen) -> None:
    added = Change(Effect.ADDED, "a", "A", BUCKET)
    plan = ChangePlan((added, added, Change(Effect.ADDED, "b", "B", FUNCTION)), is_new=True)

    show_plan(plan, "stack tintype", screen)

    assert "2 buckets, 1 function" in said(screen)
    assert question(plan, "it") == "Create it?"


def test_plan_as_json_has_everything() -> None:
    document = plan_document(PLAN, stack="tintype", account="1", region="eu-central-1")

    assert isinstance(document, dict)
    assert document["counts"] == {
        "added": 0,
        "changed": 1,
        "perhapsReplaced": 0,
        "replaced": 0,
        "removed": 1,
        "following": 1,
    }
    assert [lost["logicalId"] for lost in document["losses"]] == ["Originals63BA965B"]  # type: ignore[union-attr, index, call-overload]


def test_slow_resources_are_named() -> None:
    slow = ("CDN distribution", "a", "b", "c")

    assert waited_for(Progress(1, 2, 20.0)) == ""
    assert waited_for(Progress(1, 2, 20.0, slow)) == (
        "waiting for: CDN distribution, a, b and 1 more (takes several minutes)"
    )
    assert "rolling back" in waited_for(Progress(1, 2, 20.0, slow, going_back=True))


def test_without_a_terminal_each_step_is_a_line(screen: Screen) -> None:
    with Board(screen) as board:
        board.step("creating the stack")
        board.progress(Progress(1, 2, 0.5))
        board.uploading({"a.zip": 1_000_000})
        board.sent("a.zip", 1_000_000)
        board.emptied(3)

    assert said(screen).splitlines() == ["creating the stack …", "uploading 1 package, 1.0 MB …"]


def test_in_a_terminal_each_step_is_ticked_off() -> None:
    file = io.StringIO()
    terminal = Console(file=file, width=120, force_terminal=True, color_system=None)

    with Board(Screen(terminal, terminal)) as board:
        board.uploading({"a.zip": 10})
        board.sent("a.zip", 10)
        board.step("creating the stack")
        board.progress(Progress(1, 2, 0.5))
        board.progress(Progress(2, 2, 0.5))

    assert "✓ uploading 1 package, 10 bytes" in file.getvalue()
    assert "✓ creating the stack" in file.getvalue()
    assert "2/2" in file.getvalue()


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            StackFailedError("it failed\n  one: why"),
            ["✗ deployment_failed: it failed", "  one: why"],
        ),
        (
            AccessDeniedError("no", service="s3", operation="PutObject"),
            ["✗ access_denied: s3 PutObject: no"],
        ),
    ],
)
def test_error_ends_the_command_with_its_code(
    screen: Screen, error: Exception, lines: list[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, reported_errors(screen):
        raise error

    assert ended.value.exit_code == 1
    assert said(screen).splitlines() == lines


def test_ctrl_c_says_that_aws_goes_on(screen: Screen) -> None:
    def interrupted() -> list[str]:
        return following("tintype", "eu-central-1")

    with pytest.raises(typer.Exit) as ended:  # noqa: SIM117 - what is raised, and where
        with reported_errors(screen, interrupted=interrupted):
            raise KeyboardInterrupt

    assert ended.value.exit_code == 130
    assert "AWS is still working on tintype" in said(screen)
    assert "--stack-name tintype --region eu-central-1" in said(screen)


@pytest.mark.parametrize(
    ("phase", "true"),
    [
        (Phase.CHECKING, "nothing was changed"),
        (Phase.CLEARING, "AWS is still working on tintype"),
        (Phase.CLEARED, "what was left of tintype is deleted, and nothing else"),
        (Phase.PLANNING, "the stack tintype is unchanged, but a change set"),
        (Phase.CERTIFYING, "the stack tintype-certificate in us-east-1"),
        (Phase.UPLOADING, "the stack tintype is unchanged, and uploaded files stay"),
        (Phase.CHANGING, "cancel-update-stack --stack-name tintype --region eu-central-1"),
        (
            Phase.PUBLISHING,
            "the stack tintype is deployed, but its page may be only partly published",
        ),
        (Phase.DONE, "nothing was left to do"),
    ],
)
def test_ctrl_c_says_what_was_changed_by_then(phase: Phase, true: str) -> None:
    assert true in "\n".join(stopped(phase, "tintype", "eu-central-1"))


@pytest.mark.parametrize(
    ("typed", "confirms"), [("tintype\n", True), ("yes\n", False), ("\n", False)]
)
def test_only_the_stack_s_own_name_confirms(
    monkeypatch: pytest.MonkeyPatch, typed: str, confirms: bool
) -> None:
    terminal = io.StringIO(typed)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)

    if confirms:
        confirm("Type it", yes=False, word="tintype")
    else:
        with pytest.raises(NotConfirmedError, match="nothing was changed"):
            confirm("Type it", yes=False, word="tintype")


def test_nobody_to_ask_is_no_yes() -> None:
    with pytest.raises(NotConfirmedError, match="--yes"):
        confirm("Type it", yes=False, word="tintype")


def inventory(*, kept: bool, status: str = "CREATE_COMPLETE") -> Inventory:
    stores = (
        Store(StoreKind.TABLE, "access", "k", kept),  # whose items are no images
        Store(StoreKind.TABLE, "images", "t", kept),
        Store(StoreKind.BUCKET, "originals", "o", kept),
        Store(StoreKind.BUCKET, "site", "s", kept),
    )
    contents = {
        "k": Contents(7),
        "t": Contents(1200),
        "o": Contents(1300, 5_000_000, complete=False),
        "s": Contents(9, 9),
    }
    stack = StackFacts("tintype", "arn", status, "", "Tintype: images", {}, {})
    return Inventory(stack, stores, contents, 64, "p", None)


def test_what_is_kept_and_what_goes_is_said_with_numbers() -> None:
    text = str(what_goes(inventory(kept=True), "eu-central-1", delete_images=False))

    assert "1,200 images, at least 1,300 objects of at least 5.0 MB: kept" in text
    assert "originals bucket o: kept" in text
    assert "site bucket s: deleted" in text
    assert "packages bucket p: deleted" in text


@pytest.mark.parametrize("delete_images", [True, False])
def test_accounts_that_stay_are_said(delete_images: bool) -> None:
    found = replace(inventory(kept=True), people="eu-central-1_Ab12")
    nobody = str(what_goes(inventory(kept=True), "eu-central-1", delete_images=delete_images))

    text = str(what_goes(found, "eu-central-1", delete_images=delete_images))

    assert "user pool eu-central-1_Ab12, with all accounts: kept" in text
    assert "user pool" not in nobody


@pytest.mark.parametrize(("kept", "delete_images"), [(True, True), (False, False)])
def test_deletion_of_images_is_said(kept: bool, delete_images: bool) -> None:
    text = str(what_goes(inventory(kept=kept), "eu-central-1", delete_images=delete_images))

    assert "permanently DELETED" in text
    assert "originals bucket o: deleted" in text


def test_data_of_a_stack_that_is_gone_is_left_alone_unless_told() -> None:
    gone = inventory(kept=True, status="DELETE_COMPLETE")
    only_data = Inventory(gone.stack, gone.stores[:2], gone.contents, 2, None, None)

    assert not something_goes(only_data, delete_images=False)
    assert something_goes(only_data, delete_images=True)


def test_kept_originals_can_all_be_taken_over_into_a_stack_of_that_name() -> None:
    options = which("pictures", "eu-west-1")

    delete, take = about_kept(inventory(kept=True).stores[:3], options)

    assert delete == f"To delete it too: tintype destroy --delete-images {options}"
    assert take.endswith(f": tintype backfill s3://o --any-name {options}")


def test_who_deploys_with_sign_in_is_told_to_invite_somebody_first() -> None:
    said = {
        mode: [step.split()[1] for step in next_steps("pictures", "eu-west-1", mode=mode)]
        for mode in ("cognito", "oidc", "open", "")
    }

    assert said == {
        "cognito": ["users", "doctor", "login", "upload"],
        "oidc": ["doctor", "login", "upload"],
        "open": ["doctor", "upload"],
        "": ["doctor", "upload"],
    }
