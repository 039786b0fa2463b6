"""Runs the engine on one file in a process of its own, and says how that ended.

A nursery (`python -m tests.children`) imports the engine once and forks for every file, which
costs milliseconds; so a crash is seen, and time and memory are those of this file alone.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from statistics import median
from types import TracebackType
from typing import IO, Self

from tintype.imaging import Encoding, Format, Limits, Preset, QualityTarget, errors, render_all

SIDE = 120
# Every encoder, alpha and animation included; small, because the original is the matter.
PRESETS = (
    Preset(
        name="all",
        width=SIDE,
        height=SIDE,
        animate_avif=True,
        formats=(
            Encoding(format=Format.PNG),
            Encoding(format=Format.JPEG),
            Encoding(format=Format.WEBP, effort=0),
            Encoding(format=Format.AVIF, effort=0),
            Encoding(format=Format.GIF, effort=1),
        ),
    ),
    # What reads more of a file than its pixels: gain map, credentials, another page.
    Preset(
        name="kept",
        width=SIDE // 2,
        hdr=True,
        keep_copyright=True,
        keep_ai_label=True,
        formats=(Encoding(format=Format.JPEG),),
    ),
    Preset(
        name="second",
        width=SIDE // 2,
        page=2,
        formats=(Encoding(format=Format.WEBP, quality=QualityTarget(target=70), effort=0),),
    ),
)
# A child that hangs, eats memory or spins is ended by the kernel; far above what any test allows.
_WALL_SECONDS, _CPU_SECONDS, _ADDRESS_BYTES = 90, 60, 8 << 30


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How the engine ended: *code* is `rendered`, an `ImagingError`'s code, `crashed` or `noisy`.

    The latter means that something, perhaps a library, wrote to the terminal; *message* is that.

    *cpu_seconds* is user and system time of all threads, *peak_mib* the whole process's largest
    resident memory, *png* the first rendition.
    """

    code: str
    message: str
    cpu_seconds: float
    peak_mib: int
    png: bytes = b""


class Nursery:
    """A process that has the engine loaded and runs it in a child for every file it is sent."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.children"]
        self._process = subprocess.Popen(  # noqa: S603 -- our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    @cached_property
    def reference_seconds(self) -> float:
        """The CPU time of an honest picture of four megapixels, in a child like any other."""
        return self.measured_reference()

    def measured_reference(self) -> float:
        """Measure that time anew: the median of three."""
        from tests.pictures import picture  # noqa: PLC0415 -- not in the children, whose memory counts

        data = picture(2_400, 1_600, Format.PNG)
        return median(self.render(data).cpu_seconds for _ in range(3))

    def render(self, data: bytes) -> ChildResult:
        """Return how the engine ends on *data*, alone in a fresh child."""
        return self.render_many([data])[0]

    def render_many(self, files: Iterable[bytes]) -> list[ChildResult]:
        """Return how the engine ends on *files*, one after another in one child.

        The list ends with the first file that ends the child; memory is the child's so far.
        """
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        _send(requests, b"".join(struct.pack(">I", len(data)) + data for data in files))
        return [_ending(answer) for answer in json.loads(_receive(answers))]


def _ending(answer: dict[str, str]) -> ChildResult:
    return ChildResult(
        answer["code"],
        answer["message"],
        float(answer["cpu_seconds"]),
        int(answer["peak_mib"]),
        base64.b64decode(answer["png"]),
    )


def attempt(data: bytes) -> tuple[str, str, bytes]:
    """Return the code, the message and the first rendition of what the engine makes of *data*.

    Anything but an `ImagingError` is a crash: the engine promises that nothing else leaves it.
    """
    try:
        result = render_all(data, PRESETS, Limits())
    except errors.ImagingError as error:
        return error.code, str(error), b""
    except BaseException as error:  # noqa: BLE001 -- this is what is looked for
        return "crashed", f"{type(error).__name__}: {error}", b""
    return "rendered", "", result.renditions[0].data


def _serve() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while request := _receive(requests):
        _send(answers, json.dumps(_in_a_child(request)).encode())


def _in_a_child(request: bytes) -> list[dict[str, object]]:
    """Fork, let the child work through *request*, and return how each file ended."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _work(request, lambda line: os.write(sending, line + b"\n"))
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as report:
        results = [json.loads(line) for line in report]
    _, status, usage = os.wait4(child, 0)
    if status:
        results.append(_crash(status, usage))
    return results


def _work(request: bytes, tell: Callable[[bytes], object]) -> None:
    signal.alarm(_WALL_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_BYTES, _ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    noise = tempfile.TemporaryFile()  # noqa: SIM115 -- until the child ends
    for terminal in (sys.stdout, sys.stderr):
        os.dup2(noise.fileno(), terminal.fileno())
    for data in _files(request):
        before = time.process_time()
        code, message, png = attempt(data)
        spent = time.process_time() - before
        if said := _taken(noise):
            code, message = "noisy", f"{said.decode(errors='replace')} ({code})"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        result = asdict(ChildResult(code, message, spent, peak))
        tell(json.dumps({**result, "png": base64.b64encode(png).decode()}).encode())


def _taken(noise: IO[bytes]) -> bytes:
    """Return what was written to *noise*, and empty it."""
    noise.seek(0)
    said = noise.read()
    noise.seek(0)
    noise.truncate()
    return said


def _files(request: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(request):
        (size,) = struct.unpack_from(">I", request, at)
        yield request[at + 4 : at + 4 + size]
        at += 4 + size


def _crash(status: int, usage: resource.struct_rusage) -> dict[str, object]:
    name = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "exit"
    seconds = usage.ru_utime + usage.ru_stime
    return {**asdict(ChildResult("crashed", name, seconds, usage.ru_maxrss // 1024)), "png": ""}


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(struct.pack(">Q", len(message)) + message)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    """Return the next message, or nothing when the other side has gone."""
    header = stream.read(8)
    return stream.read(struct.unpack(">Q", header)[0]) if header else b""


if __name__ == "__main__":
    _serve()
