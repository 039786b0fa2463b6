"""Tintype as AWS CDK constructs: what is in an account, and who may do what.

`Tintype` is for an app of one's own: `examples/embedding` has one. `python -m tintype_infra.release`
writes the template of a stack of its own, which needs no CDK to be deployed. To read on, start with
`tintype_infra.construct`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tintype_infra import node as node

if TYPE_CHECKING:
    from tintype_infra.bytecode import PackageError as PackageError
    from tintype_infra.construct import Tintype as Tintype
    from tintype_infra.embedding import EmbeddingError as EmbeddingError
    from tintype_infra.packages import Packages as Packages

_PLACES = {
    "EmbeddingError": "embedding",
    "PackageError": "packages",
    "Packages": "packages",
    "Tintype": "construct",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: CDK takes a second, and building packages does without it."""
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"tintype_infra.{_PLACES[name]}"), name)
