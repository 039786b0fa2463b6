"""The three functions: each with its own role, log group and settings, and with nothing allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from tintype.config import Config
from tintype.config.service import Architecture
from tintype_infra.inside import inside
from tintype_infra.packages import Package, Packages

LONGEST_SECONDS = 890  # of Lambda's 900, as a message can be delayed by 900: see `sweep_seconds`
DELAY_SECONDS = 900  # the longest that SQS holds a message back
API_SECONDS = 29  # an HTTP API waits 30 seconds for an answer
CATALOGUE_SECONDS = 30  # ten manifests, each read, written and announced in well under a second
AROUND_SECONDS = 30  # to fetch an original of 50 MB, to store its renditions, and to start
# glibc makes an arena for each thread and never returns it: 100 to 200 MB more, for nothing.
ARENAS = {"MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a function is given to run with."""

    package: Package
    timeout_seconds: int
    memory_mib: int
    reserved: int | None


def develop_seconds(config: Config) -> int:
    """Return how long the develop function may run: the engine's limit, and the ways around it."""
    return min(LONGEST_SECONDS, math.ceil(config.limits.timeout_seconds) + AROUND_SECONDS)


def sweep_seconds(config: Config) -> int:
    """Return how long renditions that no manifest names are left alone.

    Longer than the function may run: until then they may be somebody's who is still at work.
    """
    return min(DELAY_SECONDS, max(config.service.sweep_seconds, develop_seconds(config) + 5))


class Functions(Construct):
    """The functions, as the settings give them memory; who may call what is said in the stack."""

    def __init__(self, scope: Construct, config: Config, packages: Packages) -> None:
        super().__init__(scope, "Functions")
        service = config.service
        api = Shape(packages.api, API_SECONDS, service.api_memory_mib, service.api_reserved)
        develop = Shape(
            packages.develop,
            develop_seconds(config),
            service.develop_memory_mib,
            service.develop_reserved,
        )
        catalogue = Shape(
            packages.catalogue,
            CATALOGUE_SECONDS,
            service.catalogue_memory_mib,
            service.catalogue_reserved,
        )
        self.api = _function(self, "Api", api, config, packages)
        self.develop = _function(self, "Develop", develop, config, packages)
        self.catalogue = _function(self, "Catalogue", catalogue, config, packages)

    @property
    def all(self) -> dict[str, lambda_.Function]:
        """All of them, by the word that we use for each."""
        return {"api": self.api, "develop": self.develop, "catalogue": self.catalogue}


def set_environment(function: lambda_.Function, variables: Mapping[str, str]) -> None:
    """Give the function its settings."""
    for name, value in variables.items():
        function.add_environment(name, value)


def _function(
    scope: Construct, name: str, shape: Shape, config: Config, packages: Packages
) -> lambda_.Function:
    # Not AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    role = iam.Role(scope, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group = logs.LogGroup(scope, f"{name}Logs", removal_policy=RemovalPolicy.DESTROY)
    inside(log_group, logs.CfnLogGroup).retention_in_days = config.service.log_days
    log_group.grant_write(role)
    major, minor = packages.python
    return lambda_.Function(
        scope,
        name,
        handler=f"tintype.functions.{name.lower()}.handler",
        code=lambda_.Code.from_asset(str(shape.package.archive)),
        runtime=lambda_.Runtime(f"python{major}.{minor}", lambda_.RuntimeFamily.PYTHON),
        architecture=_ARCHITECTURES[packages.architecture],
        memory_size=shape.memory_mib,
        timeout=Duration.seconds(shape.timeout_seconds),
        reserved_concurrent_executions=shape.reserved,
        role=role,
        log_group=log_group,
    )


_ARCHITECTURES = {
    Architecture.ARM64: lambda_.Architecture.ARM_64,
    Architecture.X86_64: lambda_.Architecture.X86_64,
}
