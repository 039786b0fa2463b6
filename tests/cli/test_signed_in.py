"""Commands that use a sign-in: renewed, ended, beside an API key, and on a stack that was opened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Browser, Tintype
from tests.cli.issuer import Issuer
from tests.cli.logins import access_token, the_file
from tests.cli.service import OWNER, Service
from tintype.cli.login.credential import LoginCredential
from tintype.cli.login.store import login_files


def test_token_is_renewed_before_it_expires(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    issuer.expires_in = 30
    assert tintype("login").code == 0
    issuer.expires_in = 3600
    issuer.grants.clear()

    assert tintype("list").code == 0
    assert tintype("list").code == 0

    assert issuer.grants == {"refresh_token": 1}
    assert browser.shown()


def test_token_that_the_stack_refuses_is_renewed(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    assert tintype("login").code == 0
    stack.tokens -= {access_token()}

    assert tintype("list").code == 0
    assert access_token() in stack.tokens
    assert browser.shown()
    assert issuer.grants["refresh_token"] == 1


def test_refresh_token_is_used_once_by_commands_at_the_same_time(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    issuer.rotates = True
    issuer.expires_in = 30
    assert tintype("login").code == 0
    issuer.expires_in = 3600
    issuer.grants.clear()
    tokens: list[str] = []
    commands = [
        threading.Thread(target=lambda: tokens.append(LoginCredential(the_file()).token()))
        for _ in range(6)
    ]

    for command in commands:
        command.start()
    for command in commands:
        command.join()

    assert issuer.grants == {"refresh_token": 1}
    assert tokens == [access_token()] * 6
    assert browser.shown()


def test_sign_in_that_has_ended_says_what_to_do(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    assert tintype("login").code == 0
    stack.tokens -= {access_token()}
    issuer.refresh_tokens.clear()

    ended = tintype("list")

    assert ended.code == 1
    assert "not_signed_in: the sign-in has ended" in ended.err
    assert "run `tintype login` again" in " ".join(ended.err.split())
    assert browser.shown()


def test_stack_that_was_opened_is_used_although_the_sign_in_has_ended(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    issuer.expires_in = 30
    assert tintype("login").code == 0
    issuer.refresh_tokens.clear()
    stack.tokens = set()
    stack.announce_local()

    assert tintype("list").code == 0
    assert browser.shown()


def test_api_key_of_the_environment_goes_before_the_sign_in(
    tintype: Tintype,
    stack: Service,
    issuer: Issuer,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tintype("login").code == 0
    key = "tint_abcdefghijkl_c2VjcmV0"
    stack.tokens.add(key)
    monkeypatch.setenv("TINTYPE_API_KEY", key)
    stack.seen.clear()

    ended = tintype("whoami")

    assert f"{OWNER} (TINTYPE_API_KEY)" in ended.out
    assert [sent for _, sent in stack.seen] == [f"Bearer {key}"]
    assert browser.shown()
    assert issuer.grants["refresh_token"] == 0


def test_upload_hears_of_its_own_images_by_the_sign_in(
    tintype: Tintype,
    stack: Service,
    issuer: Issuer,
    browser: Browser,
    photo: Callable[[str], Path],
) -> None:
    assert issuer
    assert tintype("login").code == 0
    stack.announce_local()  # an address without a public key

    ended = tintype("upload", photo("beach.jpg"))

    assert ended.code == 0, ended.err
    assert "Polling" not in ended.err
    assert stack.subscriptions == [{"owner": OWNER}]
    assert browser.shown()


def test_logout_forgets_the_sign_in_also_if_the_issuer_is_gone(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    assert tintype("login").code == 0
    file = the_file()
    text = file.path.read_text().replace(f"{issuer.url}/oauth2/revoke", "http://127.0.0.1:9/")
    file.path.write_text(text)

    ended = tintype("logout", "--all")

    assert ended.code == 0
    assert "The issuer did not end the sign-in" in ended.err
    assert login_files() == []
    assert browser.shown()


def test_logout_without_a_sign_in_says_so(tintype: Tintype, issuer: Issuer) -> None:
    assert issuer

    assert "Nobody was signed in." in tintype("logout").err


def test_damaged_file_of_a_sign_in_is_not_a_traceback(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    assert tintype("login").code == 0
    the_file().path.write_text("{")

    assert "not_signed_in: the stored sign-in is gone or unreadable" in tintype("list").err
    assert tintype("logout").code == 0
    assert login_files() == []
    assert browser.shown()
    assert issuer.refresh_tokens


def test_open_stack_calls_everybody_the_same(tintype: Tintype, stack: Service) -> None:
    assert stack.tokens == set()

    ended = tintype("whoami")

    assert ended.out == f"the local cloud: {OWNER} · may: read, upload, delete\n"
    assert tintype("whoami", "--json").document["via"] == "nothing"


def test_admin_lists_the_images_of_another_owner(tintype: Tintype, stack: Service) -> None:
    hers = stack.ready("hers.jpg", owner="ann")
    stack.ready("his.jpg", owner="bob")

    ended = tintype("list", "--owner", "ann")

    assert [line.split("\t")[0] for line in ended.out.splitlines()] == [hers["id"]]
