"""The page's key for the GraphQL API, renewed every day so that it never expires.

AppSync allows a key a year at most, and seven days by default.
"""

from __future__ import annotations

import time

from tintype.aws.appsync import ApiKey
from tintype.functions.logging import report

RENEW = {"command": "renewKey"}  # the event that the template's rule sends
KEY_DAYS = 364  # AppSync allows 365 at most, and rounds to the hour
_DAY_SECONDS = 86_400


def renew_key(function: str, key: ApiKey) -> None:
    """Extend the key by a year.

    Raises:
        ServiceError: AppSync refused or failed.
    """
    expires = int(time.time()) + KEY_DAYS * _DAY_SECONDS
    key.renew(expires)
    report(function, "renewed the page's key", expires=expires)
