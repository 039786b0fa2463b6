"""Requests of any size by its address, and what must become of each at the CDN's edge."""

from __future__ import annotations

from tests.browsers import BROWSERS
from tests.delivery_cases import CURRENT, ID, NOW, PREVIOUS, STRANGE, DeliveryCase, Outcome
from tests.delivery_grammar import CANONICAL, WRONG
from tintype import delivery, keys
from tintype.config.delivery import DEFAULT_DELIVERY, Unsigned
from tintype.delivery.grammar import parse
from tintype.imaging.formats import Format
from tintype.imaging.presets import Encoding, Preset

OTHER_ID = "01M7XPE600ABCDEFGHJKMNPQRT"
PUBLIC = f"/i/{ID}"
CHROME = BROWSERS[0].accept
WIDTHS = DEFAULT_DELIVERY.widths


def _preset(name: str, *formats: Format, auto: bool = False) -> Preset:
    return Preset(name=name, formats=tuple(Encoding(format=one) for one in formats), auto=auto)


PRESETS = (
    _preset("thumb", Format.WEBP),
    _preset("card", Format.AVIF, Format.WEBP, Format.JPEG),
    _preset("square", Format.JPEG, Format.PNG, auto=True),
    _preset("icon", Format.PNG, Format.GIF),
    _preset("constructor", Format.JPEG),
)


def private(owner: str = "ann") -> str:
    """Return the path of a private image's address."""
    return delivery.path(keys.private_folder(ID, owner)).removesuffix("/")


def signed(path: str, query: str, key: str = CURRENT, expires: int | None = None) -> str:
    """Return the query that opens a path with what *query* asks for, in its own spelling."""
    address = delivery.signed_variant(path, parse(query), key, expires)
    ours = address.partition("?")[2].split("&")
    proof = [part for part in ours if part.startswith(("e=", "s="))]
    return "&".join([*filter(None, [query]), *proof])


def file(name: str, owner: str | None = None) -> str:
    """Return the path that the origin is asked for."""
    return f"/{keys.delivered_key(ID, name, None)}" if owner is None else _private_file(name, owner)


def _private_file(name: str, owner: str) -> str:
    folder = private(owner).removeprefix("/p/").removesuffix(f"/{ID}")
    return f"/private/{folder}/{keys.delivered_key(ID, name)}"


def cases() -> list[DeliveryCase]:
    """Return all cases."""
    return [
        *_spelled(),
        *_wrong(),
        *_browsers(),
        *_presets(),
        *_grid(),
        *_modes(),
        *_signatures(),
        *_privates(),
        *_paths(),
    ]


def _served(name: str, path: str, query: str, uri: str, **known: object) -> DeliveryCase:
    return DeliveryCase(
        name=name,
        path=path,
        query=query,
        uri=uri,
        outcome=Outcome.SERVED,
        **known,  # type: ignore[arg-type]
    )


def _refused(name: str, path: str, query: str, **known: object) -> DeliveryCase:
    return DeliveryCase(
        name=name,
        path=path,
        query=query,
        outcome=Outcome.REFUSED,
        **known,  # type: ignore[arg-type]
    )


def _spelled() -> list[DeliveryCase]:
    """Return every query of the grammar's table, signed."""
    return [
        _served(
            f"signed: {query}",
            PUBLIC,
            signed(PUBLIC, query),
            file(f"{name}.{parse(query).format or ('webp' if 'preset' in query else 'auto-avif')}"),
            accept=CHROME,
        )
        for query, _, name in CANONICAL
    ]


def _wrong() -> list[DeliveryCase]:
    return [
        DeliveryCase(
            name=f"wrong: {query}",
            path=PUBLIC,
            query=query,
            outcome=Outcome.INVALID,
            wrong=parameter,
        )
        for query, parameter in (
            *WRONG,
            ("preset=unknown", "preset"),
            ("preset=toString", "preset"),
            ("preset=tostring", "preset"),
            ("preset=thumb&fm=avif", "fm"),
            ("preset=thumb&fm=jpg", "fm"),
            ("w=0&s=x", "w"),
        )
    ]


def _browsers() -> list[DeliveryCase]:
    return [
        case
        for browser in BROWSERS
        for case in (
            _served(
                f"a width for {browser.name}",
                PUBLIC,
                "w=640",
                file(f"w_640.{browser.size}"),
                accept=browser.accept,
            ),
            _served(
                f"a preset for {browser.name}",
                PUBLIC,
                "preset=card",
                file(f"preset_card.{browser.card}"),
                accept=browser.accept,
            ),
        )
    ]


def _presets() -> list[DeliveryCase]:
    return [
        _served(f"preset for {accept}: {query}", PUBLIC, query, file(name), accept=accept)
        for query, name, accept in (
            ("preset=thumb", "preset_thumb.webp", "*/*"),
            ("preset=card&fm=webp", "preset_card.webp", "*/*"),
            ("fm=jpeg&preset=card", "preset_card.jpg", CHROME),
            ("preset=square", "preset_square.auto", CHROME),
            ("preset=square&fm=png", "preset_square.png", CHROME),
            ("preset=icon", "preset_icon.png", CHROME),
            ("preset=icon", "preset_icon.gif", "image/gif"),
            ("preset=icon", "preset_icon.gif", "image/png;q=0,*/*"),
            ("preset=icon", "preset_icon.png", None),
            ("preset=constructor", "preset_constructor.jpg", None),
        )
    ]


def _grid() -> list[DeliveryCase]:
    open_ = {
        "": "w_2560.auto-avif",
        "w=640": "w_640.auto-avif",
        "w=641": "w_750.auto-avif",
        "w=1": "w_64.auto-avif",
        "w=64": "w_64.auto-avif",
        "w=2560": "w_2560.auto-avif",
        "w=2561": "w_2560.auto-avif",
        "w=9999": "w_2560.auto-avif",
        "w=320&dpr=2": "w_640.auto-avif",
        "w=333&dpr=3": "w_1080.auto-avif",
        "dpr=2": "w_2560.auto-avif",
        "fm=webp": "w_2560.webp",
        "fm=avif&w=100": "w_128.avif",
        "w=100&fm=jpeg": "w_128.jpg",
        "w=100&fit=max": "w_128.auto-avif",
        "w=100&fit=crop&gravity=faces": "w_128.auto-avif",
        "w=100&blur=0&rotate=360&sat=0&sharpen=0": "w_128.auto-avif",
        "w=100&auto=format&v=1&utm_source=a": "w_128.auto-avif",
    }
    closed = (
        *("h=640", "w=640&h=640", "w=640&q=80", "w=640&fit=clip", "w=640&fm=png", "fm=gif"),
        *(
            "w=640&blur=1",
            "bg=000",
            "w=640&bg=fff",
            "flip=h",
            "rect=0,0,1,1",
            "rotate=90",
            "sat=-100",
            "sharpen=1",
        ),
        *("w=640&h=640&fit=crop", "w=640&h=640&fit=crop&fp-x=0&fp-y=0"),
    )
    return [
        *(
            _served(f"without a signature: {query}", PUBLIC, query, file(name), accept=CHROME)
            for query, name in open_.items()
        ),
        *(_refused(f"without a signature: {query}", PUBLIC, query) for query in closed),
    ]


def _modes() -> list[DeliveryCase]:
    mine = (delivery.session("ann", CURRENT, NOW + 1),)
    found = []
    for mode in (Unsigned.PRESETS, Unsigned.NONE):
        found += [
            _refused(f"{mode}: a width", PUBLIC, "w=640", unsigned=mode),
            _refused(f"{mode}: nothing", PUBLIC, "", unsigned=mode),
            _served(
                f"{mode}: a signed width",
                PUBLIC,
                signed(PUBLIC, "w=641&fm=webp"),
                file("w_641.webp"),
                unsigned=mode,
            ),
            _served(
                f"{mode}: a private width with a cookie",
                private(),
                "w=641&fm=webp",
                file("w_750.webp", "ann"),
                unsigned=mode,
                cookies=mine,
            ),
        ]
    preset = ("preset=thumb", file("preset_thumb.webp"))
    return [
        *found,
        _served("presets: a preset", PUBLIC, *preset, unsigned=Unsigned.PRESETS),
        _refused("none: a preset", PUBLIC, "preset=thumb", unsigned=Unsigned.NONE),
        _served(
            "none: a signed preset",
            PUBLIC,
            signed(PUBLIC, "preset=thumb"),
            preset[1],
            unsigned=Unsigned.NONE,
        ),
    ]


def _signatures() -> list[DeliveryCase]:
    query = "w=333&h=90&fit=crop&fm=webp"
    name = "w_333,h_90,fit_crop.webp"
    right = signed(PUBLIC, query)
    proof = right.rpartition("&")[2]
    until = signed(PUBLIC, query, expires=NOW + 1)
    tampered = f"{right[:-2]}{'A' if right[-2] != 'A' else 'B'}{right[-1]}"
    served = {
        "forever": right,
        "until then": until,
        "with the previous key": signed(PUBLIC, query, PREVIOUS),
        "in another order": f"{proof}&fm=webp&h=90&fit=crop&w=333",
        "in another spelling": f"w=111&dpr=3&h=30&fit=crop&fm=webp&v=2&{proof}",
        "with what changes nothing": f"{right}&blur=0&utm_source=mail",
    }
    refused = {
        "changed": tampered,
        "cut": right[:-1],
        "with padding": f"{right}=",
        "empty": f"{query}&s=",
        "without a value": f"{query}&s",
        "twice": f"{right}&{proof}",
        "of an unknown key": signed(PUBLIC, query, STRANGE),
        "of another width": right.replace("w=333", "w=334"),
        "of another format": right.replace("fm=webp", "fm=avif"),
        "of the format that the browser would get": right.replace("&fm=webp", ""),
        "of another image": signed(f"/i/{OTHER_ID}", query),
        "of a private address": signed(private(), query),
        "of a path with a name": signed(f"{PUBLIC}/beach.webp", query),
        "expired": signed(PUBLIC, query, expires=NOW - 1),
        "expiring this second": signed(PUBLIC, query, expires=NOW),
        "with a later expiry": until.replace(f"e={NOW + 1}", f"e={NOW + 2}"),
        "without its expiry": until.replace(f"&e={NOW + 1}", ""),
        "with an expiry added": f"{right}&e={NOW + 1}",
        "with its expiry twice": f"{until}&e={NOW + 1}",
        "with an empty expiry": f"{right}&e=",
    }
    open_ = ("w=640", "preset=thumb", "")
    return [
        *(_served(f"signed {how}", PUBLIC, one, file(name)) for how, one in served.items()),
        *(_refused(f"signature {how}", PUBLIC, one) for how, one in refused.items()),
        *(
            _refused(f"open without, but {what}: {one}", PUBLIC, f"{one}&{more}")
            for one in open_
            for what, more in (
                ("a wrong signature", "s=x"),
                ("an expiry alone", f"e={NOW + 1}"),
                (
                    "an expired signature",
                    signed(PUBLIC, one, expires=NOW - 1)[len(one) :].strip("&"),
                ),
            )
        ),
        _served("signed: the whole image", PUBLIC, signed(PUBLIC, "fm=png"), file("full.png")),
        _served("signed: no parameter", PUBLIC, signed(PUBLIC, ""), file("full.auto")),
    ]


def _privates() -> list[DeliveryCase]:
    query, name = "w=333&fm=webp", "w_333.webp"
    path = private()
    right = signed(path, query, expires=NOW + 1)
    mine, everyones = (delivery.session(who, CURRENT, NOW + 1) for who in ("ann", None))
    eves = delivery.session("eve", CURRENT, NOW + 1)
    grid = file("w_384.webp", "ann")
    return [
        *(
            _served(
                f"private, of {owner}",
                private(owner),
                signed(private(owner), query, expires=NOW + 1),
                file(name, owner),
            )
            for owner in ("ann", "auth0|ann", "z%C3%AB.o", "..", "*", "a.b")
        ),
        _served("private, my cookie", path, query, grid, cookies=(mine,)),
        _served("private, an admin's cookie", path, query, grid, cookies=(everyones,)),
        _served(
            "private, a preset with my cookie",
            path,
            "preset=thumb",
            file("preset_thumb.webp", "ann"),
            cookies=(mine,),
        ),
        _served(
            "private, signed, another's cookie", path, right, file(name, "ann"), cookies=(eves,)
        ),
        _refused("private, nothing", path, ""),
        _refused("private, a width of the grid", path, "w=640"),
        _refused("private, a preset", path, "preset=thumb"),
        _refused("private, signed forever", path, signed(path, query)),
        _refused("private, expired", path, signed(path, query, expires=NOW)),
        _refused(
            "private, signed for the image in public", path, signed(PUBLIC, query, expires=NOW + 1)
        ),
        _refused("private, another's cookie", path, query, cookies=(eves,)),
        _refused(
            "private, another's signature", path, signed(private("eve"), query, expires=NOW + 1)
        ),
        _refused("private, a size with my cookie", path, "w=333&q=70", cookies=(mine,)),
        _refused("private, a wrong signature and my cookie", path, f"{query}&s=x", cookies=(mine,)),
        _refused("private, an expiry and my cookie", path, f"{query}&e={NOW + 1}", cookies=(mine,)),
        _refused(
            "private, an expired cookie",
            path,
            query,
            cookies=(delivery.session("ann", CURRENT, NOW),),
        ),
        DeliveryCase(
            name="private, wrong", path=path, query="w=0", outcome=Outcome.INVALID, wrong="w"
        ),
    ]


def _paths() -> list[DeliveryCase]:
    query = "w=640&fm=webp"
    private_query = signed(private(), query, expires=NOW + 1)
    names = ("beach.jpg", "a", "%20", "caf%C3%A9.webp", "x;y=z", "..", "%2e%2e", OTHER_ID)
    missing = (
        *("/i", "/i/", f"/i/{ID}/", f"/i/{ID}/a/b", f"/i//{ID}", f"/i/{ID}//", f"/I/{ID}"),
        *(f"/i/{ID.lower()}", f"/i/{ID[:-1]}", f"/i/{ID}0", f"/i/%30{ID[1:]}", f"//i/{ID}"),
        *(f"/i/{ID}/../{ID}/a", f"/i/ann/{ID}", f"/{ID}", f"/{ID}/x/w_640.webp", f"/x/{ID}"),
        *(f"/{ID}/x", f"/private/ann/{ID}/x/w_640.webp", f"/i/{ID}%2fa"),
    )
    refused = (
        *(f"/p/{ID}", f"/p//{ID}", f"/p/ann/{ID}/", f"/p/ann/{ID}0", f"/p/../{ID}", f"/p/./{ID}"),
        *(f"/p/ann%2F{ID}", f"/p/ann/eve/{ID}", f"/p/ann/{ID}/x/w_640.webp", f"/p/a%7Cb/{ID}"),
    )
    return [
        *(
            _served(f"named {name}", f"{PUBLIC}/{name}", query, file("w_640.webp"))
            for name in names
        ),
        *(
            _served(
                f"private, named {name}",
                f"{private()}/{name}",
                private_query,
                file("w_640.webp", "ann"),
            )
            for name in names
        ),
        *(
            DeliveryCase(name=f"no image: {path}", path=path, query=query, outcome=Outcome.MISSING)
            for path in missing
        ),
        *(
            _refused(f"no private image: {path}", path, signed(path, query, expires=NOW + 1))
            for path in refused
        ),
    ]
