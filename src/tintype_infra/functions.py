"""The four functions, and the one that makes signing keys, each with its own role, log group and settings, and no permissions yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from aws_cdk import Duration, RemovalPolicy, Token, Tokenization
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from tintype.config import Config
from tintype.config.service import Architecture
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.choice import NOTHING, differs
from tintype_infra.grants import grant
from tintype_infra.packages import Package, Packages
from tintype_infra.timeouts import (
    API_SECONDS,
    CATALOGUE_SECONDS,
    KEYS_SECONDS,
    process_seconds,
    render_seconds,
)

# For functions that hold pixels (mallopt(3)). glibc creates an arena per thread and never frees it,
# which wastes 100 to 200 MB. And it returns a picture's memory as soon as that is freed, so that the
# next one costs a page fault every 4 kB: a tenth of the CPU. Up to 96 MiB now stay with the process.
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),  # the most that glibc takes
    "MALLOC_TRIM_THRESHOLD_": str(96 << 20),
}

KEYS_MEMORY_MIB = 256  # it is not waited for by anyone but a deployment

# From AWSLambdaVPCAccessExecutionRole, without write access to every log group.
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
    """The user's VPC that functions run in, if there is one."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None

    def admit(self, role: iam.Role) -> None:
        """Allow Lambda to manage a function's network interfaces; EC2 has no narrower resource."""
        grant(role, "*", *IN_A_NETWORK)


@dataclass(frozen=True, slots=True)
class Shape:
    """The resources of a function."""

    package: Package
    timeout_seconds: int
    memory_mib: int
    reserved: int | None


class Functions(Construct):
    """The functions with the settings' memory; the construct grants their permissions."""

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
        process = Shape(
            packages.process,
            process_seconds(config),
            service.process_memory_mib,
            service.process_reserved,
        )
        catalogue = Shape(
            packages.catalogue,
            CATALOGUE_SECONDS,
            service.catalogue_memory_mib,
            service.catalogue_reserved,
        )
        self._config, self._packages, self._code, self._network = config, packages, code, network
        self.api = self._function("Api", api)
        self.process = self._function("Process", process)
        self.catalogue = self._function("Catalogue", catalogue)
        render = Shape(
            packages.process,  # the engine
            render_seconds(config),
            service.render_memory_mib,
            self._unless_none(service.render_concurrency),
        )
        self.render = self._function("Render", render)
        # Of its package, it needs only the client of DynamoDB.
        keys = Shape(packages.catalogue, KEYS_SECONDS, KEYS_MEMORY_MIB, None)
        self.keys = self._function("SigningKeys", keys, module="signing_keys")

    @property
    def all(self) -> dict[str, lambda_.Function]:
        """The functions that handle images, by name; `keys` runs only during a deployment."""
        return {
            "api": self.api,
            "process": self.process,
            "catalogue": self.catalogue,
            "render": self.render,
        }

    def _unless_none(self, concurrency: int) -> int | None:
        """Return how many concurrent runs to reserve; 0 means none, whoever decides it."""
        text = Tokenization.stringify_number(concurrency)
        some = differs(self, "HasRenderConcurrency", text, "0")
        if some.condition is None:
            return concurrency or None
        return cast("int", Token.as_number(some.either(concurrency, NOTHING)))

    def _function(self, name: str, shape: Shape, module: str = "") -> lambda_.Function:
        # Not AWSLambdaBasicExecutionRole, which may write to all log groups of the account.
        role = iam.Role(
            self, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        log_group = logs.LogGroup(self, f"{name}Logs", removal_policy=RemovalPolicy.DESTROY)
        cfn_resource(log_group, logs.CfnLogGroup).retention_in_days = self._config.service.log_days
        log_group.grant_write(role)
        network = self._network
        if network:
            network.admit(role)
        major, minor = self._packages.python
        return lambda_.Function(
            self,
            name,
            handler=f"tintype.functions.{module or name.lower()}.handler",
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
    """Set the function's environment variables."""
    for name, value in variables.items():
        function.add_environment(name, value)


_ARCHITECTURES = {
    Architecture.ARM64: lambda_.Architecture.ARM_64,
    Architecture.X86_64: lambda_.Architecture.X86_64,
}
