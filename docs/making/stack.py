"""What a deployed stack takes, tells and gives its functions, from the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docs.making.permissions import WORDS
from docs.making.tables import code, sentence, table
from docs.making.template import resources, template
from tintype.outputs import Output

_HEADERS = {
    "ContentSecurityPolicy": "Content-Security-Policy",
    "ContentTypeOptions": "X-Content-Type-Options",
    "FrameOptions": "X-Frame-Options",
    "ReferrerPolicy": "Referrer-Policy",
    "StrictTransportSecurity": "Strict-Transport-Security",
}

_KNOWN = {"AWS::NoValue": "", "AWS::Region": "REGION", "AWS::URLSuffix": "amazonaws.com"}


def parameters() -> str:
    """Return the table of the template's parameters."""
    rows = []
    for name, facts in template()["Parameters"].items():
        meaning = sentence(facts.get("Description", ""))
        rows.append([code(name), _allowed(facts), _default(facts), meaning])
    return table(["Parameter", "Allowed", "Default", "Meaning"], rows)


def outputs() -> str:
    """Return the table of the template's outputs."""
    rows = [[code(output), sentence(output.description)] for output in sorted(Output)]
    return table(["Output", "What it is"], rows)


def environment() -> str:
    """Return the table of the functions' environment variables, and who has them."""
    who: dict[str, list[str]] = {}
    for name, facts in resources("AWS::Lambda::Function"):
        for variable in facts.get("Environment", {}).get("Variables", {}):
            who.setdefault(variable, []).append(WORDS[name].removesuffix(" function"))
    rows = [[code(variable), ", ".join(names)] for variable, names in sorted(who.items())]
    return table(["Variable", "Functions"], rows)


_HEADERS_OF = {
    "PageHeaders": "page",
    "CdnHeaders": "renditions",
    "CdnAnySizeHeaders": "any size",
}


def headers() -> str:
    """Return what the CDN says with every answer: of the page, of renditions, and of any size."""
    rows = []
    for policy, facts in sorted(resources("AWS::CloudFront::ResponseHeadersPolicy"), reverse=True):
        who = _HEADERS_OF[policy]
        settings = facts["ResponseHeadersPolicyConfig"]
        rows += [[who, code(name), value] for name, value in _headers(settings)]
    return table(["On", "Header", "Value"], rows)


def _headers(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    security = settings.get("SecurityHeadersConfig", {})
    for name, facts in security.items():
        yield _HEADERS[name], _value(name, facts)
    for one in settings.get("CustomHeadersConfig", {}).get("Items", []):
        yield one["Header"].title(), code(one["Value"])
    if "CorsConfig" in settings:
        yield "Access-Control-Allow-Origin", code("*")


def _value(name: str, facts: Mapping[str, Any]) -> str:
    match name:
        case "ContentSecurityPolicy":
            rules = _plain(facts["ContentSecurityPolicy"]).split(";")
            return "<br>".join(code(" ".join(rule.split())) for rule in rules)
        case "StrictTransportSecurity":
            return code(f"max-age={facts['AccessControlMaxAgeSec']}")
        case "FrameOptions":
            return code(facts["FrameOption"])
        case "ReferrerPolicy":
            return code(facts["ReferrerPolicy"])
    return code("nosniff")


def _plain(value: object) -> str:
    """Return a text of the template; what is known only at deployment is in capitals."""
    match value:
        case {"Fn::Join": [separator, list(parts)]}:
            return str(separator).join(_plain(part) for part in parts)
        case {"Ref": name}:
            return _KNOWN.get(str(name), str(name))
        case {"Fn::If": [_, _, otherwise]}:
            return _plain(otherwise)
        case {"Fn::Select": _}:
            return "ID"
    return str(value)


def _allowed(facts: Mapping[str, Any]) -> str:
    if "AllowedValues" in facts:
        return ", ".join(code(value) for value in facts["AllowedValues"])
    if "MinValue" in facts:
        return f"{facts['MinValue']} to {facts['MaxValue']}"
    if "AllowedPattern" in facts:
        return sentence(facts.get("ConstraintDescription", "text")).rstrip(".")
    return {"CommaDelimitedList": "list, with commas"}.get(facts["Type"], "text")


def _default(facts: Mapping[str, Any]) -> str:
    default = facts.get("Default")
    return "needed" if default is None else code(default) or "empty"
