"""How long functions may run, and what must wait for them."""

from __future__ import annotations

import math
from dataclasses import replace

from aws_cdk import Token

from tintype.config import Config

LONGEST_SECONDS = 890  # of Lambda's 900, as a message can be delayed by 900: see `least`
API_SECONDS = 29  # an HTTP API waits 30 seconds for an answer
CATALOGUE_SECONDS = 30  # ten manifests, each read, written and announced in well under a second
AROUND_SECONDS = 30  # to fetch an original of 50 MB, to store its renditions, and to start


def develop_seconds(config: Config) -> int:
    """Return how long the develop function may run: the engine's limit, and the ways around it."""
    return min(LONGEST_SECONDS, math.ceil(config.limits.timeout_seconds) + AROUND_SECONDS)


def least(config: Config) -> dict[str, int]:
    """Return what settings of [service] must be at least, so that a function that runs may end.

    A message that was received is hidden for `retry_seconds`. AWS's advice of six times the function's
    timeout is for sources without a limit of their own: their pollers receive messages that Lambda then
    refuses to take. `max_concurrency` lets them receive only what can be run at once, so it is enough
    to outlive the function. And renditions that no manifest names may until then be somebody's who is
    still at work: they are left alone for `sweep_seconds`.
    """
    longest = max(develop_seconds(config), CATALOGUE_SECONDS) + 5
    return {"retry_seconds": longest, "sweep_seconds": longest}


def settled(config: Config) -> Config:
    """Return the settings with none below the least; a parameter sees to that itself."""
    raised = {
        name: max(low, value)
        for name, low in least(config).items()
        if not Token.is_unresolved(value := getattr(config.service, name))
    }
    return replace(config, service=replace(config.service, **raised))
