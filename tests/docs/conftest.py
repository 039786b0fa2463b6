"""The built documentation, and a place to type what it says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud.running import RunningCloud, running_cloud
from tests.docs.markdown import DOCS, ROOT
from tests.docs.site import Site, read


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build the documentation; a warning is an error."""
    out = tmp_path_factory.mktemp("site")
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html", str(DOCS), str(out)]
    done = subprocess.run(  # noqa: S603 - our own documentation
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return read(out)


@pytest.fixture(scope="session")
def cloud(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """Run `tintype up`, as the pages tell their readers to."""
    state: Path = tmp_path_factory.mktemp("cloud")
    with running_cloud(state, deployed=deployed_state) as running:
        yield running
