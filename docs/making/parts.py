"""The parts of pages that are made from the code, and how a page gets them.

A page says where: what stands between `<!-- made: NAME -->` and `<!-- end -->` is replaced by the part
of that name while the site is built. Who reads the page elsewhere sees what stands there, most often
where the code has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from docs.making import alarms, commands, diagram, graphql, http, money, settings, stack

Part = Callable[[], str]

PARTS: Mapping[str, Part] = {
    "alarms": alarms.alarms,
    "assumptions": money.assumptions,
    "bill": money.bill,
    "classes": money.classes,
    "commands": commands.reference,
    "diagram": diagram.inline,
    "domain": settings.domain,
    "environment": stack.environment,
    "graphql": graphql.reference,
    "headers": stack.headers,
    "http": http.reference,
    "limits": settings.limits,
    "modules": commands.modules,
    "outputs": stack.outputs,
    "parameters": stack.parameters,
    "plans": money.plans,
    "presets": settings.presets,
    "prices": money.prices,
    "script": commands.script,
    "service": settings.service,
}
_PLACE = re.compile(r"<!-- made: (?P<name>[a-z ]+) -->\n.*?<!-- end -->\n", re.DOTALL)


def filled(text: str) -> str:
    """Return the text of a page with its parts.

    Raises:
        KeyError: it asks for a part that there is not.
    """
    return _PLACE.sub(lambda place: PARTS[place["name"]](), text)


def asked_for(text: str) -> list[str]:
    r"""Return the names of the parts that a page asks for.

    >>> asked_for("<!-- made: http -->\nelsewhere\n<!-- end -->\n")
    ['http']
    """
    return [place["name"] for place in _PLACE.finditer(text)]
