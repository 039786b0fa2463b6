"""`python -m tintype_infra.app`: write the template, and the packages that it deploys, to a folder.

For a domain without a certificate there is a second template, which is deployed first:
`tintype_infra.certificate` says how.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from aws_cdk import App

from tintype.config import Config, ConfigError, load
from tintype.config.domain import NO_DOMAIN
from tintype_infra.certificate import Certificate, certificate_stack_name
from tintype_infra.packages import PackageError, Packages, Platform, build
from tintype_infra.stack import Tintype

STACK = "tintype"


@dataclass(frozen=True, slots=True)
class Synthesised:
    """What was written: the template, the list of files to upload before, and the packages.

    *certificate* is the template of the stack in us-east-1 that makes one, where that is asked for.
    """

    template: Path
    assets: Path
    packages: Packages
    certificate: Path | None


def synthesise(
    config: Config,
    out: Path,
    *,
    where: Platform = Platform.AWS,
    name: str = STACK,
    today: date | None = None,
) -> Synthesised:
    """Write the template of a deployment of *config* to the folder *out*.

    On this machine it has no domain: nobody would find it under that name.

    Raises:
        PackageError: a function's package cannot be built.
    """
    if where is Platform.LOCAL:
        config = replace(config, domain=NO_DOMAIN)
    packages = build(config, where)
    app = new_app(out)
    Tintype(app, name, config=config, packages=packages, today=today or datetime.now(UTC).date())
    certificate = out / f"{certificate_stack_name(name)}.template.json"
    certificate.unlink(missing_ok=True)  # of an earlier time
    if config.domain.needs_certificate:
        Certificate(app, certificate_stack_name(name), config.domain)
    app.synth()
    return Synthesised(
        out / f"{name}.template.json",
        out / f"{name}.assets.json",
        packages,
        certificate if config.domain.needs_certificate else None,
    )


def new_app(out: Path) -> App:
    """Return an app that writes to the folder *out*, and tells nobody of it."""
    one_statement_for_the_same_actions = "@aws-cdk/aws-iam:minimizePolicies"
    context = {one_statement_for_the_same_actions: True}
    return App(outdir=str(out), analytics_reporting=False, context=context)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 2 for a mistake in the settings, 1 otherwise."""
    options = _parser().parse_args(arguments)
    try:
        config = load(options.config, service=dict(options.set))
        done = synthesise(config, options.out, where=options.platform, name=options.name)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except PackageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for template in filter(None, (done.certificate, done.template)):
        sys.stdout.write(f"{template}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tintype_infra.app", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--config", type=Path, help="tintype.toml to take; default: as `tintype`")
    parser.add_argument(
        "--platform",
        type=Platform,
        choices=list(Platform),
        default=Platform.AWS,
        help="where the functions will run: on AWS, or on this machine; default %(default)s",
    )
    parser.add_argument("--name", default=STACK, help="name of the stack; default %(default)s")
    parser.add_argument(
        "--set",
        type=_setting,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of [service] for this time, e.g. max_tries=5",
    )
    return parser


def _setting(text: str) -> tuple[str, object]:
    """Return name and value; a value that is not TOML is text.

    >>> _setting("max_tries=5"), _setting("architecture=x86_64")
    (('max_tries', 5), ('architecture', 'x86_64'))
    """
    name, equals, value = text.partition("=")
    if not equals:
        message = f"{text!r} is not KEY=VALUE"
        raise argparse.ArgumentTypeError(message)
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


if __name__ == "__main__":
    sys.exit(main())
