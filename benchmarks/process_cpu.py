"""The CPU time of other programs with all their children, and the core they run on, from Linux's /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# Of proc_pid_stat(5), counted from the field after the command: parent, then utime, stime, cutime and
# cstime, the last two of children that have ended.
_PARENT, _TIMES = 1, slice(11, 15)


@dataclass(frozen=True, slots=True)
class Process:
    """A process at one moment; *cpu_ms* is its own, user and system, and that of its ended children."""

    pid: int
    parent: int
    command: str
    cpu_ms: float


def running() -> tuple[Process, ...]:
    """Return all processes of this machine."""
    found = []
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):  # it may end while we look
            command = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
            found.append(parse((folder / "stat").read_text(), command))
    return tuple(found)


def parse(stat: str, command: str, ticks: int = os.sysconf("SC_CLK_TCK")) -> Process:
    """Return the process of a line of /proc/PID/stat, whose times are in *ticks* a second.

    The name in it is in parentheses, and may have some itself.

    >>> parse("7 (a (b) c) S 3 7 7 0 -1 0 0 0 0 0 5 2 10 3 20 0 1 0 9 9 9", "a", ticks=100)
    Process(pid=7, parent=3, command='a', cpu_ms=200.0)
    """
    fields = stat.rpartition(")")[2].split()
    times = sum(map(int, fields[_TIMES]))
    return Process(
        int(stat.split(maxsplit=1)[0]), int(fields[_PARENT]), command, times * 1000 / ticks
    )


def tree(processes: Iterable[Process], root: int) -> tuple[Process, ...]:
    """Return the process *root* and all below it.

    >>> started = Process(1, 0, "init", 0), Process(3, 2, "c", 0), Process(2, 1, "b", 0)
    >>> [one.pid for one in tree(started, 2)]
    [2, 3]
    """
    children: dict[int, list[Process]] = {}
    found = []
    for one in processes:
        children.setdefault(one.parent, []).append(one)
        found += [one] if one.pid == root else []
    for one in found:
        found += children.get(one.pid, [])
    return tuple(found)


def split_cpu(processes: Iterable[Process], marker: str | None) -> tuple[float, float]:
    """Return the CPU milliseconds of those whose command has *marker* in it, and of the others.

    Without a marker all count as the first.
    """
    listed = tuple(processes)
    marked = sum(one.cpu_ms for one in listed if marker is None or marker in one.command)
    return marked, sum(one.cpu_ms for one in listed) - marked


def pin(root: int, core: int | None) -> None:
    """Confine a process, and all below it, with all their threads, to one core; None leaves them."""
    if core is None:
        return
    for process in tree(running(), root):
        for thread in _PROC.glob(f"{process.pid}/task/[0-9]*"):
            with suppress(OSError):
                os.sched_setaffinity(int(thread.name), {core})
