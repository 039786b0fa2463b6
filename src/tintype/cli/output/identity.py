"""Who a stack takes the caller for, as a line and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from tintype.cli.output.json import Document
from tintype.cli.output.text import lines_of

if TYPE_CHECKING:
    from tintype.client.responses import Me


def identity_line(title: str, me: Me, name: str) -> Text:
    """Return the line about a caller; *name* is the person's, or what was sent instead of a sign-in."""
    who = f" ({name})" if name and name != me.owner else ""
    may = "admin" if me.admin else ", ".join(me.scopes) or "nothing"
    return Text.assemble(
        (f"{title}: ", "bold"),
        lines_of(f"{me.owner}{who}"),
        (f" · may: {may}{_usage(me)}", "dim"),
    )


def _usage(me: Me) -> str:
    """Return what the owner has, and may have."""
    shown = [
        f"{me.used[name]:,}{f' of {most:,}' if (most := me.limits.get(name)) else ''} {name}"
        for name in ("images", "bytes")
        if name in me.used
    ]
    return f" · has: {', '.join(shown)}" if shown else ""


def identity_document(me: Me, *, via: str, name: str) -> dict[str, Document]:
    """Return the document about a caller; *via* is what was sent: `login`, a variable, or `nothing`."""
    return {
        "owner": me.owner,
        "name": name or None,
        "admin": me.admin,
        "scopes": list(me.scopes),
        "access": me.access,
        "used": dict(me.used),
        "limits": dict(me.limits),
        "via": via,
    }
