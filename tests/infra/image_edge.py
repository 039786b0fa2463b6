"""The CloudFront Function of pictures, run in a Node that stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.delivery_cases import CURRENT, PREVIOUS, DeliveryCase, Outcome
from tests.delivery_sizes import PRESETS
from tests.infra.edge_node import EdgeNode
from tintype import delivery
from tintype.config import Config, Delivery, load, shipped
from tintype.config.delivery import Unsigned
from tintype_infra.images_edge import function_code

STATUS = {Outcome.INVALID: 400, Outcome.REFUSED: 403, Outcome.MISSING: 404}
CALL = "Date.now = () => given.now * 1000 + 999; return handler(given.event);"


def config(unsigned: Unsigned = Unsigned.GRID) -> Config:
    """Return a configuration with the presets of the cases."""
    return replace(load(shipped()), presets=PRESETS, delivery=Delivery(unsigned=unsigned))


class Edge(EdgeNode):
    """The function with these keys; it is given an event and the moment that it happens."""

    def __init__(
        self,
        current: str = CURRENT,
        previous: str = PREVIOUS,
        *,
        unsigned: Unsigned = Unsigned.GRID,
    ) -> None:
        super().__init__(function_code(current, previous, config(unsigned)), CALL)

    def response(self, request: DeliveryCase) -> Any:
        return self.run(event(request), request.now)

    def run(self, event: dict[str, Any], now: int) -> Any:
        """Return what the function makes of an event at this moment, in seconds since 1970."""
        return self.call({"now": now, "event": event})


def items(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return CloudFront's form of names that may be there more than once.

    Developer guide, "CloudFront Functions event structure", "Duplicate query strings, headers, and
    cookies".
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            one = found[name]
            one.setdefault("multiValue", [{"value": one["value"]}]).append({"value": value})
        else:
            found[name] = {"value": value}
    return found


def event(request: DeliveryCase) -> dict[str, Any]:
    """Return what CloudFront gives a viewer-request function: path and query as they were sent."""
    parts = [part.partition("=") for part in request.query.split("&") if part]
    accept = {} if request.accept is None else {"accept": {"value": request.accept}}
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": request.path,
            "querystring": items((name, value) for name, _, value in parts),
            "headers": {"host": {"value": "cdn.example"}, **accept},
            "cookies": items((delivery.COOKIE, value) for value in request.cookies),
        },
    }


def outcome(response: Any) -> Outcome:
    if "statusCode" not in response:
        return Outcome.SERVED
    return Outcome({status: known for known, status in STATUS.items()}[response["statusCode"]])
