"""Which stack a command means: the local cloud that runs here, one on AWS, or an address alone.

Start with `find`. Nothing of AWS is loaded, and nobody is asked, where a file or an option says it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tintype.aws.account import Account
from tintype.aws.errors import NoCredentialsError, NoRegionError, NoStackError, ServiceError
from tintype.aws.signing import Credentials
from tintype.cli.errors import LocalCloudStoppedError, NoStackHereError, StackIncompleteError

if TYPE_CHECKING:
    from tintype.cli.client import Api

DEFAULT_NAME = "tintype"
LOCAL_NAME = "local"
LOCAL_FOLDER = ".tintype"
_MISSING_ON_AWS: Mapping[type[ServiceError], str] = {
    NoRegionError: "no AWS region is set either",
    NoCredentialsError: "there are no AWS credentials either",
    NoStackError: f'the AWS account has no stack "{DEFAULT_NAME}" in its region either',
}


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed Tintype; *account* is None where only the API's address is known."""

    name: str
    outputs: Mapping[str, str]
    account: Account | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        if self.account is None:
            return self.name
        if self.name == LOCAL_NAME:
            return "the local cloud"
        return f"stack {self.name} in {self.account.region}"

    def output(self, name: str) -> str:
        """Return an output of the template.

        Raises:
            StackIncompleteError: there is none of that name.
        """
        try:
            return self.outputs[name]
        except KeyError as error:
            message = (
                f"{self.title} has no output {name}; is it a Tintype, deployed with this version?"
            )
            raise StackIncompleteError(message) from error

    def api(self) -> Api:
        """Return its API, to be used in a `with`."""
        from tintype.cli.client import Api  # noqa: PLC0415 - httpx takes 0.2 s to load

        return Api(self.output("ApiUrl"))


def find(
    name: str | None = None,
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint: str | None = None,
    say: Callable[[str], None] = lambda _remark: None,
) -> Stack:
    """Return the stack that is meant.

    An *endpoint* says it all. A *name*, a *profile* or a *region* means AWS, but for the name "local".
    With none of them it is the local cloud of this folder or of one above it, if it runs, else the
    stack "tintype" on AWS; *say* is told where a local cloud was expected.

    Raises:
        LocalCloudStoppedError: the name is "local", and it does not run.
        NoStackHereError: nothing is named, and there is no stack in either place.
        ServiceError: AWS has no such stack, or cannot be asked.
    """
    if endpoint:
        return Stack(endpoint, {"ApiUrl": endpoint})
    if name == LOCAL_NAME:
        running = _running()
        if running is None:
            message = "no local cloud runs in this folder; start it with: tintype up"
            raise LocalCloudStoppedError(message)
        return running
    if name or profile or region:
        return _on_aws(name or DEFAULT_NAME, profile, region)
    running = _running()
    if running is None and local_folder():
        say("The local cloud of this folder is not running; taking stack tintype on AWS.")
    return running or _default_on_aws()


def _running() -> Stack | None:
    """Return the local cloud, if there is one and it runs."""
    folder = local_folder()
    if folder is None:
        return None
    from tintype.local.state import find_address  # noqa: PLC0415 - not on every system, as the file is not

    found = find_address(folder)
    if found is None:
        return None
    key = Credentials(found.credentials.access_key_id, found.credentials.secret_access_key)
    return Stack(LOCAL_NAME, found.outputs, Account(found.region, found.endpoint, lambda: key))


def local_folder() -> Path | None:
    """Return the nearest `.tintype` with an address, here or above: photographs lie below it.

    `tintype up` writes the address when it starts and removes it when it stops, unless it crashes.
    """
    here = Path.cwd()
    folders = (folder / LOCAL_FOLDER for folder in (here, *here.parents))
    return next((folder for folder in folders if (folder / "local.json").is_file()), None)


def _default_on_aws() -> Stack:
    """Return the stack that is meant where nothing is said and no local cloud runs."""
    try:
        return _on_aws(DEFAULT_NAME, None, None)
    except (NoRegionError, NoCredentialsError, NoStackError) as error:
        message = (
            f"no local cloud runs here (looked for {LOCAL_FOLDER}/ in this folder and above), and "
            f"{_MISSING_ON_AWS[type(error)]}. Change to the folder in which `tintype up` runs, or "
            "pass --stack and --region, or --endpoint"
        )
        raise NoStackHereError(message) from error


def _on_aws(name: str, profile: str | None, region: str | None) -> Stack:
    from tintype.aws.session import open_account, stack_outputs  # noqa: PLC0415 - loads botocore

    account = open_account(profile, region=region)
    return Stack(name, stack_outputs(account, name), account)
