"""The settings of a deployment as parameters of its template, which whoever deploys may change.

Start with `as_parameters`. Names, ranges and words come from the annotations of `tintype.config.service`
and `tintype.config.domain`; what `tintype.toml` says is the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Annotated, Any, cast, get_type_hints

from aws_cdk import CfnParameter, CfnRule, CfnRuleAssertion, Fn, Stack, Token

from tintype.config import Config, Domain, Service
from tintype.config import domain as domains
from tintype.config import service as services
from tintype.config.forms import Form
from tintype.config.hints import bare, is_optional, members, note, words
from tintype.config.sentences import allowed
from tintype.imaging.settings import Doc, Length, Range
from tintype.releases import DOMAIN, parameter_name
from tintype_infra.checks import LINT
from tintype_infra.choice import NOTHING, differs
from tintype_infra.waits import least

# What these change is in the packages, or is no property but an attribute of a resource.
FIXED = frozenset({"architecture", "keep_data"})


def as_parameters(stack: Stack, config: Config) -> Config:
    """Make parameters of *stack* from the settings; return those with the parameters as values."""
    service = config.service
    hints = _hints(Service)
    names = [field.name for field in fields(Service) if field.name not in FIXED]
    low = least(config)
    for_service = {
        name: _service_parameter(stack, name, getattr(service, name), hints[name], low.get(name))
        for name in names
    }
    domain_hints = _hints(Domain)
    for_domain = {
        setting: _text(
            stack,
            name,
            getattr(config.domain, setting),
            domain_hints[setting],
            domains.FORMS[setting],
        )
        for setting, name in DOMAIN.items()
    }
    _demand_what_a_domain_needs(stack, for_domain)
    _demand_a_reader_of_the_budget(stack)
    _group(stack, map(parameter_name, names))
    return replace(config, service=replace(service, **for_service), domain=Domain(**for_domain))


def _service_parameter(
    stack: Stack, setting: str, value: object, hint: object, low: int | None
) -> Any:  # noqa: ANN401 - of the kind that the setting is
    """Return the value of a setting's parameter, of the kind that the setting is."""
    name = parameter_name(setting)
    kind = bare(next(members(hint)))
    if choices := ["true", "false"] if kind is bool else list(words(kind)):
        text = str(value).lower() if kind is bool else str(value)
        made = _parameter(stack, name, text, hint, allowed_values=choices)
        if isinstance(value, str | bool):
            return made.value_as_string
        made.type = "Number"
        return made.value_as_number
    if kind is int and is_optional(hint):
        return _optional_number(stack, name, value, hint)
    if kind is int:
        range_ = cast("Range", note(hint, Range))
        allowed_range = Range(low or range_.low, range_.high)
        return _parameter(
            stack,
            name,
            value,
            hint,
            type="Number",
            min_value=allowed_range.low,
            max_value=allowed_range.high,
            constraint_description=allowed(Annotated[int, allowed_range]),
        ).value_as_number
    form = services.FORMS[setting]
    if kind is str:
        return _text(stack, name, cast("str | None", value), hint, form)
    texts = cast("tuple[str, ...]", value)
    return tuple(
        _parameter(
            stack,
            name,
            ",".join(texts),
            hint,
            type="CommaDelimitedList",
            allowed_pattern=rf"\*|{form.pattern}",
        ).value_as_list
    )


def _text(stack: Stack, name: str, value: str | None, hint: object, form: Form) -> str:
    """Return a text that may be empty, which is none."""
    return _parameter(
        stack,
        name,
        value,
        hint,
        allowed_pattern=f"|{form.pattern}",
        constraint_description=f"empty, or {form.what}",
        max_length=cast("Length", note(hint, Length)).high,
    ).value_as_string


def _optional_number(stack: Stack, name: str, value: object, hint: object) -> float:
    """Return a number that may be none; a parameter's cannot be empty, and is 0 then."""
    made = _parameter(
        stack,
        name,
        value or 0,
        hint,
        none="0",
        type="Number",
        min_value=0,
        max_value=cast("Range", note(hint, Range)).high,
        constraint_description=f"0, or {allowed(hint)}",
    )
    given = differs(stack, f"Has{name}", Fn.ref(name), "0")
    return cast("float", Token.as_number(given.either(made.value_as_number, NOTHING)))


def _parameter(
    stack: Stack,
    name: str,
    value: object,
    hint: object,
    *,
    none: str = "empty",
    **constraints: object,
) -> CfnParameter:
    doc = cast("Doc", note(hint, Doc)).text
    absent = f"; {none}: none" if is_optional(hint) else ""
    said = {"constraint_description": allowed(hint), **constraints}
    return CfnParameter(
        stack,
        name,
        default="" if value is None else value,
        description=f"{doc[0].upper()}{doc[1:]}{absent}",
        **said,  # type: ignore[arg-type] # each as CfnParameter has it
    )


def _hints(kind: type) -> Mapping[str, object]:
    return get_type_hints(kind, include_extras=True)


def _demand_what_a_domain_needs(stack: Stack, domain: Mapping[str, str]) -> None:
    """Refuse a domain without a certificate, and a certificate or a zone without a domain."""
    for rule, first, second in (
        ("DomainHasCertificate", "name", "certificate"),
        ("CertificateHasDomain", "certificate", "name"),
        ("HostedZoneHasDomain", "hosted_zone", "name"),
    ):
        CfnRule(
            stack,
            rule,
            rule_condition=Fn.condition_not(Fn.condition_equals(domain[first], "")),
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_not(Fn.condition_equals(domain[second], "")),
                    assert_description=f"{DOMAIN[first]} needs {DOMAIN[second]}",
                )
            ],
        )


def _demand_a_reader_of_the_budget(stack: Stack) -> None:
    """Refuse a budget of which nobody would be told."""
    is_none = Fn.condition_equals(Fn.ref("MonthlyBudget"), "0")
    is_read = Fn.condition_not(Fn.condition_equals(Fn.ref("AlarmEmail"), ""))
    CfnRule(
        stack,
        "BudgetHasAlarmEmail",
        rule_condition=Fn.condition_not(is_none),
        assertions=[
            CfnRuleAssertion(assert_=is_read, assert_description="MonthlyBudget needs AlarmEmail")
        ],
    )


def _group(stack: Stack, service: Iterable[str]) -> None:
    """Have the console show parameters in groups."""
    groups = {"Settings": list(service), "A domain of your own": list(DOMAIN.values())}
    stack.template_options.metadata = {
        "AWS::CloudFormation::Interface": {
            "ParameterGroups": [
                {"Label": {"default": label}, "Parameters": names}
                for label, names in groups.items()
            ]
        },
        # What is accepted, with its reason: other people's pipelines lint the template, too.
        "cfn-lint": {"config": {"ignore_checks": sorted(LINT)}},
    }
