"""The packages bucket: where CloudFormation reads the template, and Lambda the functions' packages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tintype.aws.errors import NotFoundError
from tintype.deployment.clients import GLOBAL_REGION, Clients, asked
from tintype.deployment.emptying import empty
from tintype.releases import Release

KEPT_RELEASES = 5  # of which the packages stay, to roll back to
RELEASES, TEMPLATES = "releases/", "templates/"
STACK_TAG = "tintype:stack"
LONGEST_NAME = 63  # characters of a bucket's name
_LONGEST_START, _DIGEST_LENGTH = 46, 16

Advance = Callable[
    [str, int], None
]  # the file that is sent, and how many bytes more of it have gone


def bucket_name(stack: str, account: str, region: str) -> str:
    """Return the name of a stack's packages bucket; one that S3 would not take is cut and hashed.

    >>> bucket_name("tintype", "123456789012", "eu-central-1")
    'tintype-packages-123456789012-eu-central-1'
    >>> bucket_name("Pictures", "123456789012", "eu-central-1")
    'pictures-packages-123456789012-eu-central-1-9f0635fa0a3777c0'
    """
    full = f"{stack}-packages-{account}-{region}"
    if len(full) <= LONGEST_NAME and full == full.lower():
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{full.lower()[:_LONGEST_START].rstrip('-')}-{digest}"


@dataclass(frozen=True, slots=True)
class PackagesBucket:
    """The bucket of one stack; every request names the *account* that must own it."""

    clients: Clients
    name: str
    account: str

    def exists(self) -> bool:
        """Whether it is there, and ours.

        Raises:
            AccessDeniedError: it is another account's, or may not be looked at.
            ServiceError: S3 cannot be asked.
        """
        try:
            with asked("s3", "HeadBucket"):
                self._s3.head_bucket(Bucket=self.name, **self._owned)
        except NotFoundError:
            return False
        return True

    def has_templates_alone(self) -> bool:
        """Whether it is there, and no release was ever put into it: changes were only asked for.

        Raises:
            AccessDeniedError: it is another account's, or may not be looked at.
            ServiceError: S3 cannot be asked.
        """
        return self.exists() and all(key.startswith(TEMPLATES) for key in self._keys())

    def create(self, stack: str, tags: Mapping[str, str] | None = None) -> None:
        """Create it, unless it is there, and tag it.

        Raises:
            AccessDeniedError: it is another account's.
            ServiceError: S3 refuses.
        """
        if not self.exists():
            place: dict[str, Any] = {}
            if self.clients.region != GLOBAL_REGION:  # which S3 does not take for a place
                place["CreateBucketConfiguration"] = {"LocationConstraint": self.clients.region}
            with asked("s3", "CreateBucket"):
                self._s3.create_bucket(Bucket=self.name, **place)
        self._close({**(tags or {}), STACK_TAG: stack})

    def _close(self, tags: Mapping[str, str]) -> None:
        """Let nobody else in, and nobody without TLS; say whose it is."""
        with asked("s3", "PutPublicAccessBlock"):
            self._s3.put_public_access_block(
                Bucket=self.name, PublicAccessBlockConfiguration=_CLOSED, **self._owned
            )
            self._s3.put_bucket_policy(
                Bucket=self.name, Policy=json.dumps(_only_tls(self._arn)), **self._owned
            )
            self._s3.put_bucket_tagging(
                Bucket=self.name,
                Tagging={"TagSet": [{"Key": key, "Value": tags[key]} for key in tags]},
                **self._owned,
            )

    def missing(self, release: Release) -> list[Path]:
        """Return the packages of *release* that are not there yet.

        Raises:
            ServiceError: S3 cannot be asked.
        """
        there = set(self._keys())
        return [path for path in release.packages if path.name not in there]

    def send(self, path: Path, advance: Advance) -> None:
        """Put a package into the bucket; *advance* hears of every part that has gone.

        Raises:
            ServiceError: S3 refuses.
        """
        with asked("s3", "PutObject"):
            self._s3.upload_file(
                str(path),
                self.name,
                path.name,
                ExtraArgs=self._owned,
                Callback=lambda number: advance(path.name, number),
            )

    def send_template(self, template: Path) -> str:
        """Put a template into the bucket, and return the address that CloudFormation takes.

        Raises:
            ServiceError: S3 refuses.
        """
        data = template.read_bytes()
        key = template_key(template)
        with asked("s3", "PutObject"):
            self._s3.put_object(Bucket=self.name, Key=key, Body=data, **self._owned)
        # By path: a local cloud cannot read the other style, and CloudFormation takes both.
        return f"{self._s3.meta.endpoint_url}/{self.name}/{key}"

    def remember(
        self, release: Release, now: datetime | None = None, *, kept: int = KEPT_RELEASES
    ) -> None:
        """Note that *release* is deployed, if another was before; remove what none of the last *kept* needs.

        Raises:
            ServiceError: S3 refuses.
        """
        names = [*release.manifest.packages, template_key(release.template)]
        keys = self._keys()
        notes = _notes(keys)
        if not notes or _needed(self._text(notes[-1])) != set(names):
            moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
            note = f"{RELEASES}{moment}-{release.manifest.version}.txt"
            with asked("s3", "PutObject"):
                self._s3.put_object(
                    Bucket=self.name,
                    Key=note,
                    Body="".join(f"{name}\n" for name in names).encode(),
                    **self._owned,
                )
            keys.append(note)
        self._delete(forgettable(keys, self._text, kept))

    def remove(self, advance: Callable[[int], None] = lambda _number: None) -> None:
        """Empty and delete it.

        Raises:
            ServiceError: S3 refuses.
        """
        empty(self.clients, self.name, advance, owner=self.account)
        with asked("s3", "DeleteBucket"):
            self._s3.delete_bucket(Bucket=self.name, **self._owned)

    @property
    def _s3(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return self.clients("s3")

    @property
    def _owned(self) -> dict[str, str]:
        return {"ExpectedBucketOwner": self.account}

    @property
    def _arn(self) -> str:
        return f"arn:{self.clients.partition}:s3:::{self.name}"

    def _keys(self) -> list[str]:
        with asked("s3", "ListObjectsV2"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, **self._owned
            )
            return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def _text(self, key: str) -> str:
        with asked("s3", "GetObject"):
            answer = self._s3.get_object(Bucket=self.name, Key=key, **self._owned)
            return str(answer["Body"].read().decode())

    def _delete(self, keys: Iterable[str]) -> None:
        with asked("s3", "DeleteObject"):
            for key in keys:
                self._s3.delete_object(Bucket=self.name, Key=key, **self._owned)


def template_key(template: Path) -> str:
    """Return the key of a template in the bucket."""
    return f"{TEMPLATES}{hashlib.sha256(template.read_bytes()).hexdigest()}.json"


def forgettable(
    keys: Iterable[str], read: Callable[[str], str], kept: int = KEPT_RELEASES
) -> list[str]:
    r"""Return what of a packages bucket none of the last *kept* releases needs; *read* returns a note.

    A release that was deployed several times counts once: its last note stays.

    >>> forgettable(["a.zip", "b.zip", "releases/20261121T100000Z-1.0.txt"], lambda _note: "b.zip\n")
    ['a.zip']
    """
    there = sorted(keys)
    releases: dict[frozenset[str], str] = {}  # what each needs, and its last note
    notes = _notes(there)
    for note in reversed(notes):
        if len(releases) < kept:
            releases.setdefault(_needed(read(note)), note)
    needed = frozenset().union(*releases)
    stored = (key for key in there if key.endswith(".zip") or key.startswith(TEMPLATES))
    last = set(releases.values())
    return [key for key in stored if key not in needed] + [key for key in notes if key not in last]


def _notes(keys: Iterable[str]) -> list[str]:
    """Return the notes of the releases, the oldest first."""
    return sorted(key for key in keys if key.startswith(RELEASES))


def _needed(note: str) -> frozenset[str]:
    return frozenset(note.split())


_CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def _only_tls(arn: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
