"""CloudFront's cache for MiniStack's distributions, which otherwise ask the origin every time.

The cache of `distribution.py` is placed between viewers and origins, with the behaviours, cache
policies and error times of the deployed distribution. MiniStack does the rest: functions at the
edge, response headers, origins.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tintype.local.distribution import (
    ERROR_SECONDS,
    CachePolicy,
    EdgeCache,
    EdgeRequest,
    EdgeResponse,
    Names,
    viewers_vary,
)
from tintype.local.edge_event import event_items, normalized
from tintype.local.ministack.modules import ministack_module

Undo: TypeAlias = Callable[[], None]
# Guide, "Use managed cache policies": this one caches nothing, not even errors ("How CloudFront
# processes HTTP 4xx and 5xx status codes from your origin"), and requests are not collapsed.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
DAY, YEAR = 86_400, 31_536_000  # seconds; the defaults of a policy
METHODS = frozenset({"GET", "HEAD"})


@dataclass(slots=True)
class _Visit:
    """A viewer's request in progress: its behaviour and its result."""

    distribution: str
    errors: Mapping[int, float]
    query: str  # as it was sent
    behavior: Mapping[str, Any] = field(default_factory=dict)
    seen: str = ""


_VISIT: ContextVar[_Visit | None] = ContextVar("visit", default=None)


class Edge:
    """One edge location: a cache for each distribution."""

    def __init__(self) -> None:
        self._caches: dict[str, EdgeCache] = {}
        self._errors: dict[tuple[str, str], Mapping[int, float]] = {}

    def connect(self) -> Undo:
        """Put the caches before the origins, and return a function that undoes it."""
        cloudfront = ministack_module("services.cloudfront")
        undo = contextlib.ExitStack()
        for name, around in (
            ("handle_viewer_request", self._around_requests),
            ("_match_behavior", self._around_matching),
            ("_fetch_from_origin", self._around_fetching),
            ("_create_invalidation", self._around_invalidations),
            ("_build_function_event", _around_events),
        ):
            original = getattr(cloudfront, name)
            undo.callback(setattr, cloudfront, name, original)
            setattr(cloudfront, name, around(original))
        return undo.close

    def compresses(self, domain: str, path: str) -> bool:
        """Whether responses at *path* are compressed: its behaviour and cache policy must enable it.

        Guide, "Serve compressed files"; CachingDisabled does not.
        """
        cloudfront = ministack_module("services.cloudfront")
        found = cloudfront.find_distribution_for_label(domain.partition(".")[0])
        if found is None:
            return False
        config = cloudfront._dist_config_el(found)  # noqa: SLF001
        parsed = cloudfront.parse_distribution_dataplane_config(found)
        behavior = cloudfront._match_behavior(parsed, path)  # noqa: SLF001
        wanted = _compressed_patterns(config)
        policy = _policy_config(behavior.get("cache_policy_id"))
        packs = (policy.get("Parameters") or {}).get("EnableAcceptEncodingGzip", False)
        return behavior["path_pattern"] in wanted and bool(packs)

    def _around_requests(self, original: Any) -> Any:  # noqa: ANN401 - MiniStack has no types
        async def handle(found: dict[str, Any], *asked: Any) -> Any:  # noqa: ANN401
            method, _path, raw_uri, query, *rest = asked
            visit = _Visit(found["Id"], self._errors_of(found), query)
            token = _VISIT.set(visit)
            # MiniStack would match the path with all of its escapes decoded, slashes too.
            matched = normalized(raw_uri)
            try:
                status, headers, body = await original(
                    found, method, matched, raw_uri, query, *rest
                )
            finally:
                _VISIT.reset(token)
            if visit.seen:
                headers = {
                    name: visit.seen if name.lower() == "x-cache" else text
                    for name, text in headers.items()
                }
            return status, headers, body

        return handle

    def _around_matching(self, original: Any) -> Any:  # noqa: ANN401
        def match(parsed: dict[str, Any], path: str) -> Any:  # noqa: ANN401
            behavior = original(parsed, path)
            visit = _VISIT.get()
            if visit is not None and not visit.behavior and behavior is not None:
                visit.behavior = behavior
            return behavior

        return match

    def _around_fetching(self, original: Any) -> Any:  # noqa: ANN401
        async def fetch(origin: dict[str, Any], *asked: Any) -> Any:  # noqa: ANN401
            method, uri, query, headers, body, *rest = asked
            visit = _VISIT.get()
            policy = _policy(visit.behavior.get("cache_policy_id")) if visit else None
            if visit is None or policy is None or method not in METHODS or body:
                return await original(origin, *asked)

            forwarded = _forwarded(visit.behavior.get("origin_request_policy_id"))

            async def ask(request: EdgeRequest) -> EdgeResponse:
                sent = (request.method, request.path, request.query, dict(request.headers), b"")
                status, _, said, content = await original(origin, *sent, *rest)
                # A function's response to HEAD would have the length of nothing (RFC 9110, 8.6).
                measured = {"content-length": str(len(content)), **said}
                answer = EdgeResponse(status, measured, content)
                return viewers_vary(answer, policy.headers, forwarded)

            request = EdgeRequest(method, origin["id"], uri, query, headers)
            cache = self._caches.setdefault(visit.distribution, EdgeCache())
            answer = await cache.respond(request, policy, visit.errors, ask)
            visit.seen = answer.seen
            return answer.status, "", dict(answer.headers), answer.body

        return fetch

    def _around_invalidations(self, original: Any) -> Any:  # noqa: ANN401
        def create(distribution: str, body: bytes) -> Any:  # noqa: ANN401
            cloudfront = ministack_module("services.cloudfront")
            status, headers, said = original(distribution, body)
            if status < 300 and (cache := self._caches.get(distribution)):  # noqa: PLR2004
                latest = cloudfront._invalidations[distribution][-1]  # noqa: SLF001
                cache.purge(latest["InvalidationBatch"]["Paths"]["Items"])
            return status, headers, said

        return create

    def _errors_of(self, found: dict[str, Any]) -> Mapping[int, float]:
        version = (found["Id"], found["ETag"])
        if version not in self._errors:
            self._errors = {**self._errors, version: _error_times(found)}
        return self._errors[version]


def _around_events(original: Any) -> Any:  # noqa: ANN401
    """Give functions the query and the cookies as they were sent, each value of a repeated name.

    Guide, "CloudFront Functions event structure". MiniStack decodes the query, drops empty values,
    and keeps the last of several cookies.
    """

    def build(*arguments: Any) -> Any:  # noqa: ANN401
        event = original(*arguments)
        headers: Mapping[str, str] = arguments[7]
        visit = _VISIT.get()
        if visit is not None:
            event["request"]["querystring"] = event_items(visit.query, "&")
        event["request"]["cookies"] = event_items(headers.get("cookie", ""), ";")
        return event

    return build


def _error_times(found: dict[str, Any]) -> dict[int, float]:
    """Return a distribution's cache times for errors; omitted ones have the default."""
    cloudfront = ministack_module("services.cloudfront")
    errors = cloudfront._find(cloudfront._dist_config_el(found), "CustomErrorResponses")  # noqa: SLF001
    items = cloudfront._find(errors, "Items") if errors is not None else None  # noqa: SLF001
    return {
        int(_text(item, "ErrorCode")): float(_text(item, "ErrorCachingMinTTL") or ERROR_SECONDS)
        for item in (items if items is not None else ())
    }


def _compressed_patterns(config: Any) -> set[str | None]:  # noqa: ANN401
    """Return the paths of the behaviours that compress; None stands for the default behaviour."""
    cloudfront = ministack_module("services.cloudfront")
    behaviors = cloudfront._find(config, "CacheBehaviors")  # noqa: SLF001
    items = cloudfront._find(behaviors, "Items") if behaviors is not None else None  # noqa: SLF001
    listed: dict[str | None, Any] = {
        _text(item, "PathPattern"): item for item in (items if items is not None else ())
    }
    default = cloudfront._find(config, "DefaultCacheBehavior")  # noqa: SLF001
    every = {**listed, None: default}
    return {path for path, item in every.items() if _text(item, "Compress").lower() == "true"}


def _text(element: Any, tag: str) -> str:  # noqa: ANN401
    return ministack_module("services.cloudfront")._text(element, tag) or ""  # noqa: SLF001


def _policy_config(policy_id: str | None) -> Mapping[str, Any]:
    cloudfront = ministack_module("services.cloudfront")
    known = cloudfront._cache_policies.get(policy_id)  # noqa: SLF001
    found = known or cloudfront._MANAGED_CACHE_POLICIES.get(policy_id)  # noqa: SLF001
    return found["Config"] if found else {}


def _policy(policy_id: str | None) -> CachePolicy | None:
    """Return a behaviour's cache policy, or None if it caches nothing."""
    if not policy_id or policy_id == CACHING_DISABLED:
        return None
    config = _policy_config(policy_id)
    parameters = config.get("Parameters") or {}
    least = config.get("MinTTL", 0)
    usual = config.get("DefaultTTL", max(DAY, least))
    return CachePolicy(
        float(least),
        float(usual),
        float(config.get("MaxTTL", max(YEAR, usual))),
        headers=_names(parameters, "Header", "Headers", lower=True),
        cookies=_names(parameters, "Cookie", "Cookies"),
        queries=_names(parameters, "QueryString", "QueryStrings"),
    )


def _forwarded(policy_id: str | None) -> Names:
    """Return the headers that an origin request policy forwards without putting them into the key."""
    config = ministack_module("services.cloudfront").origin_request_policy_config(policy_id)
    named = _names(config or {}, "Header", "Headers", lower=True)
    return Names("all") if named.kind.startswith("allViewer") else named


def _names(parameters: Mapping[str, Any], kind: str, names: str, *, lower: bool = False) -> Names:
    listed = parameters.get(names) or ()
    return Names(
        parameters.get(f"{kind}Behavior", "none"),
        frozenset(name.lower() if lower else name for name in listed),
    )
