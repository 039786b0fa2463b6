"""`LocalCloud`: starts and deploys everything within a `with` block."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tintype.access import AccessMode, Scope
from tintype.aws.account import Account
from tintype.aws.s3 import Bucket
from tintype.aws.sdk import clients_of
from tintype.config import load
from tintype.config.service import ANY_ORIGIN
from tintype.local.asgi import App, Middleware
from tintype.local.deploy import Report, deploy
from tintype.local.edge import Edge
from tintype.local.errors import NotStartedError, PageNotBuiltError, SynthesisError
from tintype.local.front_door import front_door, over_tls
from tintype.local.hosts import with_known_hosts
from tintype.local.ministack.emulator import Emulator, Ports
from tintype.local.ministack.isolation import LineSink
from tintype.local.ports import HOST, check_free, free_port
from tintype.local.signed_headers import with_signed_headers
from tintype.local.state import REGION, LocalAddress, StateFolder
from tintype.local.synthesis import project_root, synthesise
from tintype.outputs import Output
from tintype.releases import ACCESS, Release, ReleaseError, read_release
from tintype.site.building import SiteBuildError, page
from tintype.site.publishing import config, publish

ORIGINALS_READABLE = "OriginalsReadable"  # a parameter
CORS_ORIGINS = "CorsOrigins"  # a parameter
EVERY_SCOPE = ",".join(Scope)


HTTP_API = re.compile(r"https?://([a-z0-9]+)\.execute-api\.[a-z0-9.:-]+")


def _say_nothing(_step: str, /, *, detail: bool = False) -> None:
    pass


def _drop(_function: str, _line: str) -> None:
    pass


class LocalCloud:
    """The stack on this machine; `outputs` are the stack's, with this machine's URLs.

    *release* is a release folder to deploy instead of the project's own. *access* is who can use it:
    everyone for everything, or people who sign in at the emulator's sign-in page. *hosts* are additional
    host names to accept. *middleware* wraps MiniStack's ASGI application, the first one outermost.
    *sink* is called with each log line of a function and the function's name, *report* with each
    step.
    """

    def __init__(
        self,
        state: Path,
        *,
        port: int = 8080,
        gateway_port: int = 4566,
        config: Path | None = None,
        release: Path | None = None,
        access: AccessMode = AccessMode.OPEN,
        hosts: Sequence[str] = (),
        middleware: Sequence[Middleware] = (),
        sink: LineSink = _drop,
        report: Report = _say_nothing,
    ) -> None:
        self.state = StateFolder(state.resolve())
        self.ports = Ports(gateway=gateway_port or free_port(), door=port or free_port())
        self.outputs: dict[str, str] = {}
        self._config, self._release, self._access = config, release, access
        self._middleware, self._sink, self._report = middleware, sink, report
        self._hosts, self._edge = hosts, Edge()
        self._emulator: Emulator | None = None
        self._cleanup = contextlib.ExitStack()

    @property
    def endpoint(self) -> str:
        """The endpoint for AWS SDKs."""
        return f"http://{HOST}:{self.ports.gateway}"

    @property
    def public_url(self) -> str:
        """The front door's URL."""
        return f"http://localhost:{self.ports.door}"

    @property
    def account(self) -> Account:
        """The emulator's account, used with all permissions."""
        key = self.state.root_credentials()
        return Account(REGION, self.endpoint, lambda: key)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the emulator and deploy the stack; returns when everything responds.

        Raises:
            LocalCloudError: it failed; nothing is left running.
        """
        with self._cleanup:
            self._start()
            self._cleanup = self._cleanup.pop_all()

    def stop(self) -> None:
        """Save the state and stop everything."""
        self._cleanup.close()

    def check_running(self) -> None:
        """Check that the emulator is still running.

        Raises:
            NotStartedError: it stopped unexpectedly.
        """
        if self._emulator is None or not self._emulator.is_running:
            message = f"the emulator stopped unexpectedly; see {self.state.log}"
            raise NotStartedError(message)

    def _start(self) -> None:
        self._cleanup.enter_context(self.state.lock())
        self.state.retract()  # left by a crash
        check_free(self.ports.gateway, "--gateway-port")
        check_free(self.ports.door, "--port", localhost=True)
        self.state.move_to(self.ports.gateway)
        self._report("starting the emulator")
        self._emulator = Emulator(self.state, self.ports, wrap=self._wrap, sink=self._sink)
        self._emulator.start()
        self._cleanup.callback(self._emulator.stop)
        self._cleanup.callback(self._edge.connect())
        self._report("synthesising the template")
        folder = self._release or synthesise(self.state, self._config)
        self._report("deploying the stack")
        self.outputs = self._deploy(folder)
        self._publish_page()
        self._emulator.save()
        self.state.announce(self._address())
        self._cleanup.callback(self.state.retract)

    def _deploy(self, folder: Path) -> dict[str, str]:
        sources = f"{self.endpoint} {self.public_url} {self.public_url.replace('http', 'ws', 1)}"
        release = _read(folder)
        parameters = {"PublicUrl": self.public_url, "PageSources": sources}
        if ACCESS["mode"] in release.parameters():
            # Everyone may do everything, since it only listens on this machine.
            parameters |= {ACCESS["mode"]: self._access.value, ACCESS["anyone"]: EVERY_SCOPE}
        if CORS_ORIGINS in release.parameters():
            # The front door checks origins: this machine's pages have many names and ports.
            parameters[CORS_ORIGINS] = ANY_ORIGIN
        if ORIGINALS_READABLE in release.parameters():
            # Its users have the files anyway, since it only listens on this machine.
            parameters[ORIGINALS_READABLE] = "true"
        clients = clients_of(self.account)
        deployed = deploy(clients, release, self.state, parameters, self._report)
        return {
            **deployed,
            **self._local_addresses(deployed),
        }

    def _publish_page(self) -> None:
        """Publish the page to its bucket, if the stack has one."""
        if Output.SITE_BUCKET not in self.outputs:
            return
        try:
            folder = page(project_root(), self._report)
        except SiteBuildError as error:
            raise PageNotBuiltError(str(error)) from error
        known = config(self.outputs, max_bytes=load(self._config).limits.max_bytes)
        publish(folder, Bucket(self.account, self.outputs[Output.SITE_BUCKET]), known)

    def _local_addresses(self, outputs: Mapping[str, str]) -> dict[str, str]:
        http_api = outputs.get(Output.HTTP_API_URL, "")
        addresses = {
            Output.API_URL: f"{self.public_url}/api",
            Output.CDN_URL: self.public_url,
            # Not every system resolves MiniStack's names below localhost.
            Output.HTTP_API_URL: HTTP_API.sub(
                f"{self.endpoint}/_aws/execute-api/\\1/$default", http_api
            ),
            Output.GRAPHQL_URL: f"{self.public_url}/graphql",
            Output.GRAPHQL_REALTIME_URL: f"ws://localhost:{self.ports.door}/graphql/realtime",
        }
        if outputs.get(Output.SIGN_IN_URL):
            addresses[Output.SIGN_IN_URL] = self.endpoint
        return {name: address for name, address in addresses.items() if name in outputs}

    def _address(self) -> LocalAddress:
        return LocalAddress(
            pid=os.getpid(),
            endpoint=self.endpoint,
            public_url=self.public_url,
            region=REGION,
            credentials=self.state.root_credentials(),
            outputs=self.outputs,
        )

    def _wrap(self, app: App) -> App:
        for middleware in reversed(self._middleware):
            app = middleware(app)
        door = front_door(
            over_tls(with_signed_headers(app)),
            port=self.ports.door,
            domain=lambda: self.outputs.get(Output.DISTRIBUTION_DOMAIN),
            compresses=self._edge.compresses,
        )
        origins = load(self._config).service.cors_origins
        return with_known_hosts(door, names=self._hosts, origins=origins)


def _read(folder: Path) -> Release:
    try:
        return read_release(folder)
    except ReleaseError as error:
        raise SynthesisError(str(error)) from error
