"""The page on the CDN: who answers which path, deep links, and what browsers are told to refuse."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed
from tests.infra.parts import Template, resources, the
from tintype import keys
from tintype.config import Domain
from tintype.config.domain import NO_DOMAIN
from tintype.node import node_folder
from tintype_infra.delivery import PUBLIC_FILES
from tintype_infra.packages import ROOT
from tintype_infra.page import EDGE

PAGE, API, PICTURES = "page", "api", "renditions"
ROUTES = ROOT / "web" / "src" / "app" / "app.routes.ts"
ID = "01M7XPE600ABCDEFGHJKMNPQRS"
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2262, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HASHES = st.from_regex(r"[A-Za-z0-9_-]{8}", fullmatch=True)
ENDINGS = st.sampled_from(["js", "css", "js.map", "svg", "woff2", "html", "json", "ico", "txt"])
LONGEST_POLICY = 1_783  # characters that CloudFront takes
LARGEST_FUNCTION = 10_240  # bytes
FACTS = {
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/tintype/0a-1b-2c",
    "AWS::Region": "eu-central-1",
    "AWS::URLSuffix": "amazonaws.com",
}
BUCKET = "https://tintype-originals-0a-1b-2c.s3.eu-central-1.amazonaws.com"


def said(value: Any) -> str:
    """Return a value of the template as CloudFormation writes it."""
    match value:
        case {"Ref": name}:
            return FACTS[name]
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(said(part) for part in parts)
        case {"Fn::Select": [index, {"Fn::Split": [separator, text]}]}:
            return said(text).split(separator)[int(index)]
    return str(value)


def distribution(template: Template) -> Any:
    return the(template, "CloudFront::Distribution")["DistributionConfig"]


def headers(template: Template) -> Any:
    policy = the(template, "CloudFront::ResponseHeadersPolicy", "Page")
    return policy["ResponseHeadersPolicyConfig"]


def policy(template: Template) -> dict[str, list[str]]:
    """Return the sources of each rule of the Content-Security-Policy."""
    rules = headers(template)["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    text = said(rules["ContentSecurityPolicy"])
    return {name: sources for name, *sources in (rule.split() for rule in text.split("; "))}


def answers(template: Template, path: str) -> str:
    """Return the origin that CloudFront asks: the first whose pattern has the path, else the default.

    `*` is any characters, `?` any one, slashes too (Developer Guide, "Path pattern").
    """
    config = distribution(template)
    for behavior in config["CacheBehaviors"]:
        pattern = re.escape(behavior["PathPattern"]).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(pattern, path, re.DOTALL):
            return str(behavior["TargetOriginId"])
    return str(config["DefaultCacheBehavior"]["TargetOriginId"])


def routes() -> list[str]:
    """Return the addresses of the page's own router, as its file has them, with an id in its place."""
    paths = re.findall(r"path: '(.*?)'", ROUTES.read_text("utf-8"))
    return [f"/{re.sub(r':id', ID, path)}" for path in paths if path != "**"]


@given(moment=MOMENTS)
def test_rendition_of_every_image_comes_from_its_bucket(
    template: Template, moment: datetime
) -> None:
    key = keys.rendition_key(keys.new_id(moment), "0123456789abcdef", "thumb.webp")

    assert answers(template, f"/{key}") == PICTURES


@given(bucket=st.text(), key=st.text())
def test_rendition_of_an_image_with_a_derived_id_comes_from_its_bucket(
    template: Template, bucket: str, key: str
) -> None:
    made = keys.rendition_key(keys.derived_id(bucket, key), "0123456789abcdef", "thumb.webp")

    assert answers(template, f"/{made}") == PICTURES


@given(name=st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True), hashed=HASHES, ending=ENDINGS)
@pytest.mark.parametrize("folder", ["", "media/"])
def test_file_of_a_build_comes_from_the_page_s_bucket(
    template: Template, folder: str, name: str, hashed: str, ending: str
) -> None:
    assert answers(template, f"/{folder}{name}-{hashed}.{ending}") == PAGE


def test_address_of_the_page_s_router_comes_from_the_page_s_bucket(template: Template) -> None:
    addresses = routes()

    assert len(addresses) > 1, f"no routes found in {ROUTES.name}"
    for address in addresses:
        assert answers(template, address) == PAGE, address
        assert answers(template, f"{address.rstrip('/')}/") == PAGE, address


@pytest.mark.parametrize("path", ["/", "/index.html", "/config.json", "/icon.svg", f"/{ID}"])
def test_what_is_nobody_else_s_is_the_page_s(template: Template, path: str) -> None:
    assert answers(template, path) == PAGE


@pytest.mark.parametrize(
    "path", ["/api/images", "/api/openapi.json", f"/api/images/{ID}/reprocess", f"/api/{ID}/x/y"]
)
def test_api_comes_before_renditions(template: Template, path: str) -> None:
    assert answers(template, path) == API


def test_pattern_of_renditions_is_as_long_as_an_id() -> None:
    assert f"/{'?' * len(keys.new_id(datetime.now(UTC)))}/*" == PUBLIC_FILES


def test_page_is_compressed_and_read_only_and_comes_by_https(template: Template) -> None:
    behavior = distribution(template)["DefaultCacheBehavior"]

    assert behavior["Compress"] is True
    assert behavior["AllowedMethods"] == ["GET", "HEAD"]
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"


def test_viewer_cannot_list_the_page_s_bucket(template: Template) -> None:
    config = distribution(template)
    behavior = config["DefaultCacheBehavior"]

    # CachingOptimized sends no query to the origin (docs: "Managed cache policies"), and there is no
    # origin request policy that would.
    assert behavior["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert "OriginRequestPolicyId" not in behavior
    assert config["DefaultRootObject"] == "index.html"
    assert resources(template, "CloudFront::Function")
    (association,) = behavior["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"


# CloudFront's developer guide, "HTTP 4xx and 5xx status codes that CloudFront caches": these for 10 s,
# whatever the origin says, unless the distribution sets a time.
CACHED_BY_DEFAULT = {404, 414, 500, 501, 502, 503, 504}


def test_error_that_is_over_is_not_repeated(template: Template) -> None:
    errors = distribution(template)["CustomErrorResponses"]

    assert {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in errors} == dict.fromkeys(
        CACHED_BY_DEFAULT, 0
    )


def test_error_of_the_api_keeps_its_own_words(template: Template) -> None:
    for each in distribution(template)["CustomErrorResponses"]:
        assert each.keys() == {"ErrorCode", "ErrorCachingMinTTL"}


# Deep links


def asked(paths: Iterable[str]) -> dict[str, str]:
    """Run the function on each path with Node, and return what it then asks the bucket for."""
    code = (EDGE / "page.js").read_text("utf-8")
    run = (
        "const ask = uri => handler({version: '1.0', request: {method: 'GET', uri, querystring: {},"
        " headers: {}, cookies: {}}}).uri;"
        "const paths = JSON.parse(require('fs').readFileSync(0, 'utf-8'));"
        "console.log(JSON.stringify(Object.fromEntries(paths.map(path => [path, ask(path)]))));"
    )
    done = subprocess.run(  # noqa: S603 - our own function
        [node_folder() / "node", "-e", f"{code}\n{run}"],
        input=json.dumps(list(paths)),
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_address_of_the_router_gets_the_index() -> None:
    paths = ["/", *routes(), "/images", "/images/", "/nowhere", "/a.b/c", "/a.b/"]

    assert set(asked(paths).values()) == {"/index.html"}


def test_file_is_what_it_is() -> None:
    paths = ["/main-ABC.js", "/main-3H6TDJZ4.js", "/config.json", "/index.html", "/media/a-1.woff2"]
    paths += ["/main-ABC.js.map", "/favicon.ico", "/images/x.jpg", "/3rdpartylicenses.txt"]

    assert asked(paths) == {path: path for path in paths}


@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "/.", "/..", "/./", "/../", "/%2e", "/%2F", "/..%2f", "/a/..", "/?"],
)
def test_root_of_the_bucket_is_never_asked_for(path: str) -> None:
    assert asked([path]) == {path: "/index.html"}


def code_of(function: Any) -> str:
    """Return a function's code with keys in the place of the custom resource's attributes."""
    match function["FunctionCode"]:
        case {"Fn::Join": ["", parts]}:
            return "".join(part if isinstance(part, str) else "k" * 43 for part in parts)
        case text:
            return str(text)


# Node's own parser. cloudfront-js-2.0 has all of ECMAScript 5.1, and of 6 const, let, arrow functions,
# rest parameters and template literals (developer guide, "JavaScript runtime 2.0 features").
PARSE = """
const source = require('fs').readFileSync(0, 'utf-8');
const acorn = require('internal/deps/acorn/acorn/dist/acorn');
const strange = /^(Class|ForOf|Spread|AssignmentPattern|ObjectPattern|ArrayPattern|TaggedTemplate|Yield|Super|Meta)/;
const walk = node => {
  if (strange.test(node.type) || node.generator || (node.type === 'Property' && (node.shorthand || node.method || node.computed))) {
    throw new Error(source.slice(node.start, node.end));
  }
  Object.values(node).flat().filter(each => each && each.type).forEach(walk);
};
walk(acorn.parse(source, {ecmaVersion: 6, sourceType: 'script'}));
"""


@pytest.mark.parametrize("beginning", ["PageDeepLinks", "CdnApiKeys", "CdnImages", "CdnAnySize"])
def test_function_is_in_cloudfront_s_language(template: Template, beginning: str) -> None:
    function = the(template, "CloudFront::Function", beginning)
    done = subprocess.run(  # noqa: S603 - our own function
        [node_folder() / "node", "--expose-internals", "-e", PARSE],
        input=code_of(function),
        capture_output=True,
        check=False,
        text=True,
    )

    assert not done.returncode, done.stderr
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True
    assert len(code_of(function).encode()) < LARGEST_FUNCTION


# What browsers are told


def test_page_runs_nothing_but_its_own_files(template: Template) -> None:
    rules = policy(template)

    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == rules["style-src"] == ["'self'"]
    assert rules["frame-ancestors"] == rules["form-action"] == ["'none'"]
    assert rules["base-uri"] == ["'self'"]
    assert not [source for sources in rules.values() for source in sources if "unsafe" in source]


def test_page_reaches_our_own_bucket_and_the_region_s_graphql_apis_alone(
    template: Template,
) -> None:
    rules = policy(template)

    assert rules["img-src"] == ["'self'", "data:", "blob:", BUCKET]
    assert rules["connect-src"] == [
        "'self'",
        BUCKET,
        "https://*.appsync-api.eu-central-1.amazonaws.com",
        "wss://*.appsync-realtime-api.eu-central-1.amazonaws.com",
        "https://cognito-idp.eu-central-1.amazonaws.com",
        "https://*.auth.eu-central-1.amazoncognito.com",
    ]


@pytest.mark.parametrize(
    ("issuer", "host"),
    [
        ("https://login.example.com/realms/main", "https://login.example.com"),
        ("https://tenant.eu.auth0.com/", "https://tenant.eu.auth0.com"),
        ("http://localhost:9000", "http://localhost:9000"),
    ],
)
def test_page_reaches_the_host_of_another_issuer(written: Template, issuer: str, host: str) -> None:
    """A source with a path would allow that path alone, and none below it."""
    opened, other = (
        policy(deployed(written, AccessMode=mode, AccessIssuer=issuer)) for mode in ("open", "oidc")
    )

    assert other["connect-src"] == [*opened["connect-src"], host]
    assert not [source for source in opened["connect-src"] if "amazoncognito" in source]


@pytest.mark.parametrize(
    "domain", [NO_DOMAIN, Domain(name="images.example.com", hosted_zone="Z0123456789")]
)
def test_only_graphql_apis_and_sign_in_pages_have_a_wildcard(
    synthesise: Synthesise, domain: Domain
) -> None:
    rules = policy(synthesise(domain=domain))

    wild = {source for sources in rules.values() for source in sources if "*" in source}
    theirs = re.compile(r"\.appsync|\.amazoncognito\.com$")
    assert wild == {source for source in rules["connect-src"] if theirs.search(source)}


def test_page_s_bucket_of_originals_is_the_one_that_links_are_signed_for(
    template: Template,
) -> None:
    bucket = the(template, "S3::Bucket", "Originals")["BucketName"]

    assert policy(template)["img-src"][-1] == (
        f"https://{said(bucket)}.s3.eu-central-1.amazonaws.com"
    )


def test_page_that_is_seen_by_cloudfront_s_name_shows_renditions_of_the_domain(
    synthesise: Synthesise,
) -> None:
    template = synthesise(domain=Domain(name="images.example.com", hosted_zone="Z0123456789"))

    rules = policy(template)
    for rule in ("img-src", "connect-src"):
        assert rules[rule][:2] == ["'self'", "https://images.example.com"]


def test_local_cloud_adds_its_own_addresses(written: Template) -> None:
    local = "http://127.0.0.1:4566 ws://localhost:8080"

    without, added = policy(deployed(written)), policy(deployed(written, PageSources=local))

    assert written["Parameters"]["PageSources"]["Default"] == ""
    for name, sources in added.items():
        more = local.split() if name in {"img-src", "connect-src"} else []
        assert sources == without[name] + more


def test_policy_is_no_longer_than_cloudfront_takes(written: Template) -> None:
    name = f"{'a' * 60}." * 4 + "example"

    rules = policy(deployed(written, DomainName=name, PageSources="http://127.0.0.1:45661 " * 3))

    assert len("; ".join(" ".join([name, *sources]) for name, sources in rules.items())) < (
        LONGEST_POLICY
    )


def test_page_has_the_security_headers(template: Template) -> None:
    security = headers(template)["SecurityHeadersConfig"]

    assert all(header["Override"] is True for header in security.values())
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 86_400
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "same-origin"
    assert "ContentTypeOptions" in security
    more = {
        header["Header"]: header["Value"]
        for header in headers(template)["CustomHeadersConfig"]["Items"]
    }
    assert more["cross-origin-opener-policy"] == "same-origin"
    assert "camera=(self)" in more["permissions-policy"]
    assert "CorsConfig" not in headers(template)


def test_index_of_the_page_has_nothing_that_the_policy_refuses() -> None:
    index = (ROOT / "web" / "src" / "index.html").read_text("utf-8")

    assert not re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", index)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", index)
