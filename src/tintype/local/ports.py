"""Which ports are free, and who has those that are not."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from tintype.local.errors import PortTakenError

HOST, HOST_IPV6 = "127.0.0.1", "::1"
LISTENING = "0A"


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def has_ipv6(port: int) -> bool:
    """Say whether *port* can be listened on at the loopback address of IPv6, where there is one."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST_IPV6, port))
    except OSError:
        return False
    return True


def check_free(port: int, option: str) -> None:
    """Do nothing if *port* can be listened on.

    Raises:
        PortTakenError: it cannot; the message says by whom and how to choose another with *option*.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            program = listening_program(port)
            by = f" by {program}" if program else ""
            advice = f"choose another with {option} {port + 1}"
            message = f"port {port} is taken{by}; {advice}"
            raise PortTakenError(message) from error


def listening_program(port: int) -> str | None:
    """Return the name and process id of who listens on *port*, where /proc tells."""
    inodes = set(_listening_inodes(port))
    for process in Path("/proc").glob("[0-9]*"):
        # Other people's processes are not ours to look into, and any may end while we look.
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(descriptor.readlink()) in inodes:
                        name = (process / "comm").read_text().strip()
                        return f"{name} (process {process.name})"
    return None


def _listening_inodes(port: int) -> list[str]:
    rows = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            rows += [line.split() for line in Path(table).read_text().splitlines()[1:]]
    wanted = f":{port:04X}"
    return [f"socket:[{row[9]}]" for row in rows if row[1].endswith(wanted) and row[3] == LISTENING]
