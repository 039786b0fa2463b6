"""`[access]` of `tintype.toml`: who can use a deployment, and where they sign in."""

from __future__ import annotations

import pytest

from tests.config_files import Write, mistakes
from tintype.access import AccessMode
from tintype.config import Access, load

OIDC = """
[access]
mode = "oidc"
issuer = "https://login.example.com/realms/main"
audience = "images"
client_id = "images-page"
"""


def test_deployment_asks_people_to_sign_in_unless_the_file_says_otherwise(write: Write) -> None:
    assert load(write("")).access.mode is AccessMode.COGNITO


def test_open_mode_lets_anyone_read_and_upload_but_not_delete(write: Write) -> None:
    assert load(write('[access]\nmode = "open"')).access.anyone == ("read", "upload")


def test_issuer_of_one_s_own_is_read_whole(write: Write) -> None:
    assert load(write(OIDC)).access == Access(
        mode=AccessMode.OIDC,
        issuer="https://login.example.com/realms/main",
        audience="images",
        client_id="images-page",
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "https://tenant.eu.auth0.com/",
        "https://login.microsoftonline.com/0a1b2c3d/v2.0",
        "http://localhost:8080/realms/main",
        "http://127.0.0.1:9000",
    ],
)
def test_issuer_is_accepted_as_tokens_have_it(write: Write, issuer: str) -> None:
    text = OIDC.replace("https://login.example.com/realms/main", issuer)

    assert load(write(text)).access.issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example.com", "login.example.com", "https://a.example/?x=1", "ftp://localhost"],
)
def test_issuer_that_others_could_speak_for_is_refused(write: Write, issuer: str) -> None:
    text = OIDC.replace("https://login.example.com/realms/main", issuer)

    ((_, setting, message),) = mistakes(write(text))

    assert setting == "access.issuer"
    assert f'"{issuer}" is not an issuer' in message


def test_own_issuer_needs_all_that_tokens_are_checked_by(write: Write) -> None:
    found = mistakes(write('[access]\nmode = "oidc"'))

    assert {setting for _, setting, _ in found} == {
        "access.issuer",
        "access.audience",
        "access.client_id",
    }
    assert {message for *_, message in found} == {'mode "oidc" needs it'}


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ('mode = "public"', "mode", '"public" is not allowed; open, cognito or oidc'),
        (
            'anyone = ["write"]',
            "anyone[0]",
            '"write" is not allowed; read, upload, delete or admin',
        ),
        ("sign_up = 1", "sign_up", "1 is not allowed; true or false"),
        ('admin_group = "a b"', "admin_group", '"a b" is not a group'),
        ('scope = "openid  email"', "scope", '"openid  email" is not scopes'),
        ('audience = "a,b"', "audience", '"a,b" is not an audience'),
        ('audience = "a|b"', "audience", '"a|b" is not an audience'),
        ('audience = ".*"', "audience", '".*" is not an audience'),
        ('modus = "open"', "modus", "mode"),
        ('visibility = "secret"', "visibility", '"secret" is not allowed; public or private'),
        ('mode = "open"\nvisibility = "private"', "visibility", "needs sign-in"),
    ],
)
def test_wrong_setting_of_access_is_told(
    write: Write, settings: str, setting: str, message: str
) -> None:
    ((line, place, said),) = mistakes(write(f"[access]\n{settings}"))

    assert (line, place) == (2 + settings.count("\n"), f"access.{setting}")
    assert message in said
