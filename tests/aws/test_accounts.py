"""Where an account comes from: a function's environment, a profile; and what a stack says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.conftest import STACK, Cloud
from tintype.aws.account import Account
from tintype.aws.cloudformation import stack_outputs
from tintype.aws.errors import AccessDeniedError, NoCredentialsError, NoRegionError, NoStackError
from tintype.aws.sdk import open_clients
from tintype.aws.signing import Credentials

LAMBDA = {
    "AWS_ACCESS_KEY_ID": "ASIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_REGION": "eu-central-1",
}
CONFIG = """
[profile work]
region = eu-west-1
endpoint_url = http://127.0.0.1:1
[profile nowhere]
[profile expired]
region = eu-west-1
sso_session = sso
sso_account_id = 111111111111
sso_role_name = reader
[sso-session sso]
sso_region = eu-west-1
sso_start_url = https://example.com/start
"""
KEYS = "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = secret\n[nowhere]\naws_access_key_id = A\naws_secret_access_key = s\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, profile or region of this machine."""
    for name in [*LAMBDA, "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"]:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text(KEYS)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_a_function_s_environment_is_an_account() -> None:
    account = Account.from_environment(LAMBDA)

    assert (account.region, account.endpoint) == ("eu-central-1", None)
    assert account.credentials() == Credentials("ASIA", "secret", "token")


def test_a_local_cloud_is_named_by_the_environment() -> None:
    account = Account.from_environment({**LAMBDA, "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"})

    assert account.endpoint == "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("missing", "kind"),
    [
        ("AWS_ACCESS_KEY_ID", NoCredentialsError),
        ("AWS_SECRET_ACCESS_KEY", NoCredentialsError),
        ("AWS_REGION", NoRegionError),
    ],
)
def test_an_environment_says_what_it_lacks(missing: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=f"{missing} is not set"):
        Account.from_environment({name: value for name, value in LAMBDA.items() if name != missing})


def test_a_profile_has_keys_a_region_and_an_endpoint() -> None:
    account = open_clients("work").account()

    assert (account.region, account.endpoint) == ("eu-west-1", "http://127.0.0.1:1")
    assert account.credentials() == Credentials("AKIAWORK", "secret")


def test_what_is_asked_for_goes_before_what_the_profile_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2")

    account = open_clients("work", "us-east-1").account()

    assert (account.region, account.endpoint) == ("us-east-1", "http://127.0.0.1:2")


def test_keys_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LAMBDA.items():
        monkeypatch.setenv(name, value)

    assert open_clients().account().credentials() == Credentials("ASIA", "secret", "token")


@pytest.mark.parametrize("profile", [None, "missing"])
def test_no_credentials_say_how_to_get_some(profile: str | None) -> None:
    with pytest.raises(NoCredentialsError, match="aws configure"):
        open_clients(profile, "eu-west-1")


def test_a_session_that_is_over_says_how_to_sign_in() -> None:
    account = open_clients("expired").account()

    with pytest.raises(NoCredentialsError, match="aws sso login"):
        account.credentials()


def test_a_region_is_never_guessed() -> None:
    with pytest.raises(NoRegionError, match="AWS_REGION"):
        open_clients("nowhere").account()


def test_a_stack_s_outputs_come_by_name(account: Account) -> None:
    assert stack_outputs(account, STACK) == {"Plain": "a <b> & c", "Region": account.region}


def test_a_missing_stack_says_where_it_was_looked_for(account: Account) -> None:
    with pytest.raises(NoStackError, match=f"no stack 'missing' in {account.region}"):
        stack_outputs(account, "missing")


def test_who_has_no_policy_sees_no_stack(strange_account: Account, cloud: Cloud) -> None:
    assert cloud.stranger == strange_account.credentials()
    with pytest.raises(AccessDeniedError):
        stack_outputs(strange_account, STACK)
