"""Requests to the CDN's edge and what must become of each, for the function, its signer and the cloud."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tintype import delivery, keys
from tintype.config.delivery import Unsigned

CURRENT, PREVIOUS, STRANGE = "c" * 43, "p" * 43, "s" * 43  # the signing keys; the edge knows two
NOW = 1_795_341_600  # seconds since 1970
ID = "01M7XPE600ABCDEFGHJKMNPQRS"
REVISION = "3f9a0123456789ab"
FILE = "thumb.webp"
OWNERS = ("ann", "auth0|ann", "z%C3%AB.o", "..", "*", "a.b", "public")


class Outcome(StrEnum):
    """What the edge does with a request."""

    SERVED = "served"  # by the origin, at `DeliveryCase.uri`
    REFUSED = "refused"  # 403
    MISSING = "missing"  # 404
    INVALID = "invalid"  # 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCase:
    """A request at *now*: its path and query as they are sent, and values of the session cookie.

    *uri* is what the origin is asked for, if the request is served. *accept* is the header; *unsigned*
    the setting. *wrong* is the parameter that an invalid request is told.
    """

    name: str
    path: str
    query: str = field(default="", repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)
    now: int = NOW
    outcome: Outcome
    uri: str | None = None
    accept: str | None = None
    unsigned: Unsigned = Unsigned.GRID
    wrong: str | None = None


def cases() -> list[DeliveryCase]:
    """Return all cases."""
    return [*_owners(), *_signatures(), *_cookies(), *_paths()]


def private_path(owner: str = "ann", file: str = FILE) -> str:
    """Return the path of an owner's private rendition."""
    return delivery.path(keys.rendition_key(ID, REVISION, file, owner))


def query(path: str, key: str = CURRENT, expires: int = NOW + 1) -> str:
    """Return the query that opens a path."""
    return delivery.signed(path, key, expires).partition("?")[2]


def _served(name: str, path: str, **known: object) -> DeliveryCase:
    uri = path.replace(delivery.PREFIX, f"/{keys.PRIVATE}", 1)
    return DeliveryCase(name=name, path=path, outcome=Outcome.SERVED, uri=uri, **known)  # type: ignore[arg-type]


def _refused(name: str, path: str, **known: object) -> DeliveryCase:
    return DeliveryCase(name=name, path=path, outcome=Outcome.REFUSED, **known)  # type: ignore[arg-type]


def _missing(name: str, path: str, query: str = "") -> DeliveryCase:
    return DeliveryCase(name=name, path=path, query=query, outcome=Outcome.MISSING)


def _owners() -> list[DeliveryCase]:
    return [
        case
        for owner in OWNERS
        for path in (private_path(owner),)
        for mine, everyones in (
            (
                delivery.session(owner, CURRENT, NOW + 1),
                delivery.session(None, CURRENT, NOW + 1),
            ),
        )
        for case in (
            _served(f"signed address of {owner}", path, query=query(path)),
            _served(f"cookie of {owner}", path, cookies=(mine,)),
            _served(f"admin's cookie, image of {owner}", path, cookies=(everyones,)),
            _refused(
                f"cookie of another, image of {owner}",
                path,
                cookies=(delivery.session("eve", CURRENT, NOW + 1),),
            ),
        )
    ]


def _signatures() -> list[DeliveryCase]:
    path = private_path()
    right = query(path)
    expires, _, signature = right.partition("&")
    tampered = ("A" if signature[2] != "A" else "B") + signature[3:]
    refused = {
        "no query": "",
        "no signature": expires,
        "an empty signature": f"{expires}&s=",
        "no expiry": signature,
        "a changed first character of the signature": f"{expires}&s={tampered}",
        "a signature cut short": right[:-1],
        "a signature with padding": f"{right}=",
        "a signature with more behind it": f"{right}A",
        "another expiry": f"e={NOW + 2}&{signature}",
        "an expiry with a sign": f"e=+{NOW + 1}&{signature}",
        "an expiry with a fraction": f"e={NOW + 1}.0&{signature}",
        "no number as expiry": query(path).replace(str(NOW + 1), "soon"),
        "an expired one": query(path, expires=NOW - 1),
        "one that expires this second": query(path, expires=NOW),
        "an unknown key": query(path, STRANGE),
        "the query of another file": query(private_path(file="display.avif")),
        "the query of another owner": query(private_path("eve")),
        "the signature twice": f"{right}&{signature}",
        "the expiry twice": f"{right}&{expires}",
        "a session's text as signature": f"{expires}&s="
        + delivery.mac(CURRENT, f"session:{NOW + 1}.ann"),
    }
    return [
        *(_refused(name, path, query=given) for name, given in refused.items()),
        _served("the previous key", path, query=query(path, PREVIOUS)),
        _served("parameters in another order", path, query=f"{signature}&{expires}"),
        _served("an unknown parameter beside them", path, query=f"{right}&utm_source=mail"),
        _served(
            "a bad signature beside a good cookie",
            path,
            query=f"{expires}&s=no",
            cookies=(_mine(),),
        ),
        _served("a good signature beside a bad cookie", path, query=right, cookies=("no",)),
    ]


def _mine() -> str:
    return delivery.session("ann", CURRENT, NOW + 1)


def _cookies() -> list[DeliveryCase]:
    path, mine = private_path(), _mine()
    expires, mac, owner = mine.split(".", 2)
    refused = {
        "an empty cookie": "",
        "a cookie of one word": "ann",
        "a cookie without a MAC": f"{expires}..{owner}",
        "a cookie for another owner with this MAC": f"{expires}.{mac}.eve",
        "a cookie for everyone with this MAC": f"{expires}.{mac}.*",
        "a cookie with a later expiry": f"{NOW + 9}.{mac}.{owner}",
        "an expired cookie": delivery.session("ann", CURRENT, NOW - 1),
        "a cookie that expires this second": delivery.session("ann", CURRENT, NOW),
        "a cookie made with an unknown key": delivery.session("ann", STRANGE, NOW + 1),
        "a cookie with more behind it": f"{mine}.x",
        "a cookie of an owner whose name begins alike": delivery.session("an", CURRENT, NOW + 1),
        "a cookie of an owner with a star for a name": delivery.session("*", CURRENT, NOW + 1),
        "an address's signature as MAC": f"{expires}.{query(path).partition('s=')[2]}.{owner}",
    }
    return [
        *(_refused(name, path, cookies=(given,)) for name, given in refused.items()),
        _served(
            "a cookie made with the previous key",
            path,
            cookies=(delivery.session("ann", PREVIOUS, NOW + 1),),
        ),
        _refused("a cookie after its expiry", path, cookies=(mine,), now=NOW + 2),
    ]


def _paths() -> list[DeliveryCase]:
    public = f"/{ID}/{REVISION}/{FILE}"
    stored = f"/private/ann/{ID}/{REVISION}/{FILE}"
    eighteen = (
        "a" * 18
    )  # /private/ and these are 26 characters and a slash between them, as an image's ID
    missing = {
        "a private file by its key": stored,
        "the folder of private files": "/private/",
        "an owner whose folder is as long as an ID": f"/private/{eighteen}/{ID}/{REVISION}/{FILE}",
        "a private file with an escaped slash": f"/private%2Fann/{ID}/{REVISION}/{FILE}",
        "a private file with an escaped letter": f"/%70rivate/ann/{ID}/{REVISION}/{FILE}",
        "a public file with an escaped letter": f"/%30{ID[1:]}/{REVISION}/{FILE}",
        "a public file in a further folder": f"/{ID}/{REVISION}/more/{FILE}",
        "a public file with an empty segment": f"/{ID}//{FILE}",
        "a parent folder after an ID": f"/{ID}/../private/ann/{FILE}",
        "an escaped parent folder after an ID": f"/{ID}/%2E%2E/{FILE}",
        "an ID in lower case": public.lower(),
    }
    return [
        DeliveryCase(name="a public rendition", path=public, outcome=Outcome.SERVED, uri=public),
        DeliveryCase(
            name="a public rendition with a query",
            path=public,
            query="a=b",
            outcome=Outcome.SERVED,
            uri=public,
        ),
        *(_missing(name, path) for name, path in missing.items()),
        _missing("a private file by its key, signed", stored, query(stored)),
        *(
            _refused(f"signed, but not a rendition's: {path}", path, query=query(path))
            for path in (
                "/p/",
                f"/p/ann/{ID}/{REVISION}",
                f"/p/ann/{ID}/manifest.json",
                f"/p/ann/{ID}/{REVISION}/more/{FILE}",
                f"/p/ann/../{ID}/{REVISION}/{FILE}",
                f"/p//{ID}/{REVISION}/{FILE}",
            )
        ),
    ]
