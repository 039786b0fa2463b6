"""Lists: a table in a terminal, tab-separated values in a pipe. See `Listing`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tintype.cli.output.tables import base_table

UNBOUNDED = 100_000  # columns; a table's preferred width
FOLDED = 12  # columns that a cell needs to be folded into several lines
_SEPARATORS = str.maketrans("\t\n\r", "   ")

Cell: TypeAlias = str | Text
Value: TypeAlias = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. Narrow terminals hide the highest *drop* first, 0 never.

    A *whole* column is never folded, so that IDs and addresses can be copied.
    """

    heading: str
    right: bool = False
    drop: int = 0
    whole: bool = False


class Listing:
    """Rows for people, each with a record for programs.

    The records' columns are a public interface; each command's help lists them.
    """

    def __init__(self, *columns: Column) -> None:
        self._columns = columns
        self._rows: list[tuple[Cell, ...]] = []
        self._records: list[tuple[Value, ...]] = []

    def add(self, *cells: Cell, record: Sequence[Value]) -> None:
        """Add a row: its *cells* for a terminal, its *record* for a pipe."""
        self._rows.append(cells)
        self._records.append(tuple(record))

    def print(self, console: Console) -> None:
        """Print the list, or nothing if it has no rows."""
        if not self._rows:
            return
        if not console.is_terminal:
            # Not `console.print`: it turns tabs into spaces.
            console.file.writelines(f"{tabbed(record)}\n" for record in self._records)
            return
        shown = self._fitting(console)
        if self._is_readable(console, shown):
            console.print(self._table(shown))
        else:
            for line in self._lines(shown):
                console.print(line, soft_wrap=True)
        console.print()

    def _fitting(self, console: Console) -> list[int]:
        """Return the columns that remain after hiding those that do not fit."""
        shown = list(range(len(self._columns)))
        while self._width(console, shown) > console.width:
            spare = max(shown, key=lambda column: self._columns[column].drop)
            if not self._columns[spare].drop:
                break
            shown.remove(spare)
        return shown

    def _is_readable(self, console: Console, shown: Sequence[int]) -> bool:
        """Whether the columns fit without folding cells that must stay whole."""
        if self._width(console, shown) <= console.width:
            return True
        whole = [column for column in shown if self._columns[column].whole]
        room = console.width - self._width(console, whole)
        return room >= FOLDED * (len(shown) - len(whole))

    def _width(self, console: Console, shown: Sequence[int]) -> int:
        options = console.options.update(width=UNBOUNDED)
        return console.measure(self._table(shown), options=options).maximum

    def _table(self, shown: Sequence[int]) -> Table:
        table = base_table()
        for column in (self._columns[each] for each in shown):
            table.add_column(
                column.heading,
                justify="right" if column.right else "left",
                overflow="fold",
                no_wrap=column.whole,
            )
        for row in self._rows:
            table.add_row(*(row[each] for each in shown))
        return table

    def _lines(self, shown: Sequence[int]) -> Iterator[Text]:
        """Yield each row as a line, to be wrapped by the terminal."""
        for row in self._rows:
            cells = (row[each] for each in shown)
            yield Text("  ").join(
                Text(cell) if isinstance(cell, str) else cell for cell in cells if cell
            )


def tabbed(record: Sequence[Value]) -> str:
    r"""Return a record as a line of tab-separated values; unknown values are empty.

    >>> tabbed(("a\tb", 3, None))
    'a b\t3\t'
    """
    return "\t".join("" if one is None else str(one).translate(_SEPARATORS) for one in record)
