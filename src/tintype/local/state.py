"""The state folder of a local cloud: its keys, its lock, and its address while it runs."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import msgspec

from tintype.aws.signing import Credentials
from tintype.local.errors import AlreadyRunningError

REGION = "us-east-1"
ACCOUNT = "000000000000"
ADDRESS_FILE = "local.json"
LOCK_FILE = "lock"
PORT_FILE = "port.json"


@dataclass(frozen=True, slots=True)
class LocalAddress:
    """The address of a running local cloud, read by the command line from `local.json`."""

    pid: int
    endpoint: str
    public_url: str
    region: str
    credentials: Credentials
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The folder with everything that persists between runs."""

    folder: Path

    @property
    def emulator(self) -> Path:
        """The folder of MiniStack's saved state."""
        return self.folder / "emulator"

    @property
    def objects(self) -> Path:
        """The folder of the buckets' objects."""
        return self.folder / "objects"

    @property
    def log(self) -> Path:
        """MiniStack's log file."""
        return self.folder / "emulator.log"

    @property
    def release(self) -> Path:
        """The folder of the deployed release."""
        return self.folder / "release"

    def prepare(self) -> None:
        """Create the folder, accessible to its owner only and ignored by version control."""
        for folder in (self.folder, self.emulator, self.objects):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    def root_credentials(self) -> Credentials:
        """Return the root key of this folder, created on the first call.

        MiniStack trusts a root key's ID without checking the signature, so the ID is as sensitive
        as the secret.
        """
        known = self.read("root.json")
        if "access_key" in known:
            return Credentials(known["access_key"], known["secret_key"])
        made = _random_credentials()
        self.write("root.json", asdict(made))
        return made

    def read(self, name: str) -> dict[str, str]:
        """Return the content of one of the folder's small JSON files, or an empty dict."""
        try:
            facts: dict[str, str] = json.loads((self.folder / name).read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def write(self, name: str, facts: Mapping[str, object]) -> None:
        """Write a small JSON file atomically, readable by its owner only."""
        path = self.folder / name
        fresh = path.with_name(f"{name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(facts, file, indent=1)
        fresh.replace(path)

    def move_to(self, gateway_port: int) -> None:
        """Adapt the saved state to another port.

        MiniStack saves queues under their URLs, and then looks for them at its own port.
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
        """Return the number of images in the renditions bucket."""
        return sum(1 for _ in self.objects.glob(f"{ACCOUNT}/*/*/manifest.json"))

    def forget(self) -> None:
        """Remove everything but the lock; the caller must hold the lock."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK_FILE:
                path.unlink()

    def announce(self, address: LocalAddress) -> None:
        """Write `local.json`, which other programs use to find the running cloud."""
        self.write(ADDRESS_FILE, asdict(address))

    def retract(self) -> None:
        """Remove `local.json`."""
        (self.folder / ADDRESS_FILE).unlink(missing_ok=True)

    def lock(self) -> IO[str]:
        """Lock the folder for this process until the returned file is closed.

        Raises:
            AlreadyRunningError: another process has the lock.
        """
        self.prepare()
        file = (self.folder / LOCK_FILE).open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise AlreadyRunningError(_whose(find_address(self.folder), self.folder)) from error
        self.retract()  # of a cloud that was killed, which the lock would make seem alive
        return file


def find_address(folder: Path) -> LocalAddress | None:
    """Return the address of the local cloud in *folder*, or None if none is running."""
    try:
        address = msgspec.json.decode((folder / ADDRESS_FILE).read_bytes(), type=LocalAddress)
        with (folder / LOCK_FILE).open() as lock:
            return address if _is_held(lock) else None
    except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
        return None


def _is_held(lock: IO[str]) -> bool:
    # A process ID is not sufficient: after a crash another program may have it.
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _whose(address: LocalAddress | None, folder: Path) -> str:
    if address is None:
        return f"another tintype up is starting or stopping in {folder}"
    return f"tintype is already running at {address.public_url} (process {address.pid}, state {folder})"


def _random_credentials() -> Credentials:
    letters = string.ascii_uppercase + "234567"
    return Credentials(
        "AKIA" + "".join(secrets.choice(letters) for _ in range(16)), secrets.token_urlsafe(30)
    )
