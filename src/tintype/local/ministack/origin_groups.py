"""Origin groups of a distribution: a second origin answers where the first one fails.

Amazon CloudFront's developer guide, "Optimize high availability with CloudFront origin failover" and
"Request and response behavior for origin groups". MiniStack ignores groups.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from tintype.local.ministack.modules import ministack_module

Undo: TypeAlias = Callable[[], None]
Origin: TypeAlias = "dict[str, Any]"

# "CloudFront fails over to the secondary origin only when the HTTP method of the viewer request is
# GET, HEAD, or OPTIONS"; the last one only if the behaviour caches it, which none of ours does.
METHODS = frozenset({"GET", "HEAD"})
# "CloudFront fails to connect to the primary origin (when 503 is set as a failover code)", "the
# response from the primary origin takes too long (times out) (when 504 is set as a failover code)"
NOT_CONNECTED, TIMED_OUT = 503, 504
_MEMBERS, _CODES = "tintype:members", "tintype:failover-codes"


def fail_over() -> Undo:
    """Enable origin groups, and return a function that undoes it.

    The cache of `edge.py` is in front: only the response of the origin that answered is cached.
    """
    cloudfront = ministack_module("services.cloudfront")
    parse, fetch = cloudfront.parse_distribution_dataplane_config, cloudfront._fetch_from_origin  # noqa: SLF001

    def parse_groups(distribution: Mapping[str, Any]) -> dict[str, Any]:
        parsed: dict[str, Any] = parse(distribution)
        groups = _groups(distribution, parsed["origins"])
        return {**parsed, "origins": {**parsed["origins"], **groups}}

    async def fetch_from_group(origin: Origin, method: str, *asked: Any) -> Any:  # noqa: ANN401
        if _MEMBERS not in origin:
            return await fetch(origin, method, *asked)
        codes = origin[_CODES] if method in METHODS else frozenset()
        return await _first_that_works(fetch, origin[_MEMBERS], codes, method, *asked)

    cloudfront.parse_distribution_dataplane_config = parse_groups
    cloudfront._fetch_from_origin = fetch_from_group  # noqa: SLF001

    def undo() -> None:
        cloudfront.parse_distribution_dataplane_config = parse
        cloudfront._fetch_from_origin = fetch  # noqa: SLF001

    return undo


async def _first_that_works(
    fetch: Callable[..., Awaitable[Any]],
    members: tuple[Origin, Origin],
    codes: frozenset[int],
    *request: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Return the first origin's response, or that of the second if the first one's status is in *codes*.

    "If the returned status code has been configured for failover, CloudFront sends the same request
    to the secondary origin"; "CloudFront routes all incoming requests to the primary origin, even
    when a previous request failed over".
    """
    cloudfront = ministack_module("services.cloudfront")
    primary, secondary = members
    try:
        answer = await fetch(primary, *request)
    except cloudfront.OriginUnreachable:
        if NOT_CONNECTED not in codes:
            raise
    except cloudfront.OriginTimeout:
        if TIMED_OUT not in codes:
            raise
    else:
        if answer[0] not in codes:
            return answer
    return await fetch(secondary, *request)


def _groups(distribution: Mapping[str, Any], origins: Mapping[str, Origin]) -> dict[str, Origin]:
    """Return a distribution's groups by ID, each in the form of an origin with its members."""
    cloudfront = ministack_module("services.cloudfront")
    config = cloudfront._dist_config_el(distribution)  # noqa: SLF001
    found: dict[str, Origin] = {}
    for group in _items(config, "OriginGroups"):
        name = cloudfront._text(group, "Id")  # noqa: SLF001
        criteria = cloudfront._find(group, "FailoverCriteria")  # noqa: SLF001
        primary, secondary = (
            origins[cloudfront._text(member, "OriginId")]  # noqa: SLF001
            for member in _items(group, "Members")
        )
        found[name] = {
            **primary,
            "id": name,
            _MEMBERS: (primary, secondary),
            _CODES: frozenset(int(code.text) for code in _items(criteria, "StatusCodes")),
        }
    return found


def _items(element: Any, tag: str) -> list[Any]:  # noqa: ANN401
    """Return what a list of CloudFront's API contains; an absent list is empty."""
    cloudfront = ministack_module("services.cloudfront")
    listed = cloudfront._find(element, tag)  # noqa: SLF001
    items = cloudfront._find(listed, "Items") if listed is not None else None  # noqa: SLF001
    return list(items) if items is not None else []
