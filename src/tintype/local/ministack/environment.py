"""The environment variables that MiniStack reads, set while the emulator runs and restored after.

It reads most of them when its modules are imported, so a process has one emulator's settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tintype.aws.signing import Credentials
from tintype.local.state import ACCOUNT, REGION, StateFolder
from tintype.node import node_folder

# Variables of the user's shell that would affect MiniStack, or the endpoints of functions.
REMOVED = (
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "EDGE_PORT",
    "LAMBDA_KEEPALIVE_MS",
    "LOCALSTACK_HOSTNAME",
    "LOCALSTACK_PERSISTENCE",
    "MINISTACK_HOST",
    "SERVICES",
    "USE_SSL",
)


def emulator_environment(
    state: StateFolder, root: Credentials, gateway_port: int
) -> dict[str, str]:
    """Return the variables that make MiniStack enforce IAM, persist its state, and find Node."""
    return {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": root.access_key,
        "AWS_SECRET_ACCESS_KEY": root.secret_key,
        "DOCKER_HOST": "unix:///nonexistent",
        "GATEWAY_PORT": str(gateway_port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "PATH": os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)]),
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(state.objects),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state.emulator),
    }


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set *variables*, and unset `REMOVED`, during the block."""
    before = dict(os.environ)
    for name in REMOVED:
        os.environ.pop(name, None)
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in {*REMOVED, *variables}:
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]
