"""What to do about the most frequent reasons why CloudFormation cannot create a resource."""

from __future__ import annotations

import re

_QUOTA = 'request more at Service Quotas, "Concurrent executions" of Lambda'
# Patterns of "type: reason", and the advice for each; the first match counts.
_ADVICE = {
    r"UnreservedConcurrentExecution": (
        "the account has too few concurrent executions for a reserve: set render_concurrency = 0, leave "
        f"out the other reserves, or {_QUOTA}"
    ),
    r"'?MemorySize'? value failed|memory.{0,40}3008": (
        "new accounts are limited to 3,008 MiB of memory: set process_memory_mib = 3008, or ask AWS "
        "Support for more"
    ),
    r"CNAMEAlreadyExists|CNAMEs you provided are already associated": (
        "another distribution has this domain as its alias: remove it there first"
    ),
    r"[Cc]ertificate.{0,60}(not found|not exist|doesn't (exist|cover))|InvalidViewerCertificate": (
        "CloudFront accepts only an issued certificate in us-east-1 for this very name"
    ),
    r"Route53.{0,80}already exists|but it already exists": (
        "the name is taken: remove what has it, or choose another name"
    ),
    r"TooManyBuckets|TooManyDistributions|LimitExceeded|limit exceeded|[Qq]uota": (
        "a quota of the account is reached: remove what is unused, or request more at Service Quotas"
    ),
    r"not authorized to perform|AccessDenied|Access Denied|is not authorized|UnauthorizedOperation": (
        "the caller lacks this permission: ask the account's administrator for it"
    ),
    r"BucketNotEmpty|bucket you tried to delete is not empty": (
        "something was put into the bucket meanwhile: run the command again"
    ),
    r"account must be verified": (
        "CloudFront requires new accounts to be verified first: open a case with AWS Support"
    ),
    r"Rate exceeded|Throttl|ServiceUnavailable|Internal(Failure| error)|timed? ?out": (
        "AWS was busy: run the command again"
    ),
}


def advice_for(resource_type: str, reason: str) -> str:
    """Return what to do about a reason, or nothing.

    >>> advice_for("AWS::Lambda::Function", "Rate exceeded for operation CreateFunction")
    'AWS was busy: run the command again'
    """
    text = f"{resource_type}: {reason}"
    return next((what for pattern, what in _ADVICE.items() if re.search(pattern, text)), "")
