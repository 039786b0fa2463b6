"""The template's parameters: which there are, what they may be, and how settings become them."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from math import inf
from typing import Any

from tintype.config import Config
from tintype.deployment.errors import WrongParameterError
from tintype.releases import DOMAIN, parameter_name


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a template; *default* is None where it must be given."""

    name: str
    default: str | None
    constraint: str = ""
    lowest: float | None = None
    highest: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    is_number: bool = False
    is_list: bool = False

    def objection(self, value: str) -> str:
        """Return why CloudFormation would not take a value, or nothing.

        >>> known = Parameter("MaxTries", "3", "a whole number from 1 to 10", 1, 10, is_number=True)
        >>> known.objection("12"), known.objection("7")
        ('"12" is not allowed; a whole number from 1 to 10', '')
        """
        if self._takes(value):
            return ""
        return f'"{value}" is not allowed; {self.constraint}'.rstrip("; ")

    def _takes(self, value: str) -> bool:
        if self.is_number:
            if not _NUMBER.fullmatch(value):
                return False
            low, high = (self.lowest or 0.0), (inf if self.highest is None else self.highest)
            if not low <= float(value) <= high:
                return False
        if self.allowed and value not in self.allowed:
            return False
        members = value.split(",") if self.is_list else [value]
        return not self.pattern or all(re.fullmatch(self.pattern, each) for each in members)


_NUMBER = re.compile(r"\d+(\.\d+)?")


def parameters_of(template: Mapping[str, Any]) -> dict[str, Parameter]:
    """Return a template's parameters by name."""
    return {name: _parameter(name, said) for name, said in template.get("Parameters", {}).items()}


def _parameter(name: str, said: Mapping[str, Any]) -> Parameter:
    default = said.get("Default")
    return Parameter(
        name,
        None if default is None else str(default),
        said.get("ConstraintDescription", ""),
        said.get("MinValue"),
        said.get("MaxValue"),
        tuple(map(str, said.get("AllowedValues", ()))),
        said.get("AllowedPattern", ""),
        is_number=said.get("Type") == "Number",
        is_list="List" in said.get("Type", ""),
    )


def pairs(said: Iterable[str], option: str) -> dict[str, str]:
    """Return what `NAME=VALUE` options say, the last of a name.

    Raises:
        WrongParameterError: one has no `=`.
    """
    found = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not equals or not name:
            message = f"{option} {text!r} is not NAME=VALUE"
            raise WrongParameterError(message)
        found[name.strip()] = value
    return found


def setting_value(text: str) -> object:
    """Return a setting's value as `tintype.toml` would have it; what is not TOML is text.

    >>> setting_value("5"), setting_value("x86_64"), setting_value('["https://a.example"]')
    (5, 'x86_64', ['https://a.example'])
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def setting_name(parameter: str) -> str:
    """Return what a parameter is called in `tintype.toml`.

    >>> setting_name("DevelopMemoryMib"), setting_name("HostedZone")
    ('develop_memory_mib', 'domain.hosted_zone')
    """
    for name, known in DOMAIN.items():
        if known == parameter:
            return f"domain.{name}"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).lower()


def text_of(value: object) -> str:
    """Return a setting's value as a parameter has it.

    >>> text_of(None), text_of(3008), text_of(("https://a", "https://b")), text_of(True)
    ('', '3008', 'https://a,https://b', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        return ",".join(map(text_of, value))
    return str(value.value) if isinstance(value, Enum) else str(value)


def settings_of(config: Config) -> dict[str, str]:
    """Return what a configuration makes of the parameters, before there is a template."""
    service = {
        parameter_name(field.name): text_of(getattr(config.service, field.name))
        for field in fields(config.service)
    }
    domain = {DOMAIN[name]: text_of(getattr(config.domain, name)) for name in DOMAIN}
    return service | domain


def given(
    known: Mapping[str, Parameter],
    settings: Mapping[str, str],
    parameters: Mapping[str, str],
    fixed: Mapping[str, object],
) -> dict[str, str]:
    """Return the parameters that `--set` and `--parameter` ask for; all mistakes are told at once.

    *fixed* are the release's settings that no parameter changes.

    Raises:
        WrongParameterError: there is no such setting or parameter, or it may not have that value.
    """
    wanted, mistakes = {}, []
    for setting, value in settings.items():
        name = parameter_name(setting)
        bare = setting.rpartition(".")[2]
        if name in known:
            wanted[name] = text_of(setting_value(value))
        elif bare not in fixed:
            mistakes.append(f"{setting}: {_unknown(setting, [setting_name(one) for one in known])}")
        elif text_of(fixed[bare]) != value:
            said = text_of(fixed[bare])
            mistakes.append(
                f"{setting}: is {said} in this release; only another release changes it"
            )
    for name, value in parameters.items():
        if name in known:
            wanted[name] = value
        else:
            mistakes.append(f"{name}: {_unknown(name, list(known))}")
    mistakes += objections(known, wanted)
    if mistakes:
        raise WrongParameterError("\n".join(mistakes))
    return wanted


def objections(known: Mapping[str, Parameter], wanted: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the values, one sentence each."""
    said = ((name, known[name].objection(value)) for name, value in wanted.items())
    return [f"{setting_name(name)}: {objection}" for name, objection in said if objection]


def _unknown(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return "this release has no such setting" + (f"; did you mean {near[0]}?" if near else "")
