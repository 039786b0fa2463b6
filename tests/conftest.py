"""How the tests run: hypothesis takes its time on a busy machine, and the same examples each run."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("tintype", deadline=None, derandomize=True)
settings.load_profile("tintype")
