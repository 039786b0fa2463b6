"""Where the things are that a release is made of: in a checkout, or in a wheel of `make dist`.

The wheel carries them in `tintype_infra/project`: what is locked, the licence, and the built page.
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parent
INFRA = PACKAGE.with_name("tintype_infra")
CARRIED = INFRA / "project"
PAGE = CARRIED / "page"  # the built page, in a wheel only
_CHECKOUT = PACKAGE.parents[1]


def project() -> Path | None:
    """Return the folder with `uv.lock`, `pyproject.toml` and the licence; none in other installations."""
    return next((path for path in (CARRIED, _CHECKOUT) if (path / "uv.lock").is_file()), None)


def workshop() -> Path:
    """Return the folder where what is made is kept: the checkout's, or the user's own."""
    if (_CHECKOUT / "uv.lock").is_file():
        return _CHECKOUT / ".tools"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tintype"


def release_folder() -> Path:
    """Return the folder of the release that `tintype deploy` makes."""
    checkout = (_CHECKOUT / "uv.lock").is_file()
    return _CHECKOUT / "dist" / "release" if checkout else workshop() / "release"
