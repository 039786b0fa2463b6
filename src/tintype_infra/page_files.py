"""The page's files in a CDK app's deployment, as an alternative to a release folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_s3 as s3
from aws_cdk.aws_s3_deployment import BucketDeployment, CacheControl, ISource, Source
from constructs import Construct

from tintype.releases import Release, read_release
from tintype.site.publishing import CONFIG, IMMUTABLE, REVALIDATED


def publish_page(
    scope: Construct, site: s3.Bucket, release: Path, config: Mapping[str, object]
) -> None:
    """Deploy the page of a release folder with CDK, the index after the files it refers to.

    Raises:
        ReleaseError: the folder is not a release.
    """
    there = read_release(release)
    place = Construct(scope, "PageFiles")
    page = Source.asset(str(there.site))
    facts = Source.json_data(CONFIG, dict(config))
    hashed = _deployment(place, "Hashed", site, _Files([page], IMMUTABLE, _paths(there, IMMUTABLE)))
    named = [*_paths(there, REVALIDATED), CONFIG]
    index = _deployment(place, "Named", site, _Files([page, facts], REVALIDATED, named))
    index.node.add_dependency(hashed)


@dataclass(frozen=True, slots=True)
class _Files:
    """Files with the same cache time, and their location."""

    sources: Sequence[ISource]
    cache_control: str
    paths: Sequence[str]


def _paths(release: Release, cache_control: str) -> list[str]:
    return [file.path for file in release.manifest.site if file.cache_control == cache_control]


def _deployment(scope: Construct, name: str, site: s3.Bucket, files: _Files) -> BucketDeployment:
    return BucketDeployment(
        scope,
        name,
        sources=files.sources,
        destination_bucket=site,
        exclude=["*"],
        include=files.paths,
        prune=False,  # keep files of earlier pages for viewers who have one open
        cache_control=[CacheControl.from_string(files.cache_control)],
    )
