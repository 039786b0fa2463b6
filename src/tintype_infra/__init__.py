"""Tintype as AWS CDK constructs: the resources of an account, and their permissions.

Use `Tintype` in your own CDK app (see `examples/embedding`). `python -m tintype_infra.release`
writes the template of a stand-alone stack, which can be deployed without CDK. Start reading with
`tintype_infra.construct`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tintype_infra import node as node

if TYPE_CHECKING:
    from tintype_infra.bytecode import PackageError
    from tintype_infra.construct import Tintype
    from tintype_infra.embedding import EmbeddingError
    from tintype_infra.packages import Packages

__all__ = ["EmbeddingError", "PackageError", "Packages", "Tintype"]

_PLACES = {
    "EmbeddingError": "embedding",
    "PackageError": "packages",
    "Packages": "packages",
    "Tintype": "construct",
}


def __getattr__(name: str) -> object:
    """Import lazily: importing CDK takes a second, and building packages does not need it."""
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"tintype_infra.{_PLACES[name]}"), name)
