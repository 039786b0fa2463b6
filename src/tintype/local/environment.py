"""The environment variables that MiniStack reads, set while the emulator runs and put back after.

It reads most of them when its modules are imported: one process has one emulator's settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tintype.local.state import ACCOUNT, REGION, Credentials, State
from tintype.nodes import node_folder

# Settings of the user's shell that would change what MiniStack does, or where functions call.
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


def emulator_environment(state: State, root: Credentials, gateway_port: int) -> dict[str, str]:
    """Return the variables by which MiniStack enforces IAM, keeps its state, and finds Node."""
    return {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
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
    """Set *variables*, and remove `REMOVED`, until the block ends."""
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
