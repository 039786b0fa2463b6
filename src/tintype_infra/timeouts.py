"""The functions' timeouts, and the settings that depend on them."""

from __future__ import annotations

import math
from dataclasses import replace

from aws_cdk import Token

from tintype.config import Config

LONGEST_SECONDS = 890  # below Lambda's 900, since a message's maximum delay is 900: see `least`
API_SECONDS = 29  # an HTTP API waits 30 seconds for a response
CATALOGUE_SECONDS = 30  # ten manifests, each read, written and announced in well under a second
KEYS_SECONDS = 120  # tries of DynamoDB and of CloudFormation's address, seconds apart
OVERHEAD_SECONDS = 30  # to download an original of 50 MB, store its renditions, and start
# That CloudFront waits for the render function. The default quota has been 60 and is 120 by now
# (developer guide, "Quotas"); 60 works in every account.
ORIGIN_SECONDS = 60
# So that Lambda ends the function before CloudFront gives up, which would then ask again, up to
# three times in all, and pay for each (developer guide, "Response timeout").
LONGEST_RENDER_SECONDS = ORIGIN_SECONDS - 2


def process_seconds(config: Config) -> int:
    """Return the process function's timeout: the engine's limit plus the time around it."""
    return min(LONGEST_SECONDS, math.ceil(config.limits.timeout_seconds) + OVERHEAD_SECONDS)


def render_seconds(config: Config) -> int:
    """Return the render function's timeout: the process function's, or what CloudFront waits."""
    return min(LONGEST_RENDER_SECONDS, process_seconds(config))


def least(config: Config) -> dict[str, int]:
    """Return minimums for settings of [service], so that running functions can finish.

    Renditions that no manifest names may belong to a function that is still running: they are kept
    for `sweep_seconds`.
    """
    return {"sweep_seconds": max(process_seconds(config), CATALOGUE_SECONDS) + 5}


def hidden_seconds(timeout_seconds: int) -> int:
    """Return the visibility timeout of a queue.

    Six times the function's timeout, as AWS advises: a source's pollers may receive messages for
    which Lambda refuses to start a function, and hold them while they retry ("Using Lambda with
    Amazon SQS", "Configuring a queue"). Messages that failed in the function do not wait that long:
    it makes them visible after `retry_seconds`.
    """
    return 6 * timeout_seconds


def settled(config: Config) -> Config:
    """Return the settings raised to their minimums; parameters enforce these themselves."""
    raised = {
        name: max(low, value)
        for name, low in least(config).items()
        if not Token.is_unresolved(value := getattr(config.service, name))
    }
    return replace(config, service=replace(config.service, **raised))
