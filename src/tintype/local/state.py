"""The state folder of a local cloud: its keys, its address while it runs, its lock."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from tintype.local.errors import AlreadyRunningError

REGION = "us-east-1"
ACCOUNT = "000000000000"
ADDRESS_FILE = "local.json"
LOCK_FILE = "lock"
PORT_FILE = "port.json"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; `repr` never shows the secret."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running local cloud is: what the command line reads from `local.json`."""

    pid: int
    endpoint: str
    public_url: str
    region: str
    credentials: Credentials
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class State:
    """The folder that keeps everything between two runs."""

    folder: Path

    @property
    def emulator(self) -> Path:
        """Hold what MiniStack saves of each service."""
        return self.folder / "emulator"

    @property
    def objects(self) -> Path:
        """Hold the buckets' objects."""
        return self.folder / "objects"

    @property
    def log(self) -> Path:
        """Hold MiniStack's own log."""
        return self.folder / "emulator.log"

    @property
    def release(self) -> Path:
        """Hold the release that is deployed."""
        return self.folder / "release"

    def prepare(self) -> None:
        """Create the folder, for its owner only, and keep it out of version control."""
        for folder in (self.folder, self.emulator, self.objects):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    def root_credentials(self) -> Credentials:
        """Return the root key of this folder, made at the first call.

        MiniStack trusts a root key's id without checking its signature, so the id is as secret as
        the secret.
        """
        known = self.read("root.json")
        if not known:
            known = asdict(_random_credentials())
            self.write("root.json", known)
        return Credentials(known["access_key_id"], known["secret_access_key"])

    def read(self, name: str) -> dict[str, str]:
        """Return the facts in one of the folder's small JSON files, or nothing."""
        try:
            facts: dict[str, str] = json.loads((self.folder / name).read_text())
        except (OSError, ValueError):
            return {}
        return facts

    def write(self, name: str, facts: Mapping[str, object]) -> None:
        """Write a small JSON file, readable by its owner only, whole or not at all."""
        path = self.folder / name
        fresh = path.with_name(f"{name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(facts, file, indent=1)
        fresh.replace(path)

    def move_to(self, gateway_port: int) -> None:
        """Let what was saved be found at another port.

        MiniStack saves queues under their addresses, and then looks for them at its own port.
        """
        known = self.read(PORT_FILE).get("gateway")
        if known not in {None, str(gateway_port)}:
            old = re.compile(rf"\b(localhost|127\.0\.0\.1):{known}\b")
            for path in self.emulator.glob("*.json"):
                text = path.read_text()
                moved = old.sub(rf"\g<1>:{gateway_port}", text)
                if moved != text:
                    fresh = path.with_suffix(".moved")
                    fresh.write_text(moved)
                    fresh.replace(path)
        self.write(PORT_FILE, {"gateway": str(gateway_port)})

    def image_count(self) -> int:
        """Return how many images the renditions bucket has."""
        return sum(1 for _ in self.objects.glob(f"{ACCOUNT}/*/*/manifest.json"))

    def forget(self) -> None:
        """Remove everything but the lock; call it with the lock taken."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK_FILE:
                path.unlink()

    def announce(self, address: Address) -> None:
        """Write `local.json`, by which other programs find the running cloud."""
        self.write(ADDRESS_FILE, asdict(address))

    def retract(self) -> None:
        """Remove `local.json`."""
        (self.folder / ADDRESS_FILE).unlink(missing_ok=True)

    def lock(self) -> IO[str]:
        """Take the folder for this process until the returned file is closed.

        Raises:
            AlreadyRunningError: another process has it.
        """
        self.prepare()
        file = (self.folder / LOCK_FILE).open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise AlreadyRunningError(_whose(find_address(self.folder), self.folder)) from error
        return file


def find_address(folder: Path) -> Address | None:
    """Return where the local cloud of *folder* is, or None if none runs."""
    try:
        facts = json.loads((folder / ADDRESS_FILE).read_text())
        with (folder / LOCK_FILE).open() as lock:
            return _address(facts) if _is_held(lock) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _address(facts: dict[str, Any]) -> Address:
    return Address(**{**facts, "credentials": Credentials(**facts["credentials"])})


def _is_held(lock: IO[str]) -> bool:
    # A process id would not do: after a crash another program may have it.
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _whose(address: Address | None, folder: Path) -> str:
    if address is None:
        return f"another tintype up is starting or stopping in {folder}"
    return f"tintype is already up at {address.public_url} (process {address.pid}, state {folder})"


def _random_credentials() -> Credentials:
    letters = string.ascii_uppercase + "234567"
    return Credentials(
        "AKIA" + "".join(secrets.choice(letters) for _ in range(16)), secrets.token_urlsafe(30)
    )
