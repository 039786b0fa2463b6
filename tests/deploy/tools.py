"""The programs of other people that the tests here need: where they are, or what to install."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AWS_CLI = "awscli==1.46.3"  # its docutils is not ours, so it cannot be in uv.lock
PROVIDER = "hashicorp/aws 5.100.0"
_PROVIDER_PATH = "registry.terraform.io/hashicorp/aws/5.100.0/*/terraform-provider-aws*"
# Where packages of providers are put for machines without the registry; the last two are Terraform's own.
_PROVIDER_FOLDERS = (
    Path("/opt"),
    Path("/usr/lib"),
    Path("/usr/local/lib"),
    Path("/usr/local/share"),
    Path("/usr/share"),
    Path.home() / ".terraform.d",
)
_AWS = "#!/bin/sh\nexec '{python}' -I -S '{server}' '{socket}' \"$@\"\n"
_SERVER = Path(__file__).with_name("aws_server.py")
_SERVER_SECONDS = 60.0


@cache
def aws_folder() -> Path:
    """Return a folder for the PATH with the AWS CLI in it, and nothing else, until this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="aws-cli-"))
    python, socket = _cli_python(), folder / "socket"
    # Compiled once: Python would read the CLI's sources at every start.
    compiled = {
        "PYTHONPYCACHEPREFIX": str(ROOT / ".tools" / "awscli"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    server = subprocess.Popen(  # noqa: S603 - our own program
        [python, str(_SERVER), str(socket)], env={**os.environ, **compiled}
    )
    atexit.register(_end, server, folder)
    deadline = time.monotonic() + _SERVER_SECONDS
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"{AWS_CLI} does not start")
        time.sleep(0.05)
    aws = folder / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(_AWS.format(python=python, server=_SERVER, socket=socket))
    aws.chmod(0o755)
    return aws.parent


def _end(server: subprocess.Popen[bytes], folder: Path) -> None:
    server.terminate()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _cli_python() -> Path:
    uv = ROOT / ".tools" / "bin" / "uv"
    found = str(uv) if uv.is_file() else shutil.which("uv")
    if not found:
        pytest.fail("uv is missing, which installs the AWS CLI: make .tools/bin/uv")
    wanted = "import sys; print(sys.executable)"
    command = [found, "tool", "run", "--from", AWS_CLI, "python", "-c", wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        pytest.fail(f"uv cannot install {AWS_CLI}:\n{done.stderr}")
    return Path(done.stdout.strip())


def shellcheck() -> str:
    """Return the path of ShellCheck."""
    return shutil.which("shellcheck") or pytest.fail("apt-get install shellcheck")


def terraform() -> str:
    """Return the path of Terraform."""
    return shutil.which("terraform") or pytest.fail(
        "Terraform is missing: https://developer.hashicorp.com/terraform/install, or set "
        "TINTYPE_SKIP_TERRAFORM=1"
    )


def provider_folder() -> Path:
    """Return what `terraform init` is given as `-plugin-dir`: the folder that has the AWS provider."""
    for folder in _PROVIDER_FOLDERS:
        for below in ("", "*/", "*/*/"):
            for found in folder.glob(below + _PROVIDER_PATH):
                return found.parents[5]
    pytest.fail(
        f"Terraform's provider {PROVIDER} is not on this machine: `terraform providers mirror "
        f"/opt/terraform-plugins` in terraform/ fetches it, or set TINTYPE_SKIP_TERRAFORM=1"
    )
