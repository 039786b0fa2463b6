"""The parts of pages that are made from the code, and how a page gets them.

A page says where: `make tables` writes the part of that name between `<!-- made: NAME -->` and
`<!-- end -->`, and a test fails when it is not what the code says.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.making import (
    actions,
    alarms,
    codes,
    commands,
    diagram,
    graphql,
    http,
    money,
    permissions,
    settings,
    stack,
    terraform,
)
from docs.making.template import template
from tintype.deployment.actions import FILE as ACTIONS

Part = Callable[[], str]

PARTS: Mapping[str, Part] = {
    "access": settings.access,
    "alarms": alarms.alarms,
    "assumptions": money.assumptions,
    "bill": money.bill,
    "classes": money.classes,
    "codes": codes.codes,
    "commands": commands.reference,
    "delivery": settings.delivery,
    "domain": settings.domain,
    "environment": stack.environment,
    "graphql": graphql.reference,
    "headers": stack.headers,
    "http": http.reference,
    "limits": settings.limits,
    "module outputs": terraform.outputs,
    "module settings": terraform.settings,
    "modules": commands.modules,
    "outputs": stack.outputs,
    "parameters": stack.parameters,
    "permissions": permissions.listed,
    "plans": money.plans,
    "presets": settings.presets,
    "prices": money.prices,
    "sizes": money.sizes,
    "script": commands.script,
    "service": settings.service,
}
# On the built site alone; in the file stands what is as good without a style sheet.
ON_THE_SITE: Mapping[str, Part] = {"diagram": diagram.inline}
DOCS = Path(__file__).parents[1]
_PLACE = re.compile(
    r"(?P<begin><!-- made: (?P<name>[a-z ]+) -->\n).*?(?P<end><!-- end -->\n)", re.DOTALL
)


def filled(text: str, parts: Mapping[str, Part] = PARTS) -> str:
    """Return the text of a page with *parts* anew; others stay as they are.

    Raises:
        KeyError: it asks for a part that there is not.
    """

    def part(place: re.Match[str]) -> str:
        name = place["name"]
        if name not in {*PARTS, *ON_THE_SITE}:
            raise KeyError(name)
        return place["begin"] + parts[name]() + place["end"] if name in parts else place[0]

    return _PLACE.sub(part, text)


def asked_for(text: str) -> list[str]:
    r"""Return the names of the parts that a page asks for.

    >>> asked_for("<!-- made: http -->\nelsewhere\n<!-- end -->\n")
    ['http']
    """
    return [place["name"] for place in _PLACE.finditer(text)]


def pages() -> list[Path]:
    """Return the pages that may ask for parts."""
    return [*sorted(DOCS.rglob("*.md")), terraform.MODULE / "README.md"]


def files() -> dict[Path, str]:
    """Return all files that are made from the code, whole or in part, with their texts."""
    return {
        **{page: filled(page.read_text("utf-8")) for page in pages()},
        diagram.FILE: diagram.standing(),
        ACTIONS: actions.text(actions.types_of(template())),
        **terraform.files(),
    }


def main() -> None:
    """Write them, and print which files changed."""
    for file, text in files().items():
        if file.read_text("utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{file.relative_to(DOCS.parent)}\n")


if __name__ == "__main__":
    main()
