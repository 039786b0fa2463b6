"""What may be known only when the template is deployed: whether something is there, or which of two."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, CfnCondition, CfnResource, Fn, Token
from constructs import Construct

NOTHING = Aws.NO_VALUE  # a property of that value is not there


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that is so or not: *condition* is CloudFormation's where it is not known yet."""

    holds: bool
    condition: CfnCondition | None = None

    @property
    def may_hold(self) -> bool:
        """Whether it is worth describing what there is then."""
        return self.holds or self.condition is not None

    def either(self, yes: object, no: object) -> object:
        """Return *yes* if it holds, else *no*; of what CloudFormation decides, both."""
        if self.condition is None:
            return yes if self.holds else no
        return Fn.condition_if(self.condition.logical_id, yes, no)

    def text(self, yes: str, no: str) -> str:
        """Return one of two texts."""
        return Token.as_string(self.either(yes, no))

    def decides(self, part: Construct) -> None:
        """Have the resources of *part* only where it holds."""
        if self.condition is not None:
            for child in part.node.find_all():
                if isinstance(child, CfnResource):
                    child.cfn_options.condition = self.condition


def is_given(scope: Construct, name: str, value: str | None) -> Choice:
    """Return whether there is a value: of a parameter, whether it is not empty."""
    return differs(scope, name, value or "", "")


def is_true(scope: Construct, name: str, value: object) -> Choice:
    """Return whether a setting is true: of a parameter, whether it is the word."""
    return differs(scope, name, value if isinstance(value, str) else str(value).lower(), "false")


def differs(scope: Construct, name: str, value: str, other: str) -> Choice:
    """Return whether *value* is not *other*; *name* is that of the condition, if it takes one."""
    if not Token.is_unresolved(value):
        return Choice(value != other)
    is_other = Fn.condition_equals(value, other)
    return Choice(
        holds=False, condition=CfnCondition(scope, name, expression=Fn.condition_not(is_other))
    )
