"""The AWS CLI in a process that forks for each call, since more than half of a call's time is its imports.

`python aws_server.py SOCKET` serves, with the Python that the CLI is installed for; `python
aws_server.py SOCKET ARGUMENTS...` is `aws ARGUMENTS...`, with the files, the folder and the environment
of whoever calls it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback

FILES = 3  # input, output, errors


def call(path: str, arguments: list[str]) -> int:
    """Have one call made, and return its exit status."""
    request = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109 - as it starts at every call
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [b"!"], list(range(FILES)))
        server.sendall(json.dumps(request).encode())
        server.shutdown(socket.SHUT_WR)
        response = server.recv(1)
    return response[0] if response else 1


def serve(path: str) -> None:
    """Make calls until the process is ended."""
    import awscli.clidriver  # type: ignore[import-not-found]  # noqa: PLC0415, F401 - what takes the time

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            caller, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _run(caller)
            caller.close()


def _run(caller: socket.socket) -> None:
    import awscli.clidriver  # noqa: PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(caller, 1, FILES)
    for number, file in enumerate(files):
        os.dup2(file, number)
    request = json.loads(b"".join(iter(lambda: caller.recv(65_536), b"")))
    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # which the CLI sets when it is imported
    os.environ.clear()
    os.environ.update({**request["environment"], **own})
    os.chdir(request["folder"])
    sys.argv = ["aws", *request["arguments"]]
    status = 255
    try:
        status = awscli.clidriver.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - this process ends here, and nobody else would tell
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.sendall(bytes([status & 255]))
        os._exit(0)


if __name__ == "__main__":
    _, where, *given = sys.argv
    if given:
        sys.exit(call(where, given))
    serve(where)
