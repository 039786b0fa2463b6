"""The packages bucket, from which CloudFormation reads the template and Lambda the packages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tintype.aws.account import GLOBAL_REGION
from tintype.aws.errors import NotFoundError
from tintype.aws.sdk import Clients, calling
from tintype.deployment.emptying import empty
from tintype.releases import Release

TEMPLATES = "templates/"
STACK_TAG = "tintype:stack"
LONGEST_NAME = 63  # characters of a bucket's name
_LONGEST_START, _DIGEST_LENGTH = 46, 16

Advance = Callable[[str, int], None]  # the file that is sent, and how many more bytes were


def bucket_name(stack: str, account: str, region: str) -> str:
    """Return the name of a stack's packages bucket; one that S3 would refuse is cut and hashed.

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
    """The bucket of one stack; each request names the *account* that must own it."""

    clients: Clients
    name: str
    account: str

    def exists(self) -> bool:
        """Whether it exists in the account.

        Raises:
            AccessDeniedError: it belongs to another account, or s3:ListBucket is missing.
            ServiceError: S3 does not answer.
        """
        try:
            with calling("s3", "HeadBucket"):
                self._s3.head_bucket(Bucket=self.name, **self._owned)
        except NotFoundError:
            return False
        return True

    def has_templates_alone(self) -> bool:
        """Whether it exists without any release in it: changes were only planned.

        Raises:
            AccessDeniedError: it belongs to another account, or s3:ListBucket is missing.
            ServiceError: S3 does not answer.
        """
        return self.exists() and all(key.startswith(TEMPLATES) for key in self._keys())

    def create(self, stack: str, tags: Mapping[str, str] | None = None) -> None:
        """Create it if it does not exist, and tag it.

        Raises:
            AccessDeniedError: it belongs to another account.
            ServiceError: S3 refuses.
        """
        if not self.exists():
            place: dict[str, Any] = {}
            if self.clients.region != GLOBAL_REGION:  # which S3 does not accept as a location
                place["CreateBucketConfiguration"] = {"LocationConstraint": self.clients.region}
            with calling("s3", "CreateBucket"):
                self._s3.create_bucket(Bucket=self.name, **place)
        self._close({**(tags or {}), STACK_TAG: stack})

    def _close(self, tags: Mapping[str, str]) -> None:
        """Block public access, demand TLS, and set the tags."""
        with calling("s3", "PutPublicAccessBlock"):
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
        """Return the packages of *release* that are not in it yet.

        Raises:
            ServiceError: S3 does not answer.
        """
        there = set(self._keys())
        return [path for path in release.packages if path.name not in there]

    def send(self, path: Path, advance: Advance) -> None:
        """Upload a package; *advance* is called for each part.

        Raises:
            ServiceError: S3 refuses.
        """
        with calling("s3", "PutObject"):
            self._s3.upload_file(
                str(path),
                self.name,
                path.name,
                ExtraArgs=self._owned,
                Callback=lambda number: advance(path.name, number),
            )

    def send_template(self, template: Path) -> str:
        """Upload a template, and return the URL for CloudFormation.

        Raises:
            ServiceError: S3 refuses.
        """
        data = template.read_bytes()
        key = template_key(template)
        with calling("s3", "PutObject"):
            self._s3.put_object(Bucket=self.name, Key=key, Body=data, **self._owned)
        # Path style: a local cloud reads no other, and CloudFormation accepts both.
        return f"{self._s3.meta.endpoint_url}/{self.name}/{key}"

    def keep_only(self, release: Release) -> None:
        """Delete the packages and templates of other releases; a later one sends its own again.

        Raises:
            ServiceError: S3 refuses.
        """
        needed = {*release.manifest.packages, template_key(release.template)}
        with calling("s3", "DeleteObject"):
            for key in self._keys():
                if key not in needed and (key.endswith(".zip") or key.startswith(TEMPLATES)):
                    self._s3.delete_object(Bucket=self.name, Key=key, **self._owned)

    def remove(self, advance: Callable[[int], None] = lambda _number: None) -> None:
        """Empty and delete it.

        Raises:
            ServiceError: S3 refuses.
        """
        empty(self.clients, self.name, advance, owner=self.account)
        with calling("s3", "DeleteBucket"):
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
        pages = self.clients.pages("s3", "list_objects_v2", Bucket=self.name, **self._owned)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def template_key(template: Path) -> str:
    """Return the key of a template in the bucket."""
    return f"{TEMPLATES}{hashlib.sha256(template.read_bytes()).hexdigest()}.json"


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
