"""The public keys of token issuers: this cloud's user pools, and OpenID Connect providers.

A pool's keys are read from MiniStack's memory, since its address is AWS's. A provider's keys are
read from the address in its discovery document, and kept for `KEEP_SECONDS`, two hours as API
Gateway keeps them.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

from tintype.client.credentials import is_confidential
from tintype.local.ministack.modules import ministack_module

POOL = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/([a-z0-9-]+_[A-Za-z0-9]+)")
DISCOVERY = "/.well-known/openid-configuration"
KEEP_SECONDS = 7200.0
# A key that is not in the set may be new, and a provider that failed may be back: ask this often.
ASK_AGAIN_SECONDS = 5.0
TIMEOUT_SECONDS = 3.0
MOST_BYTES = 262_144
MOST_ISSUERS = 32

KeySet: TypeAlias = tuple[Mapping[str, Any], ...]
Fetch: TypeAlias = Callable[[str], Any]


class KeysUnavailableError(Exception):
    """The issuer's keys cannot be read."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An issuer's keys, when they were read, and when they were last requested."""

    keys: KeySet
    read: float
    requested: float


class Issuers:
    """The keys of all issuers. `find` waits for the network, so call it outside the event loop."""

    def __init__(
        self, fetch: Fetch | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch, self._clock = fetch or _fetched, clock
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def find(self, issuer: str, key_id: str) -> Mapping[str, Any] | None:
        """Return an issuer's key, or None if it has no such key or its keys cannot be read."""
        pool = POOL.fullmatch(issuer)
        if pool:
            return _key_in(_pool_keys(pool[1]), key_id)
        with self._lock:
            now = self._clock()
            known = self._known.get(issuer)
            if known and now - known.read >= KEEP_SECONDS:
                known = None
            found = _key_in(known.keys, key_id) if known else None
            if found is None and (known is None or now - known.requested >= ASK_AGAIN_SECONDS):
                found = _key_in(self._ask(issuer, known, now), key_id)
            return found

    def _ask(self, issuer: str, known: _Known | None, now: float) -> KeySet:
        """Read an issuer's keys; if that fails, what is known stays known."""
        try:
            known = _Known(discovered_keys(issuer, self._fetch), now, now)
        except KeysUnavailableError:
            since = known.read if known else now - KEEP_SECONDS + ASK_AGAIN_SECONDS
            known = _Known(known.keys if known else (), since, now)
        if len(self._known) >= MOST_ISSUERS:
            self._known.clear()
        self._known[issuer] = known
        return known.keys


def discovered_keys(issuer: str, fetch: Fetch) -> KeySet:
    """Return the keys of an OpenID Connect provider.

    Raises:
        KeysUnavailableError: it cannot be reached, or is not the provider of *issuer*'s tokens.
    """
    document = fetch(issuer.rstrip("/") + DISCOVERY)
    if not isinstance(document, Mapping) or document.get("issuer") != issuer:
        message = f"the discovery document is not that of {issuer}"
        raise KeysUnavailableError(message)
    found = fetch(str(document.get("jwks_uri")))
    keys = found.get("keys") if isinstance(found, Mapping) else None
    return tuple(key for key in keys or () if isinstance(key, Mapping))


def _fetched(address: str) -> Any:  # noqa: ANN401 - any JSON
    if not is_confidential(address):  # somebody else could put in keys
        message = f"{address} is neither https nor on this machine"
        raise KeysUnavailableError(message)
    try:
        with httpx.stream("GET", address, timeout=TIMEOUT_SECONDS, follow_redirects=False) as got:
            if got.status_code != httpx.codes.OK:
                message = f"{address} answered {got.status_code}"
                raise KeysUnavailableError(message)
            body = b""
            for part in got.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    message = f"{address} answered more than {MOST_BYTES} bytes"
                    raise KeysUnavailableError(message)
        return json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise KeysUnavailableError(str(error)) from error


def _pool_keys(pool_id: str) -> KeySet:
    cognito = ministack_module("services.cognito")
    if not any(key[-1] == pool_id for key, _ in cognito._user_pools.all_items()):  # noqa: SLF001
        return ()
    _, _, body = cognito.well_known_jwks(pool_id)
    return tuple(json.loads(body)["keys"])


def _key_in(keys: KeySet, key_id: str) -> Mapping[str, Any] | None:
    return next((key for key in keys if key.get("kid") == key_id), None)
