"""What `tintype login` has stored."""

from __future__ import annotations

from tintype.cli.login.store import LoginFile, login_files


def the_file() -> LoginFile:
    (file,) = login_files()
    return file


def access_token() -> str:
    stored = the_file().read()
    assert stored
    return stored[1].access_token
