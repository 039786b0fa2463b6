"""Find the line of each setting in a TOML file.

`tomllib` does not keep the positions of values, so a file with mistakes is parsed again with
tree-sitter, which does. A file without mistakes is never parsed here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

SettingPath = tuple[str | int, ...]  # ("presets", "thumb", "formats", 1, "quality")


def lines(text: str) -> dict[SettingPath, int]:
    r"""Return the line, counted from 1, of every table, key and array item of a valid TOML *text*.

    >>> lines("[limits]\nmax_side = 9")
    {('limits',): 1, ('limits', 'max_side'): 2}
    """
    parser = Parser(Language(tree_sitter_toml.language()))
    found: dict[SettingPath, int] = {}
    for path, line in _statements(parser.parse(text.encode()).root_node):
        for length in range(1, len(path) + 1):
            found.setdefault(path[:length], line)
    return found


def line_of(path: SettingPath, found: dict[SettingPath, int]) -> int:
    """Return the line of *path*, or of the nearest table around it when it is absent; 0 for none."""
    return next((found[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found), 0)


def _statements(document: Node) -> Iterator[tuple[SettingPath, int]]:
    items: dict[SettingPath, int] = {}  # how many [[...]] of each name have been seen
    for node in document.named_children:
        if node.type == "pair":
            yield from _pair(node, ())
        elif node.type in {"table", "table_array_element"}:
            key, *pairs = (child for child in node.named_children if child.type != "comment")
            path = _key(key)
            if node.type == "table_array_element":
                items[path] = items.get(path, -1) + 1
                path = (*path, items[path])
            yield path, _line(node)
            for pair in pairs:
                yield from _pair(pair, path)


def _pair(pair: Node, table: SettingPath) -> Iterator[tuple[SettingPath, int]]:
    key, value = (child for child in pair.named_children if child.type != "comment")
    path = table + _key(key)
    yield path, _line(pair)
    yield from _inside(value, path)


def _inside(value: Node, path: SettingPath) -> Iterator[tuple[SettingPath, int]]:
    children = [child for child in value.named_children if child.type != "comment"]
    if value.type == "inline_table":
        for pair in children:
            yield from _pair(pair, path)
    if value.type == "array":
        for index, item in enumerate(children):
            yield (*path, index), _line(item)
            yield from _inside(item, (*path, index))


def _key(node: Node) -> SettingPath:
    """Return the parts of a bare, quoted or dotted key; `tomllib` knows how to unquote them."""
    level = tomllib.loads(f"{(node.text or b'').decode()} = 0")
    parts: list[str] = []
    while isinstance(level, dict):
        part, level = next(iter(level.items()))
        parts.append(part)
    return tuple(parts)


def _line(node: Node) -> int:
    return node.start_point.row + 1
