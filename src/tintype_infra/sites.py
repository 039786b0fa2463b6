"""The sites whose pages may call the service from browsers: our own, and those in `cors_origins`."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Fn, Token
from constructs import Construct

from tintype.config import Service
from tintype.config.service import ANY_ORIGIN
from tintype_infra.choice import DeployTimeChoice, differs, when_given


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites besides our own: whether there are `some`, and whether they are `not_all` ("*")."""

    others: list[str]
    some: DeployTimeChoice
    not_all: DeployTimeChoice


def sites_of(scope: Construct, service: Service) -> Sites:
    """Return the sites in the settings; "*" means all sites."""
    others = list(service.cors_origins)
    # A list parameter is unknown here and has no length in CloudFormation; only as text can it be
    # empty.
    text = Fn.join(",", others) if Token.is_unresolved(others) else ",".join(others)
    return Sites(
        others,
        some=when_given(scope, "HasOtherSites", text),
        not_all=differs(scope, "OnlySomeSites", text, ANY_ORIGIN),
    )
