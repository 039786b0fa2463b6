"""The settings of a deployment as parameters of its template, to change at deploy time.

Start with `as_parameters`. Names, ranges and descriptions come from the annotations of
`tintype.config.service`, `tintype.config.access` and `tintype.config.domain`; the defaults come from `tintype.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Annotated, Any, cast, get_args, get_type_hints

from aws_cdk import CfnParameter, CfnRule, CfnRuleAssertion, Fn, Stack, Token

from tintype.access import AccessMode, Visibility
from tintype.config import Access, Config, Domain, Service
from tintype.config import access as accesses
from tintype.config import domain as domains
from tintype.config import service as services
from tintype.config.forms import Form
from tintype.config.hints import bare, is_optional, members, note, words
from tintype.config.sentences import allowed
from tintype.constraints import Doc, Length, Range
from tintype.releases import ACCESS, DOMAIN, parameter_name
from tintype_infra.choice import NOTHING, differs
from tintype_infra.timeouts import least

# What cfn-lint finds in the template although it is intended: the rule and the reason.
LINT: dict[str, str] = {
    "W1030": "CertificateArn may be empty without DomainName; the CDN does not use it then.",
    "W3005": "CDK adds a redundant DependsOn from a function to its role, which is harmless.",
}
# These affect the packages, or a resource attribute, which cannot depend on a parameter.
FIXED = frozenset({"architecture", "keep_data"})


def as_parameters(stack: Stack, config: Config) -> Config:
    """Turn the settings into parameters of *stack*; return the settings with parameters as values."""
    service = config.service
    hints = _hints(Service)
    names = [field.name for field in fields(Service) if field.name not in FIXED]
    low = least(config)
    for_service = {
        name: _setting_parameter(
            stack,
            parameter_name(name),
            getattr(service, name),
            hints[name],
            form=services.FORMS.get(name),
            low=low.get(name),
        )
        for name in names
    }
    access_hints = _hints(Access)
    for_access = {
        setting: _setting_parameter(
            stack,
            name,
            getattr(config.access, setting),
            access_hints[setting],
            form=accesses.FORMS.get(setting),
        )
        for setting, name in ACCESS.items()
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
    _demand_what_an_issuer_needs(stack)
    _demand_sign_in_for_privacy(stack)
    _group(stack, map(parameter_name, names))
    return replace(
        config,
        service=replace(service, **for_service),
        access=Access(**for_access),
        domain=Domain(**for_domain),
    )


def _setting_parameter(
    stack: Stack,
    name: str,
    value: object,
    hint: object,
    *,
    form: Form | None,
    low: int | None = None,
) -> Any:  # noqa: ANN401 - the setting's own type
    """Return the value of a setting's parameter, with the setting's type."""
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
    if kind is str and form:
        return _text(stack, name, cast("str | None", value), hint, form)
    # The items of a list: words, or texts of a form, of which one may stand for all.
    pattern = rf"\*|{form.pattern}" if form else "|".join(words(get_args(kind)[0]))
    texts = cast("tuple[str, ...]", value)
    return tuple(
        _parameter(
            stack,
            name,
            ",".join(texts),
            hint,
            type="CommaDelimitedList",
            allowed_pattern=f"|{pattern}",
        ).value_as_list
    )


def _text(stack: Stack, name: str, value: str | None, hint: object, form: Form) -> str:
    """Return a text parameter; an optional one may be empty, which means none."""
    may_be_empty = is_optional(hint)
    return _parameter(
        stack,
        name,
        value,
        hint,
        allowed_pattern=f"|{form.pattern}" if may_be_empty else form.pattern,
        constraint_description=f"empty, or {form.what}" if may_be_empty else form.what,
        max_length=cast("Length", note(hint, Length)).high,
    ).value_as_string


def _optional_number(stack: Stack, name: str, value: object, hint: object) -> float:
    """Return an optional number; since a Number parameter cannot be empty, 0 means none."""
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
        **said,  # type: ignore[arg-type] # each is an argument of CfnParameter
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
    """Refuse a budget without an address to notify."""
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


def _demand_what_an_issuer_needs(stack: Stack) -> None:
    """Refuse an issuer of one's own without what its tokens are checked by."""
    is_oidc = Fn.condition_equals(Fn.ref(ACCESS["mode"]), AccessMode.OIDC.value)
    CfnRule(
        stack,
        "OidcHasIssuer",
        rule_condition=is_oidc,
        assertions=[
            CfnRuleAssertion(
                assert_=Fn.condition_not(Fn.condition_equals(Fn.ref(name), "")),
                assert_description=f"{ACCESS['mode']} oidc needs {name}",
            )
            for name in map(ACCESS.__getitem__, accesses.NEEDED_BY_OIDC)
        ],
    )


def _demand_sign_in_for_privacy(stack: Stack) -> None:
    """Refuse private images where there is nobody to keep them from."""
    is_private = Fn.condition_equals(Fn.ref(ACCESS["visibility"]), Visibility.PRIVATE.value)
    is_open = Fn.condition_equals(Fn.ref(ACCESS["mode"]), AccessMode.OPEN.value)
    CfnRule(
        stack,
        "PrivateHasSignIn",
        rule_condition=is_private,
        assertions=[
            CfnRuleAssertion(
                assert_=Fn.condition_not(is_open),
                assert_description=f"{ACCESS['visibility']} private needs sign-in: another {ACCESS['mode']} than open",
            )
        ],
    )


def _group(stack: Stack, service: Iterable[str]) -> None:
    """Group the parameters in AWS's console."""
    groups = {
        "Settings": list(service),
        "Access": list(ACCESS.values()),
        "Custom domain": list(DOMAIN.values()),
    }
    stack.template_options.metadata = {
        "AWS::CloudFormation::Interface": {
            "ParameterGroups": [
                {"Label": {"default": label}, "Parameters": names}
                for label, names in groups.items()
            ]
        },
        # Accepted findings, with reasons: users' pipelines lint the template as well.
        "cfn-lint": {"config": {"ignore_checks": sorted(LINT)}},
    }
