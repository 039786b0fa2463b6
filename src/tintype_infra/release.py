"""`python -m tintype_infra.release`: write a release folder, to deploy with AWS's own tools.

It has the templates, the functions' packages, the page's files and their checksums, and is
reproducible from the same checkout and settings. `tintype.releases` reads it.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import structs

from tintype.config import Config, ConfigError, load
from tintype.config.domain import NO_DOMAIN
from tintype.deployment.parameters import setting_value
from tintype.functions.bundle import presets_revision
from tintype.releases import DIGESTS, MANIFEST, PACKAGES, SITE, ReleaseManifest, SiteFile
from tintype.site.building import SiteBuildError
from tintype.site.building import page as built_page
from tintype.site.publishing import files
from tintype_infra.app import STACK, synthesise
from tintype_infra.bytecode import PackageError
from tintype_infra.packages import Packages, Platform, build, project
from tintype_infra.parameters import FIXED

SITE_LIST = "site.tsv"  # for deploy.sh, since shells do not read JSON
_SCRIPT = Path(__file__).with_name("deploy.sh")
_README = """Tintype {version}: an image service for an AWS account.

./deploy.sh deploys it and needs only the AWS CLI; see ./deploy.sh --help.

{template}  the CloudFormation template; its parameters are the settings
{certificate}  for a custom domain; deployed first, in us-east-1
packages/  the functions' code; file names are keys in the bucket PackagesBucket
site/  the page's files; site.tsv lists their headers
release.json  this list for programs
SHA256SUMS  checksums of all files: sha256sum --check SHA256SUMS
"""


class NotOursError(Exception):
    """The folder to write to has files that are not a release."""


def write(
    config: Config,
    out: Path,
    *,
    where: Platform = Platform.AWS,
    name: str = STACK,
    site: Path | None = None,
) -> ReleaseManifest:
    """Write the release of *config*, with the page in the folder *site*, to the folder *out*.

    An earlier release in *out* is replaced. A release for this machine omits the domain, whose name
    would not resolve to it.

    Raises:
        NotOursError: *out* has other files; nothing was changed.
        PackageError: a function's package cannot be built.
    """
    if out.exists() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        message = f"{out} has files that are not a release; choose another folder"
        raise NotOursError(message)
    if where is Platform.LOCAL:
        config = replace(config, domain=NO_DOMAIN)
    packages = build(config, where)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{out.name}.", dir=out.parent) as place:
        work = Path(place) / "release"
        work.mkdir()
        written = _fill(work, config, packages, name=name, site=site)
        if out.exists():
            out.rename(Path(place) / "before")
        work.rename(out)
    return written


def _fill(
    out: Path, config: Config, packages: Packages, *, name: str, site: Path | None
) -> ReleaseManifest:
    with TemporaryDirectory() as cdk:
        made = synthesise(config, packages, Path(cdk), name=name)
        for template in asdict(made).values():
            shutil.copyfile(template, out / template.name)
    functions = {function: package.name for function, package in packages.all.items()}
    (out / PACKAGES).mkdir()
    for package in packages.all.values():
        shutil.copyfile(package.archive, out / PACKAGES / package.name)
    listed = tuple(files(site)) if site else ()
    if site:
        shutil.copytree(site, out / SITE, copy_function=shutil.copyfile)
    manifest = ReleaseManifest(
        version=version("tintype"),
        name=name,
        template=made.service.name,
        certificate=made.certificate.name,
        packages=tuple(sorted(set(functions.values()))),
        functions=functions,
        python=".".join(map(str, packages.python)),
        settings=_fixed(config),
        max_bytes=config.limits.max_bytes,
        site=listed,
    )
    _texts(out, manifest, listed)
    return manifest


def _texts(out: Path, manifest: ReleaseManifest, site: Sequence[SiteFile]) -> None:
    """Write the small files, the checksums last."""
    (out / MANIFEST).write_text(manifest.json(), "utf-8")
    lines = (f"{file.path}\t{file.content_type}\t{file.cache_control}\n" for file in site)
    (out / SITE_LIST).write_text("".join(lines), "utf-8")
    (out / "README.txt").write_text(_README.format_map(structs.asdict(manifest)), "utf-8")
    shutil.copyfile(project() / "LICENSE", out / "LICENSE")
    shutil.copy(_SCRIPT, out / _SCRIPT.name)
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    sums = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out).as_posix()}\n"
        for path in paths
    )
    (out / DIGESTS).write_text("".join(sums), "utf-8")


def _fixed(config: Config) -> dict[str, object]:
    """Return the settings that are not template parameters."""
    service = {name: getattr(config.service, name) for name in sorted(FIXED)}
    presets = [preset.name for preset in config.presets]
    limits = asdict(config.limits)
    return {
        **service,
        "limits": limits,
        "presets": presets,
        "presets_revision": presets_revision(config),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 2 for invalid settings, 1 for other errors."""
    options = _parser().parse_args(arguments)
    try:
        config = load(options.config, service=dict(options.set))
        site = built_page(project()) if options.site else None
        write(config, options.out, where=options.platform, name=options.name, site=site)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (NotOursError, PackageError, SiteBuildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{options.out}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tintype_infra.release", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument(
        "--config", type=Path, help="tintype.toml to use; default: as for `tintype`"
    )
    parser.add_argument(
        "--platform",
        type=Platform,
        choices=list(Platform),
        default=Platform.AWS,
        help="where the functions will run; default %(default)s",
    )
    parser.add_argument("--name", default=STACK, help="name of the release; default %(default)s")
    parser.add_argument(
        "--no-site", dest="site", action="store_false", help="omit the page's files"
    )
    parser.add_argument(
        "--set",
        type=_setting,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a setting of [service], e.g. max_tries=5",
    )
    return parser


def _setting(text: str) -> tuple[str, object]:
    """Parse a setting; a value that is not TOML is text.

    >>> _setting("max_tries=5"), _setting("architecture=x86_64")
    (('max_tries', 5), ('architecture', 'x86_64'))
    """
    name, equals, value = text.partition("=")
    if not equals:
        message = f"{text!r} is not KEY=VALUE"
        raise argparse.ArgumentTypeError(message)
    return name, setting_value(value)


if __name__ == "__main__":
    sys.exit(main())
