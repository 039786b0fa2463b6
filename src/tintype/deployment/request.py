"""What the user wants to deploy: a checkout with its `tintype.toml` or a release, and the options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from tintype.access import AccessMode
from tintype.config import Config, ConfigError, load
from tintype.deployment.checks.findings import CheckFinding, Code, bad, good
from tintype.deployment.checks.run import check_tools
from tintype.deployment.checks.stack import check_name
from tintype.deployment.errors import DeployError, ReleaseUnreadableError, WrongParameterError
from tintype.deployment.parameters import (
    given,
    pairs,
    parameters_of,
    setting_value,
    settings_of,
    text_of,
)
from tintype.deployment.release import checkout, make_release, open_release
from tintype.deployment.stack_parameters import StackOptions, StackParameters
from tintype.releases import ACCESS, TABLES, Release, parameter_name

_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
_HOW_TO_SET = "for example --set process_memory_mib=2048; tintype.toml lists the names"


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """The options of the command line."""

    stack: str
    config: Path | None = None
    release: Path | None = None
    settings: Sequence[str] = ()  # NAME=VALUE, with names of tintype.toml
    parameters: Sequence[str] = ()  # NAME=VALUE, with names of the template
    tags: Sequence[str] = ()  # KEY=VALUE
    role: str = ""  # an ARN
    protected: bool | None = None
    public: bool = False  # mode open, whatever the settings say
    rotate: bool = False  # make a new key for private addresses


@dataclass(slots=True)
class DeployRequest:
    """What to deploy, and what is wrong with it; complete only without bad findings."""

    stack_parameters: StackParameters
    findings: list[CheckFinding] = field(default_factory=list)
    config: Config | None = None
    root: Path | None = None
    release: Release | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    options: StackOptions = field(default_factory=StackOptions)

    def complete(self) -> tuple[Release, Mapping[str, str]]:
        """Return the release, built now if necessary, and the parameters to set.

        Raises:
            ReleaseNotMadeError: a package or the page cannot be built.
            WrongParameterError: the release has no such parameter, or it does not accept the value.
        """
        if self.release is None:
            if self.root is None or self.config is None:
                message = "there is neither a checkout nor a release"
                raise ReleaseUnreadableError(message)
            self.release = make_release(self.root, self.config.path, self.settings)
            known = parameters_of({"Parameters": self.release.parameters()})
            self.parameters = given(known, {}, self.parameters, {})
        return self.release, self.parameters


def build_request(options: DeployOptions) -> DeployRequest:
    """Read what is on this machine; mistakes become findings and are not raised."""
    request = DeployRequest(StackParameters(options.stack, version("tintype")))
    request.findings += check_name(options.stack)
    try:
        request.settings = pairs(options.settings, "--set")
        request.parameters = pairs(options.parameters, "--parameter")
    except WrongParameterError as error:
        request.findings.append(bad("settings", Code.WRONG_PARAMETER, str(error), _HOW_TO_SET))
    request.options = StackOptions(
        _tags(request, options), options.role, options.protected, options.rotate
    )
    if options.role and not _ROLE.fullmatch(options.role):
        message = f"--role-arn {options.role!r} is not the ARN of a role"
        advice = "for example arn:aws:iam::123456789012:role/cloudformation"
        request.findings.append(bad("settings", Code.WRONG_PARAMETER, message, advice))
    (_of_release if options.release else _of_checkout)(request, options)
    if options.public and request.stack_parameters.text(ACCESS["mode"]):
        is_open = {ACCESS["mode"]: AccessMode.OPEN.value}
        request.parameters = {**request.parameters, **is_open}
        values = {**request.stack_parameters.values, **is_open}
        request.stack_parameters = replace(request.stack_parameters, values=values)
    request.stack_parameters = replace(request.stack_parameters, role=options.role)
    return request


def _tags(request: DeployRequest, options: DeployOptions) -> dict[str, str]:
    try:
        tags = pairs(options.tags, "--tag")
    except WrongParameterError as error:
        request.findings.append(bad("settings", Code.WRONG_PARAMETER, str(error), "--tag team=web"))
        return {}
    for key in tags:
        if key.lower().startswith("aws:"):
            message = f"--tag {key!r}: names beginning with aws: are reserved for AWS"
            advice = "choose another name"
            request.findings.append(bad("settings", Code.WRONG_PARAMETER, message, advice))
    return tags


def _of_release(request: DeployRequest, options: DeployOptions) -> None:
    try:
        release = open_release(options.release or Path())
    except DeployError as error:
        advice = "`make template` in a checkout writes one; copy the whole folder"
        request.findings.append(bad("release", Code.RELEASE_DAMAGED, str(error), advice))
        return
    known = parameters_of({"Parameters": release.parameters()})
    defaults = {name: parameter.default or "" for name, parameter in known.items()}
    try:
        chosen = given(known, request.settings, request.parameters, release.manifest.settings)
    except WrongParameterError as error:
        chosen = {}
        request.findings += [
            bad("settings", Code.WRONG_PARAMETER, line, _HOW_TO_SET)
            for line in str(error).splitlines()
        ]
    request.release, request.parameters = release, chosen
    types = tuple(sorted(release.types()))
    request.stack_parameters = StackParameters(
        options.stack, release.manifest.version, defaults | chosen, types
    )
    request.findings.append(
        good("release", f"{release.folder}, version {release.manifest.version}")
    )


def _of_checkout(request: DeployRequest, options: DeployOptions) -> None:
    try:
        request.root = checkout()
        request.findings += check_tools(request.root)
    except DeployError as error:
        advice = "or clone Tintype and run its `make deploy`"
        request.findings.append(bad("release", Code.TOOL_MISSING, str(error), advice))
    # Domain and access are matters of parameters, and do not change the release.
    said = request.settings
    apart = [name for name in said if name.partition(".")[0] in TABLES]
    tables = {parameter_name(name): text_of(setting_value(said[name])) for name in apart}
    request.settings = {name: said[name] for name in said if name not in apart}
    request.parameters = tables | dict(request.parameters)
    service = {name: setting_value(value) for name, value in request.settings.items()}
    try:
        config = load(options.config, service=service)
    except ConfigError as error:
        advice = "`tintype presets --init` writes a file that explains every setting"
        request.findings += [
            bad("settings", Code.INVALID_CONFIG, line, advice) for line in str(error).splitlines()
        ]
        return
    request.config = config
    values = settings_of(config) | dict(request.parameters)
    request.stack_parameters = StackParameters(options.stack, version("tintype"), values)
    request.findings.append(good("settings", f"{config.path} is valid"))
