"""Everything that the code has is in the documentation: one fact in the code, one place on a page.

The facts are taken from the code, not from what makes the pages: what that forgets is missed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields

import pytest
import typer.main
from typer.core import TyperCommand, TyperOption

import tintype.client
import tintype.config
import tintype.imaging
import tintype_infra
from docs.making.graphql import schema
from docs.making.http import document
from docs.making.template import certificate, template, without_number
from tests.deploy.script import script_options
from tests.docs.markdown import ROOT
from tests.docs.site import Page, Site
from tests.test_errors_documented import SECTIONS
from tintype.cli.main import app
from tintype.config import Delivery, Domain, Service, load, shipped
from tintype.config.delivery import most_unsigned
from tintype.config.families import UNWRITTEN, Family
from tintype.delivery.grammar import (
    EXPIRES,
    FITS,
    FLIPS,
    FORMATS,
    GRAVITIES,
    PARAMETERS,
    SIGNATURE,
)
from tintype.functions.logging import METRICS
from tintype.functions.routes import ROUTES
from tintype.imaging.presets import (
    Encoding,
    Extend,
    FocalPoint,
    HiddenRegion,
    Limits,
    Preset,
    Region,
    Watermark,
)

SOURCES = [ROOT / "src", ROOT / "tests"]
PLANTED = "planted_fact"
NAMED = re.compile(
    r"[\"'{$](TINTYPE_[A-Z_]*[A-Z])\b"
)  # an environment variable, in Python or a shell

READ = re.compile(r"\benviron(?:\.get\(|\[)[\"']([A-Z_]+)[\"']")  # one of any name, in Python
# Of tintype.delivery, what is for pages; the rest is for our own modules.
FOR_PAGES = ("AddressError", "AddressOptions", "img", "srcset", "url")
# Every program's, and what Lambda tells a function.
NOT_OURS = {"PATH", "AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID"}


@dataclass(frozen=True)
class Kind:
    """A kind of facts: what there is of it, and on which page, set how, each must stand."""

    page: str
    facts: Callable[[], Collection[str]]
    said: Callable[[Page], set[str]] = lambda page: page.codes


def routes() -> list[str]:
    return [f"{route.method} {route.path}" for route in ROUTES]


def settings(*kinds: type) -> Callable[[], list[str]]:
    def names() -> list[str]:
        return [
            field.name for kind in kinds for field in fields(kind) if field.name not in UNWRITTEN
        ]

    return names


def error_codes() -> set[str]:
    return {code for codes in SECTIONS.values() for code in codes}


def commands() -> dict[str, TyperCommand]:
    made = typer.main.get_command(app)
    assert isinstance(made, typer.core.TyperGroup)
    found: dict[str, object] = {}
    for name, one in made.commands.items():
        if isinstance(one, typer.core.TyperGroup):
            found |= {f"{name} {below}": each for below, each in one.commands.items()}
        else:
            found[name] = one
    return {name: one for name, one in found.items() if isinstance(one, TyperCommand)}


def command_names() -> list[str]:
    return [f"tintype {name}" for name in commands()]


def options() -> set[str]:
    found = {"--version"}
    for command in commands().values():
        for one in command.params:
            if isinstance(one, TyperOption) and not one.hidden:
                found |= {*one.opts, *one.secondary_opts}
    return found


def alarms() -> list[str]:
    return [
        without_number(name).removeprefix("Alarms")
        for name, one in template()["Resources"].items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]


def environment() -> set[str]:
    """Return the environment variables of ours that anything of ours names, and all that our code reads."""
    paths = [path for folder in SOURCES for path in folder.rglob("*.[ps][yh]")]
    texts = [path.read_text("utf-8") for path in paths]
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in READ.findall(path.read_text("utf-8"))
    }
    return {name for text in texts for name in NAMED.findall(text)} | read - NOT_OURS


def parameters() -> list[str]:
    return list(template()["Parameters"])


def certificate_parameters() -> list[str]:
    return [*certificate()["Parameters"], *certificate()["Outputs"]]


def outputs() -> list[str]:
    return list(template()["Outputs"])


def public_names() -> list[str]:
    return [
        f"{package.__name__}.{name}"
        for package in (tintype.client, tintype.imaging, tintype.config, tintype_infra)
        for name in package.__all__
    ] + [f"tintype.delivery.{name}" for name in FOR_PAGES]


def parameters_of_addresses() -> list[str]:
    return [*PARAMETERS, "dpr", EXPIRES, SIGNATURE]


def words_of_addresses() -> list[str]:
    return [*FITS, *GRAVITIES, *FORMATS, *FLIPS]


def headings(page: Page) -> set[str]:
    return page.headings


KINDS: Mapping[str, Kind] = {
    "routes": Kind("reference/http", routes, headings),
    "limits": Kind("reference/configuration", settings(Limits)),
    "service": Kind("reference/configuration", settings(Service)),
    "delivery": Kind("reference/configuration", settings(Delivery)),
    "address parameters": Kind("reference/delivery", parameters_of_addresses),
    "address words": Kind("reference/delivery", words_of_addresses),
    "domain": Kind("reference/configuration", lambda: [f.name for f in fields(Domain)]),
    "presets": Kind(
        "reference/presets",
        settings(Preset, Family, Encoding, Extend, FocalPoint, HiddenRegion, Region, Watermark),
    ),
    "errors": Kind("reference/errors", error_codes),
    "commands": Kind("reference/cli", command_names, headings),
    "options": Kind("reference/cli", options),
    "metrics": Kind("how-to/operate", lambda: METRICS),
    "alarms": Kind("how-to/operate", alarms),
    "what to do at an alarm": Kind("how-to/operate", alarms, headings),
    "environment": Kind("reference/configuration", environment),
    "parameters": Kind("reference/configuration", parameters),
    "certificate": Kind("how-to/deploy", certificate_parameters),
    "outputs": Kind("reference/configuration", outputs),
    "python": Kind("reference/python", public_names, lambda page: page.anchors),
    "script": Kind(
        "how-to/deploy", script_options, lambda page: set(re.findall(r"--[a-z-]+", page.text))
    ),
}


def missing(facts: Collection[str], said: set[str]) -> list[str]:
    return sorted(set(facts) - said)


@pytest.mark.parametrize("name", KINDS)
def test_everything_is_documented(site: Site, name: str) -> None:
    kind = KINDS[name]

    assert missing(kind.facts(), kind.said(site.page(kind.page))) == []


@pytest.mark.parametrize("name", KINDS)
def test_what_a_page_does_not_say_is_missed(site: Site, name: str) -> None:
    kind = KINDS[name]
    facts, said = kind.facts(), kind.said(site.page(kind.page))

    assert facts
    assert missing([*facts, PLANTED], said) == [PLANTED]
    for fact in facts:
        assert missing(facts, said - {fact}) == [fact]


def test_every_command_has_its_own_options_under_its_name(site: Site) -> None:
    page = site.page("reference/cli").text
    for name, command in commands().items():
        section = page.split(f"tintype {name}", 2)[-1]
        for one in command.params:
            if isinstance(one, TyperOption) and not one.hidden:
                assert one.opts[0] in section, f"{name} {one.opts[0]}"


def test_the_unit_of_every_metric_is_right() -> None:
    text = (ROOT / "docs" / "how-to" / "operate.md").read_text("utf-8")
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (\w+) \|", text))

    assert {name: rows[name] for name in METRICS} == {
        name: unit.value for name, unit in METRICS.items()
    }


def test_every_type_of_the_apis_has_its_section(site: Site) -> None:
    types = set(document()["components"]["schemas"])
    assert missing(types, site.page("reference/http").headings) == []
    roots = {"Query", "Mutation", "Subscription"}
    names = {node.name.value for node in schema().definitions if hasattr(node, "name")} - roots
    assert missing(names, site.page("reference/graphql").headings) == []


def test_the_order_that_a_signature_wants_is_the_grammar_s() -> None:
    text = " ".join((ROOT / "docs" / "reference" / "delivery.md").read_text("utf-8").split())
    order = re.search(r"parameters in the order (.*?), and then `e`", text)

    assert order
    assert re.findall(r"`([a-z-]+)`", order[1]) == list(PARAMETERS)


def test_the_number_of_files_of_an_image_is_the_one_that_is_said() -> None:
    text = " ".join((ROOT / "docs" / "reference" / "delivery.md").read_text("utf-8").split())
    config = load(shipped())

    most = most_unsigned(config.delivery, config.presets)

    assert f"With the default presets and widths that is {most} files." in text


def test_fits_with_two_names_are_told_beside_each_other() -> None:
    text = (ROOT / "docs" / "reference" / "delivery.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \| .* \| (?:yes|no) \| (?:`(\w+)` )?\|$", text)

    said = {word: fit for fit, other in rows for word in (fit, other) if word}
    assert said == {word: fit.value for word, fit in FITS.items()}
