"""The sign-ins on this machine: one file for each stack, and the tokens in the system's keyring if it has one.

Start with `logins` and `find_login`. Without the package `keyring`, or if that keeps nothing, the tokens
are in the file, which only its user can read.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import msgspec

from tintype.cli.folders import file_name, state_folder
from tintype.client.sign_in import Endpoints, Tokens

SERVICE = "tintype"  # in the keyring
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_UNREADABLE = (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Login(msgspec.Struct, frozen=True, rename="camel"):
    """A sign-in to the stack whose page has this *address*. Without *tokens*, the keyring has them."""

    address: str
    endpoints: Endpoints
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class LoginFile:
    """The file of one sign-in."""

    path: Path

    def read(self) -> tuple[Login, Tokens] | None:
        """Return the sign-in with its tokens, or None if it is gone or unreadable."""
        try:
            login = msgspec.json.decode(self.path.read_bytes(), type=Login)
            if login.tokens:
                return login, login.tokens
            kept = _from_keyring(login.address)
            return (login, msgspec.json.decode(kept, type=Tokens)) if kept else None
        except _UNREADABLE:
            return None

    def write(self, login: Login, tokens: Tokens) -> None:
        """Store a sign-in, in place of an earlier one, all at once.

        Raises:
            OSError: the folder cannot be written.
        """
        kept = _into_keyring(login.address, msgspec.json.encode(tokens).decode())
        stored = msgspec.structs.replace(login, tokens=None if kept else tokens)
        make_private(self.path.parent)
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, _NEW, _PRIVATE_FILE), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(stored)))
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)

    def delete(self, address: str) -> None:
        """Forget the sign-in to the stack whose page has an *address*.

        Raises:
            OSError: the folder cannot be written.
        """
        _out_of_keyring(address)
        self.path.unlink(missing_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other commands from renewing the same sign-in: an issuer may take a refresh token once."""
        make_private(self.path.parent)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
        with os.fdopen(descriptor, "r+b") as file:
            _lock(file.fileno())
            yield  # closing the file unlocks it


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def login_file(address: str) -> LoginFile:
    """Return the file for the stack whose page has an address."""
    return LoginFile(_folder() / f"{file_name(address)}.json")


def find_login(address: str) -> LoginFile | None:
    """Return the file for a stack if there is a sign-in to it, without reading it."""
    found = login_file(address)
    return found if found.path.is_file() else None


def login_files() -> list[LoginFile]:
    """Return the files of all sign-ins."""
    return [LoginFile(path) for path in sorted(_folder().glob("*.json"))]


def make_private(folder: Path) -> None:
    """Make a folder that only its user can enter.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    folder.chmod(_PRIVATE_FOLDER)


def _folder() -> Path:
    return state_folder() / "logins"


def _lock(descriptor: int) -> None:
    """Wait for a file's lock."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows alone has it

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - Windows does not have it

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _keyring() -> ModuleType | None:
    return import_module("keyring") if find_spec("keyring") else None


def _from_keyring(address: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        kept = keyring.get_password(SERVICE, address)
    except Exception:  # noqa: BLE001 - each system's backend has errors of its own
        return None
    return kept if isinstance(kept, str) else None


def _into_keyring(address: str, text: str) -> bool:
    """Store a text in the keyring; return whether it is there: Windows' takes short ones, others none."""
    keyring = _keyring()
    if keyring is None:
        return False
    with suppress(Exception):  # as above
        keyring.set_password(SERVICE, address, text)
    return _from_keyring(address) == text


def _out_of_keyring(address: str) -> None:
    keyring = _keyring()
    if keyring is not None:
        with suppress(Exception):  # as above; it may not have it
            keyring.delete_password(SERVICE, address)
