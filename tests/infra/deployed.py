"""A template as CloudFormation reads it with its parameters: values in their places, conditions decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.infra.parts import Template

NOTHING = object()  # a property of that value is not there


def deployed(template: Template, **parameters: str) -> Template:
    """Return *template* as it is deployed with these parameters, and the defaults of all others."""
    reader = Reader(template, parameters)
    resources = {
        name: reader.read(resource)
        for name, resource in template["Resources"].items()
        if reader.holds(resource.get("Condition"))
    }
    outputs = reader.read(template["Outputs"])
    return {**template, "Resources": resources, "Outputs": outputs}


def objections(template: Template, **parameters: str) -> set[str]:
    """Return what CloudFormation would say before it changes anything."""
    reader = Reader(template, parameters)
    told = {
        assertion["AssertDescription"]
        for rule in template["Rules"].values()
        if reader.decides(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not reader.decides(assertion["Assert"])
    }
    return told | {
        name for name, value in parameters.items() if not fits(template["Parameters"][name], value)
    }


def fits(parameter: Mapping[str, Any], value: str) -> bool:
    """Whether CloudFormation takes the value."""
    if "AllowedValues" in parameter and value not in parameter["AllowedValues"]:
        return False
    if parameter["Type"] == "Number":
        return bool(
            parameter.get("MinValue", 0) <= int(value) <= parameter.get("MaxValue", 1 << 62)
        )
    if len(value) > parameter.get("MaxLength", 4_096):
        return False
    items = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    return all(re.fullmatch(parameter.get("AllowedPattern", "(?s).*"), item) for item in items)


class Reader:
    """What the parameters' values make of a part of the template."""

    def __init__(self, template: Template, parameters: Mapping[str, str]) -> None:
        self.template = template
        self.values: dict[str, Any] = {}
        for name, parameter in template["Parameters"].items():
            value = str(parameters.get(name, parameter.get("Default", f"the-{name}")))
            kinds: dict[str, Callable[[str], Any]] = {
                "Number": int,
                "CommaDelimitedList": lambda text: text.split(","),
            }
            self.values[name] = kinds.get(parameter["Type"], str)(value)

    def holds(self, condition: str | None) -> bool:
        return condition is None or self.decides(self.template["Conditions"][condition])

    def decides(self, expression: Any) -> bool:
        match expression:
            case {"Fn::Not": [inner]}:
                return not self.decides(inner)
            case {"Fn::Or": [*inner]}:
                return any(map(self.decides, inner))
            case {"Condition": name}:
                return self.holds(name)
            case {"Fn::Equals": [left, right]}:
                return str(self.read(left)) == str(self.read(right))
        raise AssertionError(expression)

    def read(self, value: Any) -> Any:
        found = value
        match value:
            case {"Ref": "AWS::NoValue"}:
                found = NOTHING
            case {"Ref": name} if name in self.values:
                found = self.values[name]
            case {"Fn::If": [condition, yes, no]}:
                found = self.read(yes if self.holds(condition) else no)
            case {"Fn::FindInMap": [mapping, first, second]} if "AWS::" not in str(first):
                found = self.template["Mappings"][mapping][self.read(first)][second]
            case {"Fn::Select": [index, items]} if isinstance(read := self.read(items), list):
                found = read[int(index)]
            case {"Fn::Split": [separator, text]} if isinstance(read := self.read(text), str):
                found = read.split(separator)
            case {"Fn::Join": [separator, items]} if isinstance(read := self.read(items), list):
                found = _joined(separator, read)
            case dict():
                inside = {name: self.read(part) for name, part in value.items()}
                found = {name: part for name, part in inside.items() if part is not NOTHING}
            case list():
                found = [part for item in value if (part := self.read(item)) is not NOTHING]
        return found


def _joined(separator: str, parts: list[Any]) -> Any:
    known = [str(part) for part in parts if not isinstance(part, dict | list)]
    return separator.join(known) if len(known) == len(parts) else {"Fn::Join": [separator, parts]}
