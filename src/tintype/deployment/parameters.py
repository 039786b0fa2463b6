"""The template's parameters, the values that they accept, and how settings become parameters."""

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
from tintype.releases import TABLES, parameter_name


@dataclass(frozen=True, slots=True)
class TemplateParameter:
    """One parameter of a template; *default* is None if it must be given."""

    default: str | None
    constraint: str = ""
    lowest: float | None = None
    highest: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    is_number: bool = False
    is_list: bool = False

    def objection(self, value: str) -> str:
        """Return why CloudFormation would refuse a value, or nothing.

        >>> known = TemplateParameter("3", "a whole number from 1 to 10", 1, 10, is_number=True)
        >>> known.objection("12"), known.objection("7")
        ('"12" is not allowed; a whole number from 1 to 10', '')
        """
        if self._accepts(value):
            return ""
        return f'"{value}" is not allowed; {self.constraint}'.rstrip("; ")

    def _accepts(self, value: str) -> bool:
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


def parameters_of(template: Mapping[str, Any]) -> dict[str, TemplateParameter]:
    """Return a template's parameters by name."""
    return {name: _parameter(texts) for name, texts in template.get("Parameters", {}).items()}


def _parameter(texts: Mapping[str, Any]) -> TemplateParameter:
    default = texts.get("Default")
    return TemplateParameter(
        None if default is None else str(default),
        texts.get("ConstraintDescription", ""),
        texts.get("MinValue"),
        texts.get("MaxValue"),
        tuple(map(str, texts.get("AllowedValues", ()))),
        texts.get("AllowedPattern", ""),
        is_number=texts.get("Type") == "Number",
        is_list="List" in texts.get("Type", ""),
    )


def pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """Return the values of `NAME=VALUE` options; the last of a name counts.

    Raises:
        WrongParameterError: an option has no `=`.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            message = f"{option} {text!r} is not NAME=VALUE"
            raise WrongParameterError(message)
        found[name.strip()] = value
    return found


def setting_value(text: str) -> object:
    """Return a setting's value as in `tintype.toml`; what is not TOML is text.

    >>> setting_value("5"), setting_value("x86_64"), setting_value('["https://a.example"]')
    (5, 'x86_64', ['https://a.example'])
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def setting_name(parameter: str) -> str:
    """Return a parameter's name in `tintype.toml`.

    >>> setting_name("ProcessMemoryMib"), setting_name("HostedZone"), setting_name("Anyone")
    ('process_memory_mib', 'domain.hosted_zone', 'access.anyone')
    """
    for table, settings in TABLES.items():
        for name, known in settings.items():
            if known == parameter:
                return f"{table}.{name}"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).lower()


def text_of(value: object) -> str:
    """Return a setting's value as a parameter's.

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
    """Return the parameters of a configuration, before there is a template."""
    service = {
        parameter_name(field.name): text_of(getattr(config.service, field.name))
        for field in fields(config.service)
    }
    tables = {
        parameter: text_of(getattr(getattr(config, table), name))
        for table, settings in TABLES.items()
        for name, parameter in settings.items()
    }
    return service | tables


def given(
    known: Mapping[str, TemplateParameter],
    settings: Mapping[str, str],
    parameters: Mapping[str, str],
    fixed: Mapping[str, object],
) -> dict[str, str]:
    """Return the parameters that `--set` and `--parameter` ask for, or all mistakes at once.

    *fixed* are the release's settings that no parameter changes.

    Raises:
        WrongParameterError: there is no such setting or parameter, or it does not accept the value.
    """
    values, mistakes = {}, []
    for setting, value in settings.items():
        name = parameter_name(setting)
        bare = setting.rpartition(".")[2]
        if name in known:
            values[name] = text_of(setting_value(value))
        elif bare not in fixed:
            mistakes.append(f"{setting}: {_unknown(setting, [setting_name(one) for one in known])}")
        elif text_of(fixed[bare]) != value:
            texts = text_of(fixed[bare])
            mistakes.append(
                f"{setting}: is {texts} in this release, which cannot change it; build another release"
            )
    for name, value in parameters.items():
        if name in known:
            values[name] = value
        else:
            mistakes.append(f"{name}: {_unknown(name, list(known))}")
    mistakes += objections(known, values)
    if mistakes:
        raise WrongParameterError("\n".join(mistakes))
    return values


def objections(known: Mapping[str, TemplateParameter], values: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the values, one line each."""
    texts = ((name, known[name].objection(value)) for name, value in values.items())
    return [f"{setting_name(name)}: {objection}" for name, objection in texts if objection]


def _unknown(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return "this release has no such setting" + (f"; did you mean {near[0]}?" if near else "")
