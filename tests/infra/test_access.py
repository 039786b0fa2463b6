"""Who can use the service: what the template makes of each access mode."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.infra.deployed import deployed, fits, objections
from tests.infra.parts import Template, resources, the
from tintype.access import AccessMode, Scope
from tintype.aws.dynamodb import INDEX
from tintype.config import Service
from tintype.node import node_folder
from tintype.outputs import Output
from tintype.releases import OPEN_TO_ALL
from tintype_infra.http_api import WITHOUT_TOKEN
from tintype_infra.page import EDGE
from tintype_infra.sign_in import COMMAND_LINE, SIGNED_IN

ISSUER, AUDIENCE, CLIENT = "https://login.example.com/realms/main", "images", "images-page"
OIDC = {
    "AccessMode": "oidc",
    "AccessIssuer": ISSUER,
    "AccessAudience": AUDIENCE,
    "AccessClientId": CLIENT,
    "AccessGroupsClaim": "roles",
}
# CloudFront's Developer Guide, "Restrictions on edge functions".
LARGEST_FUNCTION = 10_240


@pytest.fixture(scope="module")
def modes(written: Template) -> dict[AccessMode, Template]:
    """The template as it is deployed in each mode."""
    return {
        AccessMode.OPEN: deployed(written, AccessMode="open"),
        AccessMode.COGNITO: deployed(written, AccessMode="cognito"),
        AccessMode.OIDC: deployed(written, **OIDC),
    }


Modes = dict[AccessMode, Template]


def route(template: Template, key: str = "$default") -> dict[str, Any]:
    routes = resources(template, "ApiGatewayV2::Route").values()
    (found,) = (one["Properties"] for one in routes if one["Properties"]["RouteKey"] == key)
    properties: dict[str, Any] = found
    return properties


def environment(template: Template) -> dict[str, Any]:
    function = the(template, "Lambda::Function", "FunctionsApi")
    variables: dict[str, Any] = function["Environment"]["Variables"]
    return variables


def test_deployment_has_sign_in_unless_it_is_told_otherwise(template: Template) -> None:
    assert route(template)["AuthorizationType"] == "JWT"
    assert template["Outputs"][Output.ACCESS_MODE]["Value"] == "cognito"


# The HTTP API


def test_every_request_needs_a_token_of_the_mode_s_issuer(modes: Modes) -> None:
    own, other = (modes[mode] for mode in (AccessMode.COGNITO, AccessMode.OIDC))
    (client,) = resources(own, "Cognito::UserPoolClient")

    for template in (own, other):
        (authorizer,) = resources(template, "ApiGatewayV2::Authorizer")
        assert route(template)["AuthorizerId"] == {"Ref": authorizer}
    config = the(own, "ApiGatewayV2::Authorizer")["JwtConfiguration"]
    assert config["Audience"] == [{"Ref": client}]
    assert "ProviderName" in json.dumps(config["Issuer"])
    assert the(other, "ApiGatewayV2::Authorizer")["JwtConfiguration"] == {
        "Audience": [AUDIENCE],
        "Issuer": ISSUER,
    }


def test_open_stack_checks_no_token(modes: Modes) -> None:
    template = modes[AccessMode.OPEN]

    assert not resources(template, "ApiGatewayV2::Authorizer")
    assert route(template)["AuthorizationType"] == "NONE"
    assert "AuthorizerId" not in route(template)


@pytest.mark.parametrize("mode", AccessMode)
def test_few_routes_need_no_token(modes: Modes, mode: AccessMode) -> None:
    routes = [one["Properties"] for one in resources(modes[mode], "ApiGatewayV2::Route").values()]

    free = {one["RouteKey"] for one in routes if one["AuthorizationType"] == "NONE"}
    assert free - {"$default"} == set(WITHOUT_TOKEN.values())
    assert ("$default" in free) == (mode is AccessMode.OPEN)
    assert len({json.dumps(one["Target"]) for one in routes}) == 1


def test_nobody_without_a_token_uses_up_the_requests_of_those_with_one(template: Template) -> None:
    stage = the(template, "ApiGatewayV2::Stage")
    (name,) = resources(template, "ApiGatewayV2::Stage")
    routes = resources(template, "ApiGatewayV2::Route")
    free = {
        logical_id
        for logical_id, one in routes.items()
        if one["Properties"]["RouteKey"] in WITHOUT_TOKEN.values()
    }

    assert set(stage["RouteSettings"]) == set(WITHOUT_TOKEN.values())
    for settings in stage["RouteSettings"].values():
        assert 0 < settings["ThrottlingRateLimit"] < Service().throttle_rate
        assert 0 < settings["ThrottlingBurstLimit"] < Service().throttle_burst
    assert free <= set(template["Resources"][name]["DependsOn"])


def test_page_of_another_site_may_send_its_token(modes: Modes) -> None:
    api = the(modes[AccessMode.COGNITO], "ApiGatewayV2::Api")

    assert set(api["CorsConfiguration"]["AllowHeaders"]) == {"authorization", "content-type"}


# API keys at the edge


def led(uri: str, authorization: str | None) -> Any:
    """Run the function on a request with Node, and return the request or the response."""
    headers = {} if authorization is None else {"authorization": {"value": authorization}}
    event = {"version": "1.0", "request": {"method": "GET", "uri": uri, "headers": headers}}
    code = (EDGE / "api.js").read_text("utf-8")
    run = f"console.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run(  # noqa: S603 - our own function
        [node_folder() / "node", "-e", f"{code}\n{run}"], capture_output=True, check=True, text=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_request_with_an_api_key_is_led_past_the_check_of_tokens(scheme: str) -> None:
    request = led("/api/images/1", f"{scheme} tint_abc_def")

    assert request["uri"] == "/api/with-key/images/1"
    assert request["headers"]["authorization"]["value"].endswith("tint_abc_def")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer eyJhbGciOi.x.y", "Bearer xtint_a_b", "tint_a_b", "Basic tint_a"],
)
def test_any_other_request_goes_where_it_goes(authorization: str | None) -> None:
    assert led("/api/images/1", authorization)["uri"] == "/api/images/1"


@pytest.mark.parametrize("uri", ["/api/with-key", "/api/with-key/", "/api/with-key/images"])
@pytest.mark.parametrize("authorization", [None, "Bearer eyJhbGciOi.x.y"])
def test_nobody_takes_the_way_of_keys_without_one(uri: str, authorization: str | None) -> None:
    response = led(uri, authorization)

    assert response["statusCode"] == 404
    assert json.loads(response["body"])["code"] == "route_not_found"
    assert led("/api/with-keys", authorization)["uri"] == "/api/with-keys"


def test_way_of_keys_cannot_be_taken_twice() -> None:
    assert led("/api/with-key/me", "Bearer tint_a_b")["uri"] == "/api/with-key/with-key/me"


def test_edge_of_the_api_runs_its_function(template: Template) -> None:
    config = the(template, "CloudFront::Distribution")["DistributionConfig"]
    (api,) = (one for one in config["CacheBehaviors"] if one["PathPattern"] == "/api/*")
    (association,) = api["FunctionAssociations"]

    assert association["EventType"] == "viewer-request"
    assert "CdnApiKeys" in json.dumps(association["FunctionARN"])
    code = the(template, "CloudFront::Function", "CdnApiKeys")["FunctionCode"]
    assert code == (EDGE / "api.js").read_text("utf-8")
    assert len(code.encode()) < LARGEST_FUNCTION


# GraphQL

DIRECTIVES = {
    AccessMode.OPEN: ("API_KEY", "@aws_api_key"),
    AccessMode.COGNITO: ("AMAZON_COGNITO_USER_POOLS", "@aws_cognito_user_pools"),
    AccessMode.OIDC: ("OPENID_CONNECT", "@aws_oidc"),
}


@pytest.mark.parametrize("mode", AccessMode)
def test_graphql_takes_the_mode_s_callers_and_its_schema_no_others(
    modes: Modes, mode: AccessMode
) -> None:
    template = modes[mode]
    api, schema = (the(template, f"AppSync::GraphQL{kind}") for kind in ("Api", "Schema"))
    kind, directive = DIRECTIVES[mode]

    assert api["AuthenticationType"] == kind
    assert ("UserPoolConfig" in api, "OpenIDConnectConfig" in api) == (
        mode is AccessMode.COGNITO,
        mode is AccessMode.OIDC,
    )
    used = set(re.findall(r"@aws_(?!subscribe)\w+", schema["Definition"]))
    assert used == {directive, "@aws_iam"}
    assert bool(resources(template, "AppSync::ApiKey")) == (mode is AccessMode.OPEN)
    assert api["EnvironmentVariables"]["ACCESS_MODE"] == mode


def test_graphql_takes_tokens_of_our_client_and_audience_alone(modes: Modes) -> None:
    own = the(modes[AccessMode.COGNITO], "AppSync::GraphQLApi")["UserPoolConfig"]
    other = the(modes[AccessMode.OIDC], "AppSync::GraphQLApi")["OpenIDConnectConfig"]
    (client,) = resources(modes[AccessMode.COGNITO], "Cognito::UserPoolClient")

    assert own["DefaultAction"] == "ALLOW"
    assert own["AppIdClientRegex"] == {"Fn::Join": ["", ["^", {"Ref": client}, "$"]]}
    assert other == {"Issuer": ISSUER, "ClientId": f"^{AUDIENCE}$"}


@pytest.mark.parametrize("audience", ["api.example", "https://api.example/v1", "a-b_c:d"])
def test_graphql_takes_no_token_whose_audience_only_resembles_ours(
    written: Template, audience: str
) -> None:
    """AppSync takes the audience for a regular expression."""
    template = deployed(written, **{**OIDC, "AccessAudience": audience})
    expression = the(template, "AppSync::GraphQLApi")["OpenIDConnectConfig"]["ClientId"]

    assert re.search(expression, audience)
    for other in (f"{audience}.evil", f"my-{audience}", audience.replace(".", "x") + "x", ""):
        assert not re.search(expression, other)
    if "." in audience:
        assert not re.search(expression, audience.replace(".", "x"))


@pytest.mark.parametrize(
    "audience", [".*", "a|b", "a+", "(a)", "[a]", "a?", "^a", "a$", "a{2}", "a\\d"]
)
def test_audience_with_an_expression_s_characters_is_refused(
    written: Template, audience: str
) -> None:
    assert objections(written, **{**OIDC, "AccessAudience": audience}) == {"AccessAudience"}


# The user pool


def test_people_are_invited_and_sign_in_by_e_mail_address(written: Template) -> None:
    invited, welcome = (
        the(deployed(written, AccessSignUp=sign_up), "Cognito::UserPool")
        for sign_up in ("false", "true")
    )

    assert invited["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert welcome["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert invited["UsernameAttributes"] == invited["AutoVerifiedAttributes"] == ["email"]
    assert invited["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert (invited["MfaConfiguration"], invited["EnabledMfas"]) == (
        "OPTIONAL",
        ["SOFTWARE_TOKEN_MFA"],
    )
    message = json.dumps(invited["AdminCreateUserConfig"]["InviteMessageTemplate"])
    assert "{username}" in message
    assert "{####}" in message


def test_client_is_public_and_leads_back_to_the_page_and_the_command_line(
    written: Template,
) -> None:
    client = the(deployed(written, PublicUrl="https://x.example"), "Cognito::UserPoolClient")

    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["CallbackURLs"] == [f"https://x.example{SIGNED_IN}", COMMAND_LINE]
    assert client["LogoutURLs"] == ["https://x.example/"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True


def test_sign_in_page_has_a_style_without_which_aws_shows_none(template: Template) -> None:
    (client,) = resources(template, "Cognito::UserPoolClient")
    domain = the(template, "Cognito::UserPoolDomain")

    assert domain["ManagedLoginVersion"] == 2
    style = the(template, "Cognito::ManagedLoginBranding")
    assert (style["ClientId"], style["UseCognitoProvidedValues"]) == ({"Ref": client}, True)


def test_people_stay_in_every_mode(modes: Modes) -> None:
    kept = {mode: set(resources(modes[mode], "Cognito::UserPool")) for mode in AccessMode}
    groups = {mode: set(resources(modes[mode], "Cognito::UserPoolGroup")) for mode in AccessMode}

    assert kept[AccessMode.OPEN] == kept[AccessMode.OIDC] == kept[AccessMode.COGNITO] != set()
    assert groups[AccessMode.OPEN] == groups[AccessMode.OIDC] == groups[AccessMode.COGNITO] != set()
    for mode in (AccessMode.OPEN, AccessMode.OIDC):
        assert not resources(modes[mode], "Cognito::UserPoolDomain")


def test_people_and_keys_outlive_the_stack(template: Template) -> None:
    for kind, beginning in (("Cognito::UserPool", "SignIn"), ("DynamoDB::Table", "Access")):
        for name, resource in resources(template, kind).items():
            if name.startswith(beginning):
                assert resource["DeletionPolicy"] == "Retain"


# What others are told


@pytest.mark.parametrize(
    ("mode", "sentence", "anyone", "claim"),
    [
        (AccessMode.OPEN, OPEN_TO_ALL, "read,upload", ""),
        (AccessMode.COGNITO, "", "", "cognito:groups"),
        (AccessMode.OIDC, "", "", "roles"),
    ],
)
def test_stack_says_who_can_use_it(
    modes: Modes, mode: AccessMode, sentence: str, anyone: str, claim: str
) -> None:
    outputs = {name: one["Value"] for name, one in modes[mode]["Outputs"].items()}

    assert outputs[Output.ACCESS_MODE] == environment(modes[mode])["TINTYPE_ACCESS_MODE"] == mode
    assert outputs[Output.ACCESS] == sentence
    assert outputs[Output.ANYONE] == environment(modes[mode])["TINTYPE_ANYONE"] == anyone
    assert environment(modes[mode])["TINTYPE_GROUPS_CLAIM"] == claim
    assert environment(modes[mode])["TINTYPE_ADMIN_GROUP"] == "admin"
    assert bool(outputs[Output.SIGN_IN_ISSUER]) == (mode is not AccessMode.OPEN)
    assert bool(outputs[Output.GRAPHQL_API_KEY]) == (mode is AccessMode.OPEN)
    assert outputs[Output.ADMIN_GROUP] == "admin"
    assert bool(outputs[Output.USER_POOL_ID]) == (mode is AccessMode.COGNITO)
    assert bool(outputs[Output.SIGN_IN_URL]) == (mode is AccessMode.COGNITO)


def test_stack_says_how_to_sign_in_with_another_issuer(modes: Modes) -> None:
    outputs = {name: one["Value"] for name, one in modes[AccessMode.OIDC]["Outputs"].items()}

    assert outputs[Output.SIGN_IN_ISSUER] == ISSUER
    assert outputs[Output.SIGN_IN_CLIENT_ID] == CLIENT
    assert outputs[Output.SIGN_IN_AUDIENCE] == AUDIENCE
    assert outputs[Output.SIGN_IN_SCOPE] == "openid email"


def test_what_anyone_can_do_may_be_nothing(written: Template) -> None:
    assert environment(deployed(written, AccessMode="open", Anyone=""))["TINTYPE_ANYONE"] == ""
    for scopes in ("", "read", ",".join(Scope)):
        assert fits(written["Parameters"]["Anyone"], scopes)
    for scopes in ("write", "read,write", "reads", "read upload"):
        assert not fits(written["Parameters"]["Anyone"], scopes)


@pytest.mark.parametrize("missing", ["AccessIssuer", "AccessAudience", "AccessClientId"])
def test_issuer_without_what_its_tokens_are_checked_by_is_refused(
    written: Template, missing: str
) -> None:
    assert objections(written, **OIDC) == set()
    assert objections(written, **{**OIDC, missing: ""}) == {f"AccessMode oidc needs {missing}"}
    assert objections(written, AccessMode="cognito") == set()


# The table of API keys


def test_table_of_keys_can_be_restored_and_forgets_what_has_expired(template: Template) -> None:
    table = the(template, "DynamoDB::Table", "Access")

    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == INDEX
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["owner", "createdAt"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize("mode", AccessMode)
def test_private_images_need_sign_in(written: Template, mode: AccessMode) -> None:
    issuer = OIDC if mode is AccessMode.OIDC else {}

    found = objections(written, **{**issuer, "AccessMode": mode, "AccessVisibility": "private"})

    refused = {"AccessVisibility private needs sign-in: another AccessMode than open"}
    assert found == (refused if mode is AccessMode.OPEN else set())
