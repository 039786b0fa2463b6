"""The outputs of a deployed stack: a row for each, with its name in the template and a description.

The template, the Terraform module's outputs and the tables of both in the documentation are
generated from the rows; code that reads a stack takes the names from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self


class Output(StrEnum):
    """An output of the stack. *description* is a phrase without a full stop."""

    description: str

    API_URL = "ApiUrl", "URL of the HTTP API, through the CDN"
    CDN_URL = "CdnUrl", "URL of the page, and base URL of all renditions"
    HTTP_API_URL = "HttpApiUrl", "API Gateway's own URL of the HTTP API, behind the CDN"
    GRAPHQL_URL = "GraphqlUrl", "URL for GraphQL queries"
    GRAPHQL_REALTIME_URL = "GraphqlRealtimeUrl", "WebSocket URL for GraphQL subscriptions"
    GRAPHQL_API_KEY = (
        "GraphqlApiKey",
        "In mode open, the key for GraphQL queries and subscriptions: public and read-only",
    )
    ORIGINALS_READABLE = (
        "OriginalsReadable",
        "Whether the API issues links to originals, `true` or `false`",
    )
    PROCESS_QUEUE_URL = "ProcessQueueUrl", "Queue of the originals to process"
    BACKGROUND_QUEUE_URL = (
        "BackgroundQueueUrl",
        "Queue of the originals that nobody waits for: reprocess, backfill, redrive",
    )
    PROCESS_FAILED_QUEUE_URL = (
        "ProcessFailedQueueUrl",
        "Queue of the originals that failed on every try, until the failure is recorded",
    )
    PROCESS_DEAD_LETTER_QUEUE_URL = (
        "ProcessDeadLetterQueueUrl",
        "Dead-letter queue of the originals; `tintype redrive` retries its messages",
    )
    CATALOGUE_QUEUE_URL = "CatalogueQueueUrl", "Queue of the manifests to record"
    CATALOGUE_DEAD_LETTER_QUEUE_URL = (
        "CatalogueDeadLetterQueueUrl",
        "Dead-letter queue of the manifests; `tintype redrive` retries its messages",
    )
    GRAPHQL_API_ID = "GraphqlApiId", "ID of the GraphQL API"
    DISTRIBUTION_ID = "DistributionId", "ID of the CloudFront distribution"
    DISTRIBUTION_DOMAIN = (
        "DistributionDomain",
        "The distribution's own domain, for DNS records that you create yourself",
    )
    ORIGINALS_BUCKET = (
        "OriginalsBucket",
        "Bucket of the originals; objects put into it are processed",
    )
    RENDITIONS_BUCKET = "RenditionsBucket", "Bucket of the renditions and manifests"
    SITE_BUCKET = "SiteBucket", "Bucket of the page's files"
    IMAGES_TABLE = "ImagesTable", "Table of the images' records"
    API_FUNCTION = "ApiFunction", "Name of the function behind the HTTP API"
    PROCESS_FUNCTION = "ProcessFunction", "Name of the function that processes originals"
    CATALOGUE_FUNCTION = "CatalogueFunction", "Name of the function that records and announces"
    RENDER_FUNCTION = "RenderFunction", "Name of the function that renders any size"
    REGION = "Region", "Region of the stack"
    VERSION = "Version", "Deployed version of Tintype"
    ACCESS = "Access", "In mode open, who can use the stack, in a sentence"
    ACCESS_MODE = "AccessMode", "Who can use the stack: `open`, `cognito` or `oidc`"
    ACCESS_TABLE = "AccessTable", "Table of the API keys' hashes"
    VISIBILITY = (
        "Visibility",
        "Who can get an image's renditions, if its upload does not say: `public` or `private`",
    )
    DELIVERY_UNSIGNED = (
        "DeliveryUnsigned",
        "What addresses of any size are open without a signature: `grid`, `presets` or `none`",
    )
    DELIVERY_WIDTHS = "DeliveryWidths", "The grid's widths in pixels, separated by commas"
    ANYONE = "Anyone", "In mode open, what anyone can do"
    SIGN_IN_ISSUER = "SignInIssuer", "Issuer of the access tokens; empty in mode open"
    SIGN_IN_CLIENT_ID = (
        "SignInClientId",
        "ID of the public client with which the page and the command line sign in",
    )
    SIGN_IN_URL = "SignInUrl", "In mode cognito, base URL of the sign-in page"
    SIGN_IN_SCOPE = "SignInScope", "OAuth scopes requested at sign-in"
    SIGN_IN_AUDIENCE = "SignInAudience", "In mode oidc, audience requested at sign-in"
    USER_POOL_ID = "UserPoolId", "In mode cognito, ID of the user pool"
    ADMIN_GROUP = "AdminGroup", "Where people sign in, group whose members are admins"

    # Variadic, because for type checkers the look-up `Output("ApiUrl")` takes the same arguments.
    def __new__(cls, name: str, *description: str) -> Self:
        """Create the output of a row."""
        output = str.__new__(cls, name)
        output._value_ = name
        (output.description,) = description
        return output


# The only output of the certificate stack, and the parameter of the service's stack for it.
CERTIFICATE_ARN = "CertificateArn"

# The functions by their short names, and the outputs with their names on AWS.
FUNCTION_OUTPUTS = {
    "api": Output.API_FUNCTION,
    "process": Output.PROCESS_FUNCTION,
    "catalogue": Output.CATALOGUE_FUNCTION,
    "render": Output.RENDER_FUNCTION,
}


def widths_of(outputs: Mapping[str, str]) -> tuple[int, ...]:
    """Return the grid's widths in pixels, ascending; none if the stack does not say them.

    >>> widths_of({"DeliveryWidths": "320,640"})
    (320, 640)
    """
    return tuple(map(int, filter(None, outputs.get(Output.DELIVERY_WIDTHS, "").split(","))))
