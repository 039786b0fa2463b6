"""The operations of `/me`, `/session` and `/keys`: who the caller is, its cookie and its API keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from tintype import api_keys, delivery
from tintype.access import AccessMode, Caller, Scope
from tintype.api_keys import MAX_NAME_LENGTH, ApiKeyRecord
from tintype.functions import http
from tintype.functions.api_service import ApiService
from tintype.functions.errors import (
    ApiKeyNotFoundError,
    BadRequestError,
    NotAllowedError,
    TooManyKeysError,
)
from tintype.functions.http import Request, Response
from tintype.images import timestamp
from tintype.uploads import FILENAME_PATTERN, is_control
from tintype.usage import Usage

MAX_KEYS = 100  # of an owner; two requests at the same time may exceed it by one


class OwnerLimits(msgspec.Struct, frozen=True, rename="camel"):
    """The most that an owner may have or send; 0: no limit."""

    images: int
    bytes: int
    requests_per_minute: int


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The caller: its images' owner, its scopes, and how callers sign in (`access`).

    `used` is what the owner has: images, and bytes of originals.
    """

    owner: str
    admin: bool
    scopes: tuple[Scope, ...]
    access: AccessMode
    used: Usage
    limits: OwnerLimits


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """The session, whose cookie no script can read."""

    expires_at: str


class EndedSession(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """There is no session any more."""

    expires_at: str | None = None


class ListedKey(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An API key without its secret. `lastUsedAt` is right to the hour."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: str
    last_used_at: str | None = None
    expires_at: str | None = None


class KeyList(msgspec.Struct, frozen=True):
    """The caller's API keys, newest first."""

    keys: tuple[ListedKey, ...]


class KeyRequest(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An API key to make: its scopes, and at most ten years until `expiresAt`.

    With the scope admin it is at most 90 days, also without `expiresAt`.
    """

    name: Annotated[
        str,
        msgspec.Meta(
            min_length=1,
            max_length=MAX_NAME_LENGTH,
            extra_json_schema={"pattern": FILENAME_PATTERN},
        ),
    ]
    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(min_length=1, max_length=len(Scope))]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class CreatedKey(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A new API key. No other response shows `key` again."""

    id: str
    key: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None = None


class RevokedKey(msgspec.Struct, frozen=True):
    """The API key is revoked: no request is accepted with it any more."""

    id: str


def identify(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Return who the caller is."""
    caller = request.caller
    scopes = tuple(one for one in Scope if one in caller.scopes)
    access = service.authentication.mode
    allowance = service.uploads.allowance
    identity = Identity(
        owner=caller.owner,
        admin=caller.admin,
        scopes=scopes,
        access=access,
        used=service.table.used(caller.owner),
        limits=OwnerLimits(allowance.images, allowance.bytes, service.request_limit.number),
    )
    return http.json(200, identity)


def start_session(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Set a cookie that opens the caller's private renditions; for an admin, everyone's."""
    value, until = service.signer.session(request.caller)
    said = http.json(200, Session(expires_at=timestamp(until)))
    return replace(said, cookies=(delivery.cookie(value, delivery.SESSION_SECONDS),))


def end_session(_service: ApiService, _request: Request, _path: Mapping[str, str]) -> Response:
    """Delete the cookie that `POST /session` set, and what the browser has cached.

    The cookie stays valid where it was copied to.
    """
    said = http.json(200, EndedSession())
    headers = {"clear-site-data": '"cache"'}  # private renditions are kept there for an hour
    return replace(said, headers=headers, cookies=(delivery.cookie("", 0),))


def list_keys(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """List the caller's API keys."""
    return http.json(200, KeyList(tuple(map(_listed, _records(service, request.caller)))))


def create_key(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Make an API key with some of the caller's scopes."""
    wanted, now = http.parsed(request.body, KeyRequest), service.authentication.now()
    _check(wanted, request.caller, now)
    valid = [one for one in _records(service, request.caller) if not one.has_expired(now)]
    if len(valid) >= MAX_KEYS:
        message = f"{len(valid)} API keys; the limit is {MAX_KEYS}"
        raise TooManyKeysError(message)
    record, credential = api_keys.new_key(
        request.caller.owner, wanted.name, wanted.scopes, now=now, expires_at=wanted.expires_at
    )
    service.authentication.keys.put_new(api_keys.item(record))
    created = CreatedKey(
        id=record.id,
        key=str(credential),
        name=record.name,
        scopes=record.scopes,
        created_at=record.created_at,
        expires_at=api_keys.expiry(record),
    )
    return http.json(201, created)


def revoke_key(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Revoke one of the caller's API keys; an admin may revoke anyone's."""
    keys, key_id, caller = service.authentication.keys, path["id"], request.caller
    found = keys.get(api_keys.item_id(key_id)) if api_keys.is_id(key_id) else None
    if found is None or (found["owner"] != caller.owner and not caller.admin):
        message = f"no API key has the ID {key_id!r:.300}"
        raise ApiKeyNotFoundError(message)
    keys.delete(api_keys.item_id(key_id))
    return http.json(200, RevokedKey(key_id))


def _records(service: ApiService, caller: Caller) -> list[ApiKeyRecord]:
    items = service.authentication.keys.owned(caller.owner)
    return [record for item in items if (record := api_keys.from_item(item))]


def _check(wanted: KeyRequest, caller: Caller, now: datetime) -> None:
    """Raise an error if the caller may not have such a key."""
    if any(map(is_control, wanted.name)):
        message = "name: has control characters"
        raise BadRequestError(message)
    if not caller.scopes.issuperset(wanted.scopes):
        message = "only admins can make a key with the scope admin"
        raise NotAllowedError(message)
    days = api_keys.most_days(wanted.scopes)
    latest = now + timedelta(days=days)
    if wanted.expires_at is not None and not now < wanted.expires_at <= latest:
        message = f"expiresAt: not between now and {days:,} days from now"
        raise BadRequestError(message)


def _listed(record: ApiKeyRecord) -> ListedKey:
    return ListedKey(
        id=record.id,
        name=record.name,
        scopes=record.scopes,
        created_at=record.created_at,
        last_used_at=record.last_used_at,
        expires_at=api_keys.expiry(record),
    )
