"""What to do about the reasons for which CloudFormation most often cannot make a resource."""

from __future__ import annotations

import re

# Which words of a reason (and of "type: reason") call for what; the first that fits is taken.
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"UnreservedConcurrentExecution",
        (
            "the account has too few concurrent executions for a reserve: leave out the "
            'reserves, or ask for more at Service Quotas, "Concurrent executions" of Lambda'
        ),
    ),
    (
        r"'?MemorySize'? value failed|memory.{0,40}3008",
        (
            "new accounts have 3,008 MiB of memory at most: set develop_memory_mib = 3008, or"
            " write to AWS Support for more"
        ),
    ),
    (
        r"CNAMEAlreadyExists|CNAMEs you provided are already associated",
        "another distribution has this domain as its alias: take it away there first",
    ),
    (
        r"Certificate.{0,60}(not found|not exist|doesn't exist)|InvalidViewerCertificate",
        "CloudFront takes a certificate only from us-east-1, issued, and of this very name",
    ),
    (
        r"Route53.{0,80}already exists|but it already exists",
        "something of that name is there already: remove it, or choose another name",
    ),
    (
        r"TooManyBuckets|TooManyDistributions|LimitExceeded|limit exceeded|[Qq]uota",
        (
            "a quota of the account is reached: remove what is unused, or ask for more at "
            "Service Quotas"
        ),
    ),
    (
        r"not authorized to perform|AccessDenied|Access Denied|is not authorized|UnauthorizedOperation",
        "whoever deploys lacks this permission; let whoever looks after the account add it",
    ),
    (
        r"BucketNotEmpty|bucket you tried to delete is not empty",
        "something was put into the bucket meanwhile: run the command again",
    ),
    (
        r"account must be verified",
        "CloudFront asks new accounts to be verified first: open a case with AWS Support",
    ),
    (
        r"Rate exceeded|Throttl|ServiceUnavailable|Internal(Failure| error)|timed? ?out",
        "AWS was busy: run the command again",
    ),
)


def advice_for(resource_type: str, reason: str) -> str:
    """Return what to do about a reason, or nothing.

    >>> advice_for("AWS::Lambda::Function", "Rate exceeded for operation CreateFunction")
    'AWS was busy: run the command again'
    """
    text = f"{resource_type}: {reason}"
    return next((what for pattern, what in _ADVICE if re.search(pattern, text)), "")
