"""SVG: off unless the settings say otherwise; hostile drawings cost little and show nothing of ours."""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.drawings import DRAWINGS, svg
from tests.pictures import Pixels
from tintype.imaging import (
    Encoding,
    Format,
    ImagingError,
    Limits,
    Preset,
    describe,
    render_all,
    svg_drawing,
)
from tintype.imaging.errors import (
    TimeLimitError,
    UnreadableImageError,
    UnsupportedFormatError,
)
from tintype.imaging.svg import SIDE, sanitised

ON = Limits(svg=True)
PNG = Preset(name="p", width=64, formats=(Encoding(format=Format.PNG),))
RED = '<rect width="100" height="100" fill="#f00"/>'
HURRIED = Limits(svg=True, timeout_seconds=1)
MOST_CPU_SECONDS = 2.0
DOCUMENT_TYPE = """<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">"""


def rendered(data: bytes, limits: Limits = ON) -> Pixels:
    (rendition,) = render_all(data, [PNG], limits, describe=False).renditions
    return np.asarray(Image.open(io.BytesIO(rendition.data)).convert("RGBA"))


def test_svg_is_refused_by_a_sentence_that_names_the_setting() -> None:
    with pytest.raises(UnsupportedFormatError, match=r"`svg = true` in \[limits\]; send JPEG"):
        render_all(svg(RED), [PNG])


@pytest.mark.parametrize(
    "head",
    [
        "",
        "\ufeff \n",
        '<?xml version="1.0" encoding="utf-8"?>\n',
        "<?xml version='1.0'?><!-- Generator: by hand -->\n<!-- > -->",
        DOCUMENT_TYPE,
    ],
)
def test_svg_is_known_by_its_root(head: str) -> None:
    pixels = rendered(head.encode() + svg(RED))

    assert (pixels == (255, 0, 0, 255)).all()


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ('viewBox="0 0 100 50"', (SIDE, SIDE // 2)),
        ('width="20" height="10"', (SIDE, SIDE // 2)),
        ('width="1in" height="48px" viewBox="0 0 5 5"', (SIDE, SIDE // 2)),
        ('width="10000" viewBox="0 0 100 50"', (SIDE, SIDE // 2)),
        ('width="100%" height="100%" viewBox="0 0 100 50"', (SIDE, SIDE // 2)),
        ('width="10000000" height="1"', (SIDE, 1)),
        ('width="2em" height=" 1.6e1 px "', (SIDE, SIDE // 2)),
    ],
)
def test_drawing_has_a_longer_side_of_its_own(size: str, drawn: tuple[int, int]) -> None:
    found = describe(svg(RED, size), ON)

    assert (found.width, found.height) == drawn
    assert found.content_type == "image/svg+xml"


def test_what_is_left_out_is_noted() -> None:
    found = describe(svg(RED + "<script>1</script><image href='data:image/png;base64,AA'/>"), ON)

    assert found.notes == ("without <image> and <script>",)


def test_what_is_left_out_is_noted_in_short() -> None:
    found = describe(svg("".join(f"<x{'y' * 20_000}{n:02d}/><a{n}/>" for n in range(20))), ON)

    assert found.notes == ("without <a0>, <a1>, <a10>, <a11>, <a12> and others",)


def test_long_name_is_noted_by_its_beginning() -> None:
    found = describe(svg(f"<x{'y' * 20_000}1/><x{'y' * 20_000}2/>"), ON)

    assert found.notes == (f"without <x{'y' * 29}>",)


def test_folder_one_is_in_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tintype").mkdir()
    for module in ("tintype/__init__.py", "resource.py"):
        (tmp_path / module).write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)

    assert (rendered(svg(RED)) == (255, 0, 0, 255)).all()


def test_drawing_has_one_page_and_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds: list[float] = []

    def counted(svg: bytes, remaining: float) -> bytes:
        seconds.append(remaining)
        return draw(svg, remaining)

    draw = svg_drawing._run  # noqa: SLF001
    monkeypatch.setattr(svg_drawing, "_run", counted)
    presets = [replace(PNG, name=f"p{page}", page=page) for page in (1, 2, 3)]

    made = render_all(svg(RED), presets, ON).renditions

    assert [file.preset for file in made] == ["p1", "p2", "p3"]
    assert made[0].data == made[1].data == made[2].data
    assert [0 < remaining < ON.timeout_seconds for remaining in seconds] == [True]


def test_transparency_is_kept() -> None:
    pixels = rendered(svg('<rect width="50" height="100" fill="#00f"/>'))

    assert tuple(pixels[32, 8]) == (0, 0, 255, 255)
    assert pixels[32, 56, 3] == 0


LAUGHS = "".join(
    f'<!ENTITY {"abcdefghi"[n + 1]} "{("&" + "abcdefghi"[n] + ";") * 10}">' for n in range(8)
)
REFUSED: dict[str, tuple[Callable[[], bytes], type[ImagingError]]] = {
    "a billion laughs": (
        lambda: f'<!DOCTYPE svg [<!ENTITY a "ha">{LAUGHS}]>'.encode() + svg("<text>&i;</text>"),
        UnsupportedFormatError,
    ),
    "an entity that is a file": (
        lambda: (
            b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg("<text>&x;</text>")
        ),
        UnsupportedFormatError,
    ),
    "a parameter entity": (
        lambda: b'<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>' + svg(RED),
        UnsupportedFormatError,
    ),
    "no size": (lambda: svg(RED, ""), UnsupportedFormatError),
    "a size of nothing": (lambda: svg(RED, 'width="0" height="0"'), UnsupportedFormatError),
    "a size that is no number": (
        lambda: svg(RED, 'width="1e999" height="nan" viewBox="0 0 -1 inf"'),
        UnsupportedFormatError,
    ),
    "a length of letters": (
        lambda: svg(RED, f'width="{"e" * 40_000}!" height="9"'),
        UnsupportedFormatError,
    ),
    "a length of spaces": (
        lambda: svg(RED, f'width="1{" " * 40_000}!" height="9"'),
        UnsupportedFormatError,
    ),
    "too many bytes": (lambda: svg("<!--" + "x" * 2_000_000 + "-->"), UnsupportedFormatError),
    "too many elements": (lambda: svg("<g/>" * 20_001), UnsupportedFormatError),
    "deep nesting": (lambda: svg("<g>" * 5000 + "</g>" * 5000), UnsupportedFormatError),
    "an end in the middle": (lambda: svg(RED)[:-20], UnreadableImageError),
    "bytes that are not XML": (lambda: svg("\x01\x02"), UnreadableImageError),
    "a root of no namespace": (lambda: b"<svg width='9' height='9'></svg>", UnreadableImageError),
    "a prefix of no namespace": (lambda: svg("<x:rect/>"), UnreadableImageError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_drawing_is_refused_by_its_code(name: str) -> None:
    build, expected = REFUSED[name]
    started = time.process_time()

    with pytest.raises(expected):
        render_all(build(), [PNG], ON)

    assert time.process_time() - started < 1


@pytest.mark.parametrize("name", ["foo", "utf-7", "hex", "idna", "undefined", "shift_jis"])
def test_encoding_that_expat_does_not_read_is_refused_by_its_code(name: str) -> None:
    with pytest.raises(UnreadableImageError):
        sanitised(f'<?xml version="1.0" encoding="{name}"?>'.encode() + svg(RED))


OUTSIDE = (
    *("file:///etc/passwd", "http://127.0.0.1:9/x.svg", "//127.0.0.1:9/x", "/etc/passwd"),
    *("x.svg#a", "data:image/svg+xml;base64,PHN2Zy8+", "javascript:alert(1)"),
)
GREEN = '<rect width="100" height="100" fill="#0a0"/>'
SAFE = {
    "a script": f"{GREEN}<script>alert(1)</script>",
    "a script of another namespace": f'{GREEN}<x:script xmlns:x="http://www.w3.org/1999/xhtml"/>',
    "an event": '<rect width="100" height="100" fill="#0a0" onload="x()" onclick="x()"/>',
    "HTML inside": f"{GREEN}<foreignObject width='9' height='9'><p>x</p></foreignObject>",
    "XInclude": f'{GREEN}<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>',
    "a style sheet": f"<style>@import url(http://127.0.0.1:9/x.css);rect{{fill:#f00}}</style>{GREEN}",
    "a style sheet with an element in it": "<style><g/>@import "
    f'"data:text/css,rect{{fill:blue}}";rect{{fill:#f00}}</style>{GREEN}',
    "a style sheet with an escape": "<style>rect{fill:u\\72l(http://127.0.0.1:9/x)}</style>"
    + GREEN,
    "a style that names a file": '<rect width="100" height="100" fill="#0a0" style="mask:url(/x#a)"/>',
    "a pattern elsewhere": '<rect width="100" height="100" fill="#0a0" stroke="url(http://[::1]/#a)"/>',
    "an animation": f'{GREEN}<set href="#x" attributeName="fill" to="#f00"/>',
    "a base address": f'<g xml:base="http://127.0.0.1:9/">{GREEN}</g>',
    "a drawing that uses itself": f'{GREEN}<g id="a"><use href="#a"/></g>',
    "a pattern that uses itself": f'{GREEN}<pattern id="p" width="9" height="9">'
    '<rect width="9" height="9" fill="url(#p)"/></pattern><rect width="0" fill="url(#p)"/>',
    "a filter of a picture": f'{GREEN}<filter id="f"><feImage href="/etc/passwd"/></filter>',
}


@pytest.mark.parametrize("name", SAFE)
def test_harmless_rest_of_a_hostile_drawing_is_drawn(name: str) -> None:
    pixels = rendered(svg(SAFE[name]))

    assert (pixels == (0, 170, 0, 255)).all()


@pytest.mark.parametrize("address", OUTSIDE)
def test_nothing_that_is_drawn_names_another_place(address: str) -> None:
    inner = (
        f'<image href="{address}"/><use href="{address}"/><a href="{address}">{RED}</a>'
        f'<rect fill="url({address})" style="filter:url(\'{address}\')"/>'
        f"<style>rect{{fill:url({address})}}</style>"
    )

    drawing = sanitised(svg(inner))

    assert address.encode() not in drawing.data


@pytest.mark.parametrize("inner", ["<g/>", "<style/>", "<title/>", "<x:g xmlns:x='x'/>"])
def test_style_sheet_is_judged_whole_whatever_is_in_it(inner: str) -> None:
    rules = [f"<style>{inner}@import 'x';</style>", f"<style>#a{{fill:ur{inner}l(/x)}}</style>"]

    drawing = sanitised(svg(f"{''.join(rules)}<style>a{inner}{{fill:red}}</style>"))

    assert (
        drawing.data.split(b">", 1)[1]
        == b"<style></style>" * 2 + b"<style>a{fill:red}</style></svg>"
    )


def doubled(levels: int) -> str:
    """Return groups of which each uses the one before it ten times."""
    groups = [f'<g id="a0">{RED}</g>']
    groups += [
        f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, levels)
    ]
    return "<defs>" + "".join(groups) + f'</defs><use href="#a{levels - 1}"/>'


def patterns(levels: int) -> str:
    """Return patterns of tiny tiles, each full of the one before it."""
    made = [f'<pattern id="p0" width=".01" height=".01">{RED}</pattern>']
    made += [
        f'<pattern id="p{n}" width=".01" height=".01"><rect width="100" height="100" '
        f'fill="url(#p{n - 1})"/><circle r="90" fill="url(#p{n - 1})"/></pattern>'
        for n in range(1, levels)
    ]
    return "".join(made) + f'<rect width="100" height="100" fill="url(#p{levels - 1})"/>'


def blurred(count: int) -> str:
    effects = '<feGaussianBlur stdDeviation="1000000"/>' * count
    area = 'x="-1000000" y="-1000000" width="9000000" height="9000000" filterUnits="userSpaceOnUse"'
    return f'<filter id="f" {area}>{effects}</filter><g filter="url(#f)">{GREEN}</g>'


COSTLY = {
    "copies of copies": doubled(9),
    "patterns of patterns": patterns(12),
    "a blur of everything, hundreds of times": blurred(300),
    "filters within filters": '<filter id="f"><feGaussianBlur stdDeviation="30"/></filter>'
    + '<g filter="url(#f)">' * 90
    + GREEN
    + "</g>" * 90,
    "masks within masks": '<mask id="m"><rect width="100" height="100" fill="#fff" mask="url(#m)"/>'
    "</mask>" + '<g mask="url(#m)">' * 90 + GREEN + "</g>" * 90,
    "a line of a million dashes": '<path d="M0 0H1e6" stroke="#000" stroke-dasharray="1e-4"/>',
    "a huge text": '<text font-size="1e6">' + "x" * 50_000 + "</text>",
    "rules for everything": "<style>"
    + "g g g>g~g{fill:#000}" * 20_000
    + "</style>"
    + "<g/>" * 9000,
    "markers on a hundred thousand points": '<marker id="m"><circle r="5"/></marker>'
    f'<path marker-mid="url(#m)" d="M0 0{"l1 1" * 100_000}"/>',
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_drawing_ends_soon(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    with suppress(TimeLimitError, UnreadableImageError, UnsupportedFormatError):
        rendered(svg(COSTLY[name]), HURRIED)

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < MOST_CPU_SECONDS


def test_text_is_in_our_font_whatever_is_asked_for() -> None:
    lines = [
        rendered(svg(f'<text y="70" font-size="60" font-family="{family}">agR</text>'))
        for family in ("Arimo", "Courier New", "DejaVu Serif", "nothing")
    ]

    assert lines[0][..., 3].max() == 255
    assert all((line == lines[0]).all() for line in lines)


@pytest.mark.parametrize("name", DRAWINGS)
def test_what_editors_write_is_kept_whole(name: str) -> None:
    assert sanitised(DRAWINGS[name]).left_out == ()
