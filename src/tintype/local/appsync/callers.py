"""Callers of a GraphQL API, and the fields they may access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNamedType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)
from graphql.language.ast import DirectiveNode

from tintype.local.appsync.apis import LocalApi, Mode
from tintype.local.appsync.messages import UNAUTHORIZED, UnauthorizedError
from tintype.local.ministack.modules import ministack_module

DIRECTIVES = {
    "aws_api_key": "API_KEY",
    "aws_iam": "AWS_IAM",
    "aws_cognito_user_pools": "AMAZON_COGNITO_USER_POOLS",
    "aws_oidc": "OPENID_CONNECT",
    "aws_lambda": "AWS_LAMBDA",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller; *access_key_id* only with IAM."""

    api: LocalApi
    mode: Mode
    access_key_id: str = ""

    def may_call(self, type_name: str, field_name: str) -> bool:
        """Whether the caller's IAM policies allow the top-level field."""
        if self.mode is not Mode.IAM:
            return True
        resource = f"{self.api.arn}/types/{type_name}/fields/{field_name}"
        refused = ministack_module("core.iam_evaluator").enforce(
            self.access_key_id, "appsync:GraphQL", "appsync", self.api.region, resource
        )
        return refused is None


def identify(api: LocalApi, headers: Mapping[str, str], path: str, body: bytes) -> Caller:
    """Return the caller with these headers, in the format of AppSync's real-time clients.

    A client with an access key signs a POST of *body* to *path*, which it does not send as such.

    Raises:
        UnauthorizedError: the key is unknown or expired, or the signature is wrong.
    """
    lower = {name.lower(): str(value) for name, value in headers.items()}
    if lower.get("x-api-key") and Mode.API_KEY in api.modes:
        if api.has_key(lower["x-api-key"]):
            return Caller(api, Mode.API_KEY)
    elif lower.get("authorization", "").startswith("AWS4-HMAC-SHA256") and Mode.IAM in api.modes:
        return Caller(api, Mode.IAM, _verified_key(api, lower, path, body))
    raise UnauthorizedError(UNAUTHORIZED)


def _verified_key(api: LocalApi, headers: Mapping[str, str], path: str, body: bytes) -> str:
    evaluator, sigv4 = ministack_module("core.iam_evaluator"), ministack_module("core.sigv4")
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple):
        raise UnauthorizedError(signature[1])
    credential = evaluator.resolve_credential(
        signature.access_key_id, api.account, headers.get("x-amz-security-token", "")
    )
    if isinstance(credential, evaluator.CredentialResolutionError):
        raise UnauthorizedError(credential.message)
    failure = sigv4.request_time_failure(signature) or sigv4.header_signature_failure(
        signature, credential.secret_access_key, "POST", path, {}, headers, body
    )
    if failure:
        raise UnauthorizedError(failure[1])
    if (signature.service, signature.region) != ("appsync", api.region):
        message = "Credential should be scoped to a valid region and to correct service: 'appsync'."
        raise UnauthorizedError(message)
    return str(signature.access_key_id)


def denied_fields(
    schema: GraphQLSchema, document: DocumentNode, mode: str, default_mode: str
) -> Iterator[tuple[str, str]]:
    """Yield type and name of each field of *document* that *mode* may not access.

    A field's own directives apply; without any, those of its type; without any, the default mode.
    """
    finder = _FieldFinder(TypeInfo(schema))
    visit(document, TypeInfoVisitor(finder.types, finder))
    for parent, field in finder.found:
        if not (field.startswith("__") or parent.name.startswith("__")) and mode not in _open_to(
            parent, field, default_mode
        ):
            yield parent.name, field


class _FieldFinder(Visitor):
    """Collects the fields of a document with their types."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: list[tuple[GraphQLNamedType, str]] = []

    def enter_field(self, node: FieldNode, *_rest: object) -> None:
        parent = self.types.get_parent_type()
        if parent is not None:
            self.found.append((parent, node.name.value))


def _open_to(parent: GraphQLNamedType, field_name: str, default_mode: str) -> frozenset[str]:
    field = getattr(parent, "fields", {}).get(field_name)
    node = field.ast_node if field else None
    own = _modes(node.directives if node else ())
    type_nodes = [each for each in (parent.ast_node, *parent.extension_ast_nodes) if each]
    of_type = _modes(each for type_node in type_nodes for each in type_node.directives)
    return own or of_type or frozenset({default_mode})


def _modes(directives: Iterable[DirectiveNode]) -> frozenset[str]:
    names = {directive.name.value for directive in directives}
    return frozenset(DIRECTIVES[name] for name in names & DIRECTIVES.keys())
