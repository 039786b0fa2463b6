"""What `delivery.py` measures, and the ratios of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Batch:
    """The CPU milliseconds a request of one server beside another, and of what is around it."""

    server: str
    beside: str
    width: int
    round: int
    cpu_ms: float
    around_ms: float


def ratios(batches: Iterable[Batch], mine: str, peer: str, widths: Sequence[int]) -> list[float]:
    """Return our CPU time as a share of the peer's beside it: one number a round, over *widths*.

    >>> ran = [Batch("a", "b", 320, 0, 30.0, 0), Batch("b", "a", 320, 0, 40.0, 0)]
    >>> ratios(ran, "a", "b", (320,))
    [0.75]
    """
    sums: dict[tuple[str, int], float] = {}
    for one in batches:
        if {one.server, one.beside} == {mine, peer} and one.width in widths:
            key = one.server, one.round
            sums[key] = sums.get(key, 0) + one.cpu_ms
    return [sums[mine, number] / sums[peer, number] for name, number in sums if name == mine]


def per_request(batches: Iterable[Batch], server: str, *, around: bool = False) -> list[float]:
    """Return the CPU milliseconds a request of a server, one number a round.

    >>> per_request([Batch("a", "b", 320, 0, 30.0, 7), Batch("a", "b", 640, 0, 50.0, 9)], "a")
    [40.0]
    """
    rounds: dict[int, list[float]] = {}
    for one in batches:
        if one.server == server:
            rounds.setdefault(one.round, []).append(one.around_ms if around else one.cpu_ms)
    return [sum(values) / len(values) for values in rounds.values()]
