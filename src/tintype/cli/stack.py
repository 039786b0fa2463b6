"""Find the stack for a command: the running local cloud, one on AWS, or an API address.

Start with `find`. If a file or an option determines the stack, AWS is neither loaded nor called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tintype.aws.account import Account
from tintype.aws.cloudformation import stack_outputs
from tintype.aws.errors import NoCredentialsError, NoRegionError, NoStackError, ServiceError
from tintype.cli.errors import LocalCloudStoppedError, NoStackHereError, StackIncompleteError
from tintype.cli.login.credential import credential_for
from tintype.cli.output.console import Screen
from tintype.outputs import Output

if TYPE_CHECKING:
    from tintype.client.api import Api

DEFAULT_NAME = "tintype"
LOCAL_NAME = "local"
LOCAL_FOLDER = ".tintype"
_MISSING_ON_AWS: Mapping[type[ServiceError], str] = {
    NoRegionError: "no AWS region is set",
    NoCredentialsError: "no AWS credentials were found",
    NoStackError: f'the AWS account has no stack "{DEFAULT_NAME}" in this region',
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed Tintype; *account* is None if only the API's address is known."""

    name: str
    outputs: Mapping[str, str]
    account: Account | None = None

    @property
    def title(self) -> str:
        """The display name."""
        if self.account is None:
            return self.name
        if self.name == LOCAL_NAME:
            return "the local cloud"
        return f"stack {self.name} in {self.account.region}"

    def output(self, name: Output) -> str:
        """Return an output of the template.

        Raises:
            StackIncompleteError: the stack lacks it.
        """
        try:
            return self.outputs[name]
        except KeyError as error:
            message = (
                f"{self.title} has no output {name}; it is not a Tintype stack, or an older one"
            )
            raise StackIncompleteError(message) from error

    def api(self) -> Api:
        """Return its API, a context manager, called with `TINTYPE_API_KEY` or the stored sign-in.

        Raises:
            MalformedApiKeyError: the variable is set, but not to an API key.
            InsecureAddressError: there is a key, and the API's address is not encrypted.
        """
        from tintype.client.api import Api  # noqa: PLC0415 - httpx takes 0.2 s to load

        url = self.output(Output.API_URL)
        return Api(url, credential_for(url))


def find(
    screen: Screen,
    name: str | None = None,
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint: str | None = None,
) -> Stack:
    """Return the selected stack.

    An *endpoint* is used as is. A *name*, a *profile* or a *region* selects AWS, except the name
    "local". Without any, it is the running local cloud of this folder or a folder above it, else the
    stack "tintype" on AWS, with a remark if a local cloud was expected.

    Raises:
        LocalCloudStoppedError: the name is "local", but it is not running.
        NoStackHereError: no stack is named, and there is neither a local nor a default one.
        ServiceError: the stack does not exist on AWS, or AWS failed.
    """
    if endpoint:
        return Stack(endpoint, {Output.API_URL: endpoint})
    if name == LOCAL_NAME:
        running = _running()
        if running is None:
            message = "no local cloud is running in this folder; start one with: tintype up"
            raise LocalCloudStoppedError(message)
        return running
    if name or profile or region:
        return _on_aws(name or DEFAULT_NAME, profile, region)
    running = _running()
    if running is None and local_folder():
        screen.remark("This folder's local cloud is not running; using stack tintype on AWS.")
    return running or _default_on_aws()


def _running() -> Stack | None:
    """Return the running local cloud, or None."""
    folder = local_folder()
    if folder is None:
        return None
    from tintype.local.state import find_address  # noqa: PLC0415 - not on every system, as the file is not

    found = find_address(folder)
    if found is None:
        return None
    account = Account(found.region, found.endpoint, lambda: found.credentials)
    return Stack(LOCAL_NAME, found.outputs, account)


def local_folder() -> Path | None:
    """Return the nearest `.tintype` with an address, in this folder or above.

    `tintype up` writes the address when it starts and removes it when it stops, unless it crashes.
    """
    here = Path.cwd()
    folders = (folder / LOCAL_FOLDER for folder in (here, *here.parents))
    return next((folder for folder in folders if (folder / "local.json").is_file()), None)


def _default_on_aws() -> Stack:
    """Return the default stack on AWS, if no stack is named and no local cloud is running."""
    try:
        return _on_aws(DEFAULT_NAME, None, None)
    except (NoRegionError, NoCredentialsError, NoStackError) as error:
        message = (
            f"no local cloud is running (looked for {LOCAL_FOLDER}/ in this folder and above), and "
            f"{_MISSING_ON_AWS[type(error)]}. Change to the folder where `tintype up` runs, or "
            "pass --stack and --region, or --endpoint"
        )
        raise NoStackHereError(message) from error


def _on_aws(name: str, profile: str | None, region: str | None) -> Stack:
    from tintype.aws.sdk import open_clients  # noqa: PLC0415 - loads AWS's SDK

    account = open_clients(profile, region).account()
    return Stack(name, stack_outputs(account, name), account)
