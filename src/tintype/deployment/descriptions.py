"""Readable names for the resources of the template."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HASH = re.compile(r"[0-9A-F]{8}$")  # at the end of CDK's names
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Types that need more than the last word of their name.
KINDS: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "HTTP API",
    "AWS::ApiGatewayV2::Integration": "HTTP integration",
    "AWS::ApiGatewayV2::Route": "HTTP route",
    "AWS::ApiGatewayV2::Stage": "HTTP stage",
    "AWS::AppSync::ApiKey": "GraphQL key",
    "AWS::AppSync::DataSource": "GraphQL source",
    "AWS::AppSync::GraphQLApi": "GraphQL API",
    "AWS::AppSync::GraphQLSchema": "GraphQL schema",
    "AWS::AppSync::Resolver": "GraphQL resolver",
    "AWS::CertificateManager::Certificate": "certificate",
    "AWS::CloudFormation::Stack": "stack",
    "AWS::CloudFront::Distribution": "CDN distribution",
    "AWS::CloudFront::Function": "CDN function",
    "AWS::CloudFront::OriginAccessControl": "CDN access",
    "AWS::CloudFront::ResponseHeadersPolicy": "CDN header policy",
    "AWS::Lambda::EventSourceMapping": "event source",
    "AWS::Lambda::Permission": "call permission",
    "AWS::Logs::LogGroup": "log group",
    "AWS::Route53::RecordSet": "DNS record",
    "AWS::S3::BucketPolicy": "bucket policy",
    "AWS::SNS::Subscription": "e-mail subscription",
    "AWS::SQS::QueuePolicy": "queue policy",
}
_GROUPS = frozenset({"alarms", "functions"})  # constructs whose name adds nothing to the kind


def kind_of(resource_type: str) -> str:
    """Return the kind of a resource, in one to three words.

    >>> kind_of("AWS::S3::Bucket"), kind_of("AWS::AppSync::GraphQLApi"), kind_of("Custom::Thing")
    ('bucket', 'GraphQL API', 'thing')
    """
    return KINDS.get(resource_type) or _words(resource_type.rpartition("::")[2])


def part_of(logical_id: str) -> str:
    """Return which one it is, from its name in the template.

    >>> part_of("ProcessJobsDeadLetters3CF6392F"), part_of("HttpApi4E1D4184"), part_of("Bucket")
    ('process jobs dead letters', 'http api', 'bucket')
    """
    return _words(_HASH.sub("", logical_id)) or logical_id


def title_of(logical_id: str, resource_type: str) -> str:
    """Return both, without repeating a word.

    >>> title_of("Originals63BA965B", "AWS::S3::Bucket"), title_of("HttpApi4E1D4184", "AWS::ApiGatewayV2::Api")
    ('originals bucket', 'HTTP API')
    >>> title_of("FunctionsApi45DE0CE2", "AWS::Lambda::Function"), title_of("CdnAccess7626EF36", "AWS::CloudFront::OriginAccessControl")
    ('api function', 'CDN access')
    >>> title_of("GraphqlNothingF79D77C0", "AWS::AppSync::DataSource")
    'graphql nothing source'
    """
    words, kind = part_of(logical_id).split(), kind_of(resource_type)
    if len(words) > 1 and words[0] in _GROUPS:
        words = words[1:]
    part, last = " ".join(words), kind.split()[-1]
    if part == kind.lower():
        return kind
    if words[-1] == last:
        return part
    known = {word.rstrip("s") for word in words}
    said_before = any(word.lower().rstrip("s") in known for word in kind.split())
    return f"{part} {last if said_before else kind}"


def _words(name: str) -> str:
    return " ".join(word.lower() for word in _WORD.findall(name))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "DNS record"), counted(2, "bucket policy"), counted(2, "CDN access")
    ('1 DNS record', '2 bucket policies', '2 CDN accesses')
    """
    if number == 1:
        return f"1 {noun}"
    stem, ending = {"y": (noun[:-1], "ies"), "s": (noun, "es")}.get(noun[-1], (noun, "s"))
    return f"{number:,} {stem}{ending}"
