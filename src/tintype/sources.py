"""Find the sources of a release: in a checkout, or in a wheel built by `make dist`.

The wheel contains them in `tintype_infra/project`: the lock file, the licence, and the built page.
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
    """Return the folder with `uv.lock`, `pyproject.toml` and the licence, or None if there is none."""
    return next((path for path in (CARRIED, _CHECKOUT) if (path / "uv.lock").is_file()), None)


def workshop() -> Path:
    """Return the folder for build results: the checkout's, or the user's cache."""
    if (_CHECKOUT / "uv.lock").is_file():
        return _CHECKOUT / ".tools"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tintype"


def release_folder() -> Path:
    """Return the folder of the release that `tintype deploy` builds."""
    checkout = (_CHECKOUT / "uv.lock").is_file()
    return _CHECKOUT / "dist" / "release" if checkout else workshop() / "release"
