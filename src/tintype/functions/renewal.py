"""The page's key for the GraphQL API, renewed every day: it never ends.

AppSync gives a key a year at most, and one of which nothing is said seven days.
"""

from __future__ import annotations

import time

from tintype.aws.appsync import ApiKey
from tintype.functions.telemetry import report

RENEW = {"command": "renewKey"}  # what the rule of the template sends
KEY_DAYS = 364  # AppSync takes 365 at most, and rounds to the hour
_DAY_SECONDS = 86_400


def renew_key(function: str, key: ApiKey) -> None:
    """Give the key another year.

    Raises:
        ServiceError: AppSync refuses or fails.
    """
    expires = int(time.time()) + KEY_DAYS * _DAY_SECONDS
    key.renew(expires)
    report(function, "the page's key is renewed", expires=expires)
