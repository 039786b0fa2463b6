"""Files that mean no good, each built in memory, and how each may end: `HOSTILE` is the table."""

from __future__ import annotations

from tests.hostile import cut, gifs, heifs, jpegs, metadata, pngs, strangers, tiffs, webps
from tests.hostile.table import Hostile

HOSTILE: tuple[Hostile, ...] = (
    *strangers.ROWS,
    *cut.ROWS,
    *jpegs.ROWS,
    *pngs.ROWS,
    *webps.ROWS,
    *gifs.ROWS,
    *tiffs.ROWS,
    *heifs.ROWS,
    *metadata.ROWS,
)
