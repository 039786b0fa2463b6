"""The outputs of a stack, written into its template."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from aws_cdk import Aws, CfnOutput, Stack

from tintype.outputs import Output
from tintype.releases import OPEN_TO_ALL

if TYPE_CHECKING:
    from tintype_infra.construct import Tintype


def outputs_of(tintype: Tintype) -> dict[str, str]:
    """Return the outputs of a deployment: URLs, names and facts."""
    return {
        **_addresses(tintype),
        **_names(tintype),
        Output.VERSION: version("tintype"),
        **_access(tintype),
        Output.DELIVERY_UNSIGNED: tintype.delivery.unsigned.value,
        Output.DELIVERY_WIDTHS: ",".join(map(str, tintype.delivery.widths)),
    }


def add_outputs(stack: Stack, values: Mapping[str, str]) -> None:
    """Add each value as an output with its name, with its description.

    Raises:
        ValueError: `Output` has no such name.
    """
    for name, value in values.items():
        output = Output(name)
        add_output(stack, output.value, value, output.description)


def add_output(stack: Stack, name: str, value: str, description: str) -> None:
    """Add an output of exactly that *name*."""
    made = CfnOutput(stack, f"{name}Output", value=value, description=description)
    made.override_logical_id(name)


def _addresses(tintype: Tintype) -> dict[str, str]:
    return {
        Output.API_URL: f"{tintype.public_url}/api",
        Output.CDN_URL: tintype.public_url,
        Output.HTTP_API_URL: tintype.http_api.api.api_endpoint,
        Output.GRAPHQL_URL: tintype.graphql.api.attr_graph_ql_url,
        Output.GRAPHQL_REALTIME_URL: tintype.graphql.realtime_url,
        Output.GRAPHQL_API_KEY: tintype.graphql.key_or_none,
        Output.ORIGINALS_READABLE: tintype.originals_readable.text("true", "false"),
        Output.PROCESS_QUEUE_URL: tintype.process_jobs.queue.queue_url,
        Output.BACKGROUND_QUEUE_URL: tintype.background_queue.queue_url,
        Output.PROCESS_FAILED_QUEUE_URL: tintype.failed_queue.queue_url,
        Output.PROCESS_DEAD_LETTER_QUEUE_URL: tintype.process_jobs.dead_letters.queue_url,
        Output.CATALOGUE_QUEUE_URL: tintype.catalogue_jobs.queue.queue_url,
        Output.CATALOGUE_DEAD_LETTER_QUEUE_URL: tintype.catalogue_jobs.dead_letters.queue_url,
    }


def _access(tintype: Tintype) -> dict[str, str]:
    sign_in = tintype.sign_in
    return {
        Output.ACCESS: sign_in.is_open.text(OPEN_TO_ALL, ""),
        Output.ACCESS_MODE: sign_in.access.mode,
        Output.ACCESS_TABLE: tintype.access.table_name,
        Output.VISIBILITY: sign_in.access.visibility,
        Output.ANYONE: sign_in.anyone,
        Output.SIGN_IN_ISSUER: sign_in.of_mode(lambda one: one.issuer),
        Output.SIGN_IN_CLIENT_ID: sign_in.of_mode(lambda one: one.client_id),
        Output.SIGN_IN_URL: sign_in.of_mode(lambda one: one.url),
        Output.SIGN_IN_SCOPE: sign_in.of_mode(lambda one: one.scope),
        Output.SIGN_IN_AUDIENCE: sign_in.is_oidc.text(sign_in.other.audience, ""),
        Output.USER_POOL_ID: sign_in.of_mode(lambda one: one.pool_id),
        Output.ADMIN_GROUP: sign_in.access.admin_group,
    }


def _names(tintype: Tintype) -> dict[str, str]:
    return {
        Output.GRAPHQL_API_ID: tintype.graphql.api.attr_api_id,
        Output.DISTRIBUTION_ID: tintype.cdn.distribution.distribution_id,
        Output.DISTRIBUTION_DOMAIN: tintype.cdn.distribution.distribution_domain_name,
        Output.ORIGINALS_BUCKET: tintype.originals.bucket_name,
        Output.RENDITIONS_BUCKET: tintype.renditions.bucket_name,
        Output.SITE_BUCKET: tintype.site.bucket_name,
        Output.IMAGES_TABLE: tintype.images.table_name,
        Output.API_FUNCTION: tintype.functions.api.function_name,
        Output.PROCESS_FUNCTION: tintype.functions.process.function_name,
        Output.CATALOGUE_FUNCTION: tintype.functions.catalogue.function_name,
        Output.RENDER_FUNCTION: tintype.functions.render.function_name,
        Output.REGION: Aws.REGION,
    }
