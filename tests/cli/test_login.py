"""`tintype login`, `logout` and `whoami` with a small stack, an issuer and a browser's redirects."""

from __future__ import annotations

import json
import socket
import stat
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Browser, Tintype
from tests.cli.issuer import EMAIL, Issuer
from tests.cli.logins import access_token, the_file
from tests.cli.service import OWNER, Service
from tintype.cli.login import callback
from tintype.cli.login.store import login_files

KEYRING = """
import json
from pathlib import Path

_FILE = Path(__file__).with_name("kept.json")
_TAKES = Path(__file__).with_name("takes")


def _kept():
    return json.loads(_FILE.read_text()) if _FILE.exists() else {}


def set_password(service, name, text):
    if not _TAKES.exists():
        raise RuntimeError("too long")
    _FILE.write_text(json.dumps({**_kept(), f"{service} {name}": text}))


def get_password(service, name):
    return _kept().get(f"{service} {name}")


def delete_password(service, name):
    kept = _kept()
    del kept[f"{service} {name}"]
    _FILE.write_text(json.dumps(kept))
"""


def test_after_login_commands_send_its_token_and_after_logout_none(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    assert tintype("list").code == 1

    ended = tintype("login")

    assert ended.code == 0, ended.err
    assert f"{OWNER} ({EMAIL}) · may: read, upload, delete" in ended.out
    assert "can close this tab" in browser.shown()[0].text
    assert tintype("list").code == 0
    assert tintype("whoami", "--json").document["via"] == "login"

    ended = tintype("logout")

    assert ended.out == f"Signed out of {stack.api}\n"
    assert issuer.refresh_tokens == set()
    assert login_files() == []
    assert "not_signed_in" in tintype("list").err


def test_login_asks_for_what_the_page_says_with_a_secret_of_its_own_each_time(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    stack.sign_in["audience"] = "images"

    assert tintype("login").code == tintype("login").code == 0

    first, second = issuer.authorizations
    assert (first["scope"], first["audience"]) == ("openid email", "images")
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]
    assert len(browser.shown()) == 2


def test_managed_login_is_found_by_its_address_and_not_by_discovery(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    stack.sign_in["url"] = f"{issuer.url}/"
    issuer.named = "https://another.example.com"

    assert tintype("login").code == 0
    assert len(browser.shown()) == 1


def test_tokens_are_in_a_file_that_only_its_user_can_read(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    assert tintype("login").code == 0

    file = the_file().path
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [one for one in file.parent.iterdir() if one.suffix not in {".json", ".lock"}] == []
    assert issuer.refresh_tokens <= {json.loads(file.read_text())["tokens"]["refreshToken"]}
    assert browser.shown()


@pytest.mark.parametrize("takes", [True, False])
def test_keyring_has_the_tokens_if_it_takes_them_and_the_file_else(
    tintype: Tintype,
    issuer: Issuer,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    *,
    takes: bool,
) -> None:
    package = Path("libraries/keyring")
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(KEYRING)
    if takes:
        (package / "takes").touch()
    monkeypatch.syspath_prepend(package.parent.absolute())

    assert tintype("login").code == 0

    token = access_token()
    assert (token in the_file().path.read_text()) is not takes
    assert tintype("list").code == 0
    assert tintype("logout").code == 0
    assert token not in (package / "kept.json").read_text() if takes else True
    assert browser.shown()
    assert issuer.refresh_tokens == set()
    sys.modules.pop("keyring")


def test_address_is_printed_on_request_and_waits_for_a_while(
    tintype: Tintype, issuer: Issuer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callback, "WAIT_SECONDS", 0.2)

    ended = tintype("login", "--print")

    assert ended.out.startswith(f"{issuer.url}/oauth2/authorize?response_type=code")
    assert "sign_in_timed_out" in ended.err
    assert browser.shown() == []
    assert login_files() == []


def test_browser_with_another_state_is_turned_away_and_the_command_waits_on(
    tintype: Tintype, issuer: Issuer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callback, "WAIT_SECONDS", 1.5)
    issuer.state = "forged"

    ended = tintype("login")

    assert [one.status_code for one in browser.shown()] == [400]
    assert "sign_in_timed_out" in ended.err
    assert issuer.grants.total() == 0


def test_answer_for_the_browser_can_run_nothing_and_is_not_kept(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    assert issuer
    assert tintype("login").code == 0

    headers = browser.shown()[0].headers
    assert headers["content-security-policy"] == "default-src 'none'"
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_refusal_of_the_issuer_is_told(tintype: Tintype, issuer: Issuer, browser: Browser) -> None:
    issuer.refuses_with = "not of this company"

    ended = tintype("login")

    assert ended.code == 1
    assert "sign_in_failed: the issuer says access_denied: not of this company" in ended.err
    assert "The sign-in failed" in browser.shown()[0].text


def test_answer_of_another_issuer_is_refused(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    stack.sign_in |= {"url": issuer.url, "issuer": "https://another.example.com"}

    ended = tintype("login")

    assert f"from another issuer, {issuer.url}" in " ".join(ended.err.split())
    assert issuer.grants.total() == 0
    assert browser.shown()


def test_discovery_of_another_issuer_is_refused(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    issuer.named = "https://another.example.com"

    assert "describes another issuer" in " ".join(tintype("login").err.split())
    assert browser.shown() == []


def test_taken_port_is_said_before_the_browser_opens(
    tintype: Tintype, issuer: Issuer, browser: Browser
) -> None:
    assert issuer
    with socket.socket() as other:
        other.bind(("127.0.0.1", callback.PORT))
        other.listen()

        assert "sign_in_port_taken" in tintype("login").err

    assert browser.shown() == []


def test_open_stack_needs_no_sign_in(
    tintype: Tintype, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TINTYPE_API_KEY", raising=False)
    assert stack.sign_in == {}

    ended = tintype("login")

    assert (ended.code, "sign_in_not_needed" in ended.err) == (1, True)


def test_nobody_signs_in_unencrypted_on_another_machine(tintype: Tintype) -> None:
    ended = tintype("login", "--endpoint", "http://images.example.com/api")

    assert "insecure_address" in ended.err


def test_token_that_the_stack_does_not_accept_is_not_kept(
    tintype: Tintype, stack: Service, issuer: Issuer, browser: Browser
) -> None:
    issuer.accepted = set()

    ended = tintype("login")

    assert ended.code == 1
    assert "not_signed_in" in ended.err
    assert login_files() == []
    assert stack.requests["GET /api/me"] == 2
    assert browser.shown()


def test_issuer_cannot_reach_the_terminal_s_controls(
    tintype: Tintype, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callback, "WAIT_SECONDS", 0.1)
    issuer.authorization_path = "/\x1b[2Jauthorize"

    ended = tintype("login", "--print")

    assert "\x1b" not in ended.out + ended.err
    assert "/�[2Jauthorize?" in ended.out
