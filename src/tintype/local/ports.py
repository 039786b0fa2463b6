"""Free ports, and the programs that use taken ones."""

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


def has_ipv6() -> bool:
    """Whether this machine has an IPv6 loopback address."""
    try:
        _try_to_bind(HOST_IPV6, 0)
    except OSError:
        return False
    return True


def check_free(port: int, option: str, *, localhost: bool = False) -> None:
    """Check that *port* is free; with *localhost* on all addresses of this name.

    Browsers try IPv6 first for `localhost`: a program listening there would be shown instead of
    ours.

    Raises:
        PortTakenError: it is taken; the message names the program and *option* for choosing another.
    """
    for host in (HOST, HOST_IPV6) if localhost and has_ipv6() else (HOST,):
        try:
            _try_to_bind(host, port)
        except OSError as error:
            program = listening_program(port)
            by = f" by {program}" if program else ""
            at = f" at {host}" if host != HOST else ""
            advice = f"choose another with {option} {port + 1}"
            message = f"port {port} is taken{by}{at}; {advice}"
            raise PortTakenError(message) from error


def _try_to_bind(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def listening_program(port: int) -> str | None:
    """Return name and process ID of the program listening on *port*, if /proc has them."""
    inodes = set(_listening_inodes(port))
    for process in Path("/proc").glob("[0-9]*"):
        # Other users' processes are not readable, and any may end meanwhile.
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
