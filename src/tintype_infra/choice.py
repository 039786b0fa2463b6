"""Choices that may be known only when the template is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_cdk import Aws, CfnCondition, CfnResource, Fn, ICfnConditionExpression, Token
from constructs import Construct

NOTHING = Aws.NO_VALUE  # CloudFormation omits a property with this value


@dataclass(frozen=True, slots=True)
class DeployTimeChoice:
    """A yes or no; *condition* is CloudFormation's if the answer is not known yet."""

    holds: bool
    condition: CfnCondition | None = None

    @property
    def may_hold(self) -> bool:
        """Whether the template must cover the case that it holds."""
        return self.holds or self.condition is not None

    def either(self, yes: object, no: object) -> object:
        """Return *yes* if it holds, else *no*; if CloudFormation decides, an expression with both."""
        if self.condition is None:
            return yes if self.holds else no
        return Fn.condition_if(self.condition.logical_id, yes, no)

    def text(self, yes: str, no: str) -> str:
        """Return one of two texts."""
        return Token.as_string(self.either(yes, no))

    def decides(self, part: Construct) -> None:
        """Create the resources of *part* only if it holds."""
        if self.condition is not None:
            for child in part.node.find_all():
                if isinstance(child, CfnResource):
                    child.cfn_options.condition = self.condition


def when_given(scope: Construct, name: str, value: str | None) -> DeployTimeChoice:
    """Return whether a value is set; a parameter is set if it is not empty."""
    return differs(scope, name, value or "", "")


def is_true(scope: Construct, name: str, value: object) -> DeployTimeChoice:
    """Return whether a setting is true; a parameter is true unless it is "false"."""
    return differs(scope, name, value if isinstance(value, str) else str(value).lower(), "false")


def any_of(scope: Construct, name: str, *choices: DeployTimeChoice) -> DeployTimeChoice:
    """Return whether one of *choices* holds; *name* names the condition, if one is needed."""
    conditions = [choice.condition for choice in choices if choice.condition is not None]
    if any(choice.holds for choice in choices):
        return DeployTimeChoice(holds=True)
    if len(conditions) <= 1:
        return DeployTimeChoice(holds=False, condition=conditions[0] if conditions else None)
    expressions = cast("list[ICfnConditionExpression]", conditions)  # jsii's protocols are narrower
    either = CfnCondition(scope, name, expression=Fn.condition_or(*expressions))
    return DeployTimeChoice(holds=False, condition=either)


def equals(scope: Construct, name: str, value: str, other: str) -> DeployTimeChoice:
    """Return whether *value* is *other*; *name* names the condition, if one is needed."""
    if not Token.is_unresolved(value):
        return DeployTimeChoice(value == other)
    is_other = Fn.condition_equals(value, other)
    return DeployTimeChoice(holds=False, condition=CfnCondition(scope, name, expression=is_other))


def differs(scope: Construct, name: str, value: str, other: str) -> DeployTimeChoice:
    """Return whether *value* differs from *other*; *name* names the condition, if one is needed."""
    if not Token.is_unresolved(value):
        return DeployTimeChoice(value != other)
    is_other = Fn.condition_equals(value, other)
    return DeployTimeChoice(
        holds=False, condition=CfnCondition(scope, name, expression=Fn.condition_not(is_other))
    )
