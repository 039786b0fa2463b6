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

    Renditions that no manifest names may be those of a function that is still at work: they are left
    alone for `sweep_seconds`.
    """
    return {"sweep_seconds": max(develop_seconds(config), CATALOGUE_SECONDS) + 5}


def hidden_seconds(timeout_seconds: int) -> int:
    """Return how long a message that was received is hidden from others.

    Six times the function's timeout, as AWS advises: a source's pollers receive messages that Lambda
    then refuses to start a function for, and hold them while they try ("Using Lambda with Amazon SQS",
    "Configuring a queue"). What failed by itself does not wait for so long: the function makes it
    visible after `retry_seconds`.
    """
    return 6 * timeout_seconds


def settled(config: Config) -> Config:
    """Return the settings with none below the least; a parameter sees to that itself."""
    raised = {
        name: max(low, value)
        for name, low in least(config).items()
        if not Token.is_unresolved(value := getattr(config.service, name))
    }
    return replace(config, service=replace(config.service, **raised))
