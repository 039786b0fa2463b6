"""The three functions: each with its own role, log group and settings, and with nothing allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from tintype.config import Config
from tintype.config.service import Architecture
from tintype_infra.grants import allow
from tintype_infra.inside import inside
from tintype_infra.packages import Package, Packages
from tintype_infra.waits import API_SECONDS, CATALOGUE_SECONDS, develop_seconds

# glibc makes an arena for each thread and never returns it: 100 to 200 MB more, for nothing.
ARENAS = {"MALLOC_ARENA_MAX": "1"}

# AWSLambdaVPCAccessExecutionRole's, without its right to write to every log group.
IN_A_NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)

Code: TypeAlias = Callable[[Package], lambda_.Code]  # where Lambda gets a package from


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the user's that functions run in; without one they are in none."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None

    def admit(self, role: iam.Role) -> None:
        """Allow Lambda what it does there for a function: EC2 knows no narrower resource for it."""
        allow(role, "*", *IN_A_NETWORK)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a function is given to run with."""

    package: Package
    timeout_seconds: int
    memory_mib: int
    reserved: int | None


class Functions(Construct):
    """The functions, as the settings give them memory; who may call what is said in the stack."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        packages: Packages,
        *,
        code: Code,
        network: Network | None,
    ) -> None:
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
        self._config, self._packages, self._code, self._network = config, packages, code, network
        self.api = self._function("Api", api)
        self.develop = self._function("Develop", develop)
        self.catalogue = self._function("Catalogue", catalogue)

    @property
    def all(self) -> dict[str, lambda_.Function]:
        """All of them, by the word that we use for each."""
        return {"api": self.api, "develop": self.develop, "catalogue": self.catalogue}

    def _function(self, name: str, shape: Shape) -> lambda_.Function:
        # Not AWSLambdaBasicExecutionRole, which may write to every log group of the account.
        role = iam.Role(
            self, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        log_group = logs.LogGroup(self, f"{name}Logs", removal_policy=RemovalPolicy.DESTROY)
        inside(log_group, logs.CfnLogGroup).retention_in_days = self._config.service.log_days
        log_group.grant_write(role)
        network = self._network
        if network:
            network.admit(role)
        major, minor = self._packages.python
        return lambda_.Function(
            self,
            name,
            handler=f"tintype.functions.{name.lower()}.handler",
            code=self._code(shape.package),
            runtime=lambda_.Runtime(f"python{major}.{minor}", lambda_.RuntimeFamily.PYTHON),
            architecture=_ARCHITECTURES[self._packages.architecture],
            memory_size=shape.memory_mib,
            timeout=Duration.seconds(shape.timeout_seconds),
            reserved_concurrent_executions=shape.reserved,
            role=role,
            log_group=log_group,
            vpc=network.vpc if network else None,
            vpc_subnets=network.subnets if network else None,
            security_groups=network.security_groups if network else None,
        )


def set_environment(function: lambda_.Function, variables: Mapping[str, str]) -> None:
    """Give the function its settings."""
    for name, value in variables.items():
        function.add_environment(name, value)


_ARCHITECTURES = {
    Architecture.ARM64: lambda_.Architecture.ARM_64,
    Architecture.X86_64: lambda_.Architecture.X86_64,
}
