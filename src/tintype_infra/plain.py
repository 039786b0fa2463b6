"""The app of the checkout's `cdk.json`: Tintype alone in a stack, deployed with CDK.

Unlike a release's template it has no parameters: settings come from `tintype.toml`. Packages and
page are CDK assets, so the account needs CDK's bootstrap stack.
"""

from __future__ import annotations

import sys
from pathlib import Path

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from tintype.config import Config, ConfigError, load
from tintype.site.building import SiteBuildError
from tintype.site.building import page as built_page
from tintype.sources import workshop
from tintype_infra import release
from tintype_infra.app import STACK
from tintype_infra.bytecode import PackageError
from tintype_infra.construct import Tintype
from tintype_infra.packages import Packages, project


def add_to(app: App, config: Config, folder: Path) -> Stack:
    """Add the stack to *app*, with the packages and the page of the release in *folder*.

    The context value `stack` names it.
    """
    stack = Stack(app, app.node.try_get_context("stack") or STACK)
    packages = Packages.of_release(folder, config)
    tintype = Tintype(stack, "Default", config=config, packages=packages)
    tintype.add_outputs()
    tintype.publish_page(folder)
    boundary = config.service.permissions_boundary
    if boundary:  # also for the stack's role with which CDK publishes the page
        iam.PermissionsBoundary.of(stack).apply(
            iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", boundary)
        )
    return stack


def main() -> int:
    """Synthesise the app for CDK; return the exit status."""
    folder = workshop() / "cdk" / "release"
    try:
        config = load()
        release.write(config, folder, site=built_page(project()))
    except (ConfigError, PackageError, SiteBuildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    app = App()
    add_to(app, config, folder)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
