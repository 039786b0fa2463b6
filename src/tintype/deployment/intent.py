"""What the user wants deployed: a checkout's `tintype.toml` or a release, and the options' settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from tintype.config import Config, ConfigError, load
from tintype.deployment.checks import check_tools
from tintype.deployment.errors import DeployError, ReleaseUnreadableError, WrongParameterError
from tintype.deployment.findings import Code, Finding, bad, good
from tintype.deployment.making import checkout, make_release, open_release
from tintype.deployment.parameters import (
    given,
    pairs,
    parameters_of,
    setting_value,
    settings_of,
)
from tintype.deployment.stack_checks import check_name
from tintype.deployment.wanted import StackOptions, Wanted
from tintype.releases import Release, parameter_name

_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
_HOW_TO_SET = "`--set develop_memory_mib=2048`; README and tintype.toml have the names"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    stack: str
    config: Path | None = None
    release: Path | None = None
    settings: Sequence[str] = ()  # NAME=VALUE, by their names in tintype.toml
    parameters: Sequence[str] = ()  # NAME=VALUE, by their names in the template
    tags: Sequence[str] = ()  # KEY=VALUE
    role: str = ""  # an ARN
    protected: bool | None = None


@dataclass(slots=True)
class Intent:
    """What is to be deployed, and what is wrong with it; complete only without bad findings."""

    wanted: Wanted
    findings: list[Finding] = field(default_factory=list)
    config: Config | None = None
    root: Path | None = None
    release: Release | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    options: StackOptions = field(default_factory=StackOptions)

    def complete(self) -> tuple[Release, Mapping[str, str]]:
        """Return the release, made now where there is none yet, and the parameters to be given.

        Raises:
            ReleaseNotMadeError: a package or the page cannot be built.
            WrongParameterError: the release has no such parameter, or it may not have that value.
        """
        if self.release is None:
            if self.root is None or self.config is None:
                message = "there is neither a checkout nor a release"
                raise ReleaseUnreadableError(message)
            self.release = make_release(self.root, self.config.path, self.settings)
            known = parameters_of({"Parameters": self.release.parameters()})
            self.parameters = given(known, {}, self.parameters, {})
        return self.release, self.parameters


def understand(asked: Asked) -> Intent:
    """Read all that is on this machine; what is wrong with it is found, not raised."""
    intent = Intent(Wanted(asked.stack, version("tintype")))
    intent.findings += check_name(asked.stack)
    try:
        intent.settings = pairs(asked.settings, "--set")
        intent.parameters = pairs(asked.parameters, "--parameter")
    except WrongParameterError as error:
        intent.findings.append(bad("settings", Code.WRONG_PARAMETER, str(error), _HOW_TO_SET))
    intent.options = StackOptions(_tags(intent, asked), asked.role, asked.protected)
    if asked.role and not _ROLE.fullmatch(asked.role):
        message = f"--role-arn {asked.role!r} is not the ARN of a role"
        advice = "for example arn:aws:iam::123456789012:role/cloudformation"
        intent.findings.append(bad("settings", Code.WRONG_PARAMETER, message, advice))
    (_of_release if asked.release else _of_checkout)(intent, asked)
    intent.wanted = replace(intent.wanted, role=asked.role)
    return intent


def _tags(intent: Intent, asked: Asked) -> dict[str, str]:
    try:
        tags = pairs(asked.tags, "--tag")
    except WrongParameterError as error:
        intent.findings.append(bad("settings", Code.WRONG_PARAMETER, str(error), "--tag team=web"))
        return {}
    for key in tags:
        if key.lower().startswith("aws:"):
            message = f"--tag {key!r}: names that begin with aws: are AWS's own"
            advice = "choose another name"
            intent.findings.append(bad("settings", Code.WRONG_PARAMETER, message, advice))
    return tags


def _of_release(intent: Intent, asked: Asked) -> None:
    try:
        release = open_release(asked.release or Path())
    except DeployError as error:
        advice = "`make template` in a checkout writes one; copy all of it"
        intent.findings.append(bad("release", Code.RELEASE_DAMAGED, str(error), advice))
        return
    known = parameters_of({"Parameters": release.parameters()})
    defaults = {name: parameter.default or "" for name, parameter in known.items()}
    try:
        chosen = given(known, intent.settings, intent.parameters, release.manifest.settings)
    except WrongParameterError as error:
        chosen = {}
        intent.findings += [
            bad("settings", Code.WRONG_PARAMETER, line, _HOW_TO_SET)
            for line in str(error).splitlines()
        ]
    intent.release, intent.parameters = release, chosen
    types = tuple(sorted(release.types()))
    intent.wanted = Wanted(asked.stack, release.manifest.version, defaults | chosen, types)
    intent.findings.append(good("release", f"{release.folder}, version {release.manifest.version}"))


def _of_checkout(intent: Intent, asked: Asked) -> None:
    try:
        intent.root = checkout()
        intent.findings += check_tools(intent.root)
    except DeployError as error:
        advice = "or clone Tintype and run its `make deploy`"
        intent.findings.append(bad("release", Code.TOOL_MISSING, str(error), advice))
    # A domain is the template's parameters; a release made for it alone would be no other one.
    said = intent.settings
    domain = {parameter_name(name): said[name] for name in said if name.startswith("domain.")}
    intent.settings = {name: said[name] for name in said if not name.startswith("domain.")}
    intent.parameters = domain | dict(intent.parameters)
    service = {name: setting_value(value) for name, value in intent.settings.items()}
    try:
        config = load(asked.config, service=service)
    except ConfigError as error:
        advice = "`tintype presets --init` writes a file that explains every setting"
        intent.findings += [
            bad("settings", Code.INVALID_CONFIG, line, advice) for line in str(error).splitlines()
        ]
        return
    intent.config = config
    values = settings_of(config) | dict(intent.parameters)
    intent.wanted = Wanted(asked.stack, version("tintype"), values)
    intent.findings.append(good("settings", f"{config.path}, without mistakes"))
