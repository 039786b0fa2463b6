"""The npm package `tintype-url`, installed as npm would: it agrees with Python, and is small."""

from __future__ import annotations

import gzip
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings

from tests.delivery_cases import CURRENT, ID, OWNERS
from tests.delivery_grammar import CANONICAL, WRONG
from tests.delivery_spellings import Spelled, spelled
from tests.docs.markdown import ROOT
from tintype import delivery
from tintype.delivery.grammar import GRID, parse
from tintype.node import node
from tintype.site.packaging import write_package

BASE: Final = "https://cdn.example"
EXPIRES: Final = 1_795_345_200
MOST_BYTES: Final = 1_500  # of the addresses and loaders in a bundle, minified and compressed
SCRIPT: Final = Path(__file__).with_name("url_package.mjs")
TYPED: Final = """
import { url, srcset, nextLoader, type Options } from 'tintype-url';
import { sign, AddressError } from 'tintype-url/sign';

const options: Options = { w: 640, h: 480, fit: 'crop', 'fp-x': 0.5, 'fp-y': 0.5 };
const address: string = url('https://cdn', { id: 'ID', owner: 'ann', name: 'a.jpg' }, options);
const loader: (of: { src: string; width: number; quality?: number }) => string = nextLoader('https://cdn');
const parameter: string = new AddressError('w', 'is empty').parameter;
const signed: Promise<string> = sign('key', 'https://cdn', 'ID', options, 1);
console.log(address, loader, parameter, signed, srcset('https://cdn', 'ID', { fm: 'webp' }));
// @ts-expect-error a width is a number
url('https://cdn', 'ID', { w: '640' });
// @ts-expect-error no such fit
url('https://cdn', 'ID', { fit: 'stretch' });
// @ts-expect-error no such parameter
url('https://cdn', 'ID', { width: 640 });
"""

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the package is installed."""
    folder = tmp_path_factory.mktemp("installed")
    with tarfile.open(write_package(ROOT, folder)) as packed:
        packed.extractall(folder / "unpacked", filter="data")
    (folder / "node_modules").mkdir()
    (folder / "unpacked" / "package").rename(folder / "node_modules" / "tintype-url")
    (folder / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    return folder


@pytest.fixture(scope="module")
def answers(package: Path) -> Callable[[list[tuple[str, list[Any]]]], list[Any]]:
    """Return a function that calls many functions of the package in one Node."""

    def ask(calls: list[tuple[str, list[Any]]]) -> list[Any]:
        found: list[Any] = json.loads(run(package, SCRIPT.name, given=json.dumps(calls)))
        return found

    return ask


@pytest.fixture(scope="module")
def call(answers: Callable[[list[tuple[str, list[Any]]]], list[Any]]) -> Call:
    def one(name: str, *arguments: Any) -> Any:
        return answers([(name, list(arguments))])[0]

    return one


def run(folder: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(  # noqa: S603 - Node from PyPI
        [str(node()), *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_spelling_has_the_canonical_form_that_it_has_in_python(answers: Call) -> None:
    found = answers([("canonical", [query]) for query, _, _ in CANONICAL])

    assert found == [canonical for _, canonical, _ in CANONICAL]


def test_random_spellings_have_the_canonical_form_that_they_have_in_python(answers: Call) -> None:
    many: list[Spelled] = []

    @settings(max_examples=300, database=None)
    @given(spelled())
    def collect(one: Spelled) -> None:
        many.append(one)

    collect()
    found = answers([("canonical", [one.query]) for one in many])

    assert found == [one.canonical for one in many]
    assert found == [parse(one.query).query() for one in many]


def test_what_is_wrong_in_python_is_wrong_and_named(answers: Call) -> None:
    found = answers([("canonical", [query]) for query, _ in WRONG])

    assert [one["parameter"] for one in found] == [parameter for _, parameter in WRONG]


@pytest.mark.parametrize("query", ["", "w=640", "preset=thumb&fm=webp", "w=9&h=9&fit=min&q=70"])
@pytest.mark.parametrize("expires", [None, EXPIRES])
def test_a_signature_is_the_one_that_python_makes(
    call: Call, query: str, expires: int | None
) -> None:
    texts = dict(part.split("=") for part in query.split("&") if part)
    options = {name: int(text) if text.isdigit() else text for name, text in texts.items()}
    for owner in (None, *OWNERS):
        source = {"id": ID, "name": "Beach 1.jpg"} | ({"owner": owner} if owner else {})
        path = delivery.variant_path(ID, owner)
        right = delivery.signed_variant(path, parse(query), CURRENT, expires)

        signed = call("sign", CURRENT, BASE, source, options, *([expires] if expires else []))

        assert signed == f"{BASE}{right}".replace("?", "/Beach%201.jpg?", 1)


def test_a_name_in_a_path_is_not_signed(call: Call) -> None:
    plain, named = (call("sign", CURRENT, BASE, one, {"w": 9}) for one in (ID, f"/i/{ID}/a.jpg"))

    assert named == plain.replace("?", "/a.jpg?", 1)


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ("", ""),
        ("logo.png", "logo.png"),
        (ID.lower(), ID.lower()),
        (f"{ID}9", f"{ID}9"),
        (f"{ID}?w=9", f"{ID}?w=9"),
        (f"{ID}/a/b.jpg", f"{ID}/a/b.jpg"),
        (f"p/{ID}", f"p/{ID}"),
        ({"id": f"../{ID}"}, f"i/../{ID}"),
        ({"id": ID[1:], "owner": "ann"}, f"p/ann/{ID[1:]}"),
    ],
)
@pytest.mark.parametrize("function", ["url", "sign"])
def test_what_is_not_an_image_id_has_no_address(
    call: Call, function: str, image: Any, named: str
) -> None:
    given = [BASE, image, {}] if function == "url" else [CURRENT, BASE, image, {}]

    refused = call(function, *given)

    assert refused["message"] == f'"{named}" is not an image ID'


def test_what_is_wrong_is_not_signed(call: Call) -> None:
    assert call("sign", CURRENT, BASE, ID, {"fit": "stretch"})["parameter"] == "fit"


def test_an_address_has_the_parameters_that_are_given(call: Call) -> None:
    assert call("url", f"{BASE}/", ID, {"w": 640, "fm": "webp"}) == f"{BASE}/i/{ID}?w=640&fm=webp"
    assert call("url", BASE, ID) == f"{BASE}/i/{ID}"
    assert call("url", BASE, ID, {"rect": "1,2,3,4"}) == f"{BASE}/i/{ID}?rect=1,2,3,4"


def test_the_widths_are_those_of_a_stack(call: Call) -> None:
    assert call("widths") == list(GRID)


def test_srcset_has_every_width_once(call: Call) -> None:
    entries = call("srcset", BASE, ID, {"fm": "avif"}, [320, 640]).split(", ")

    assert entries == [f"{BASE}/i/{ID}?fm=avif&w={width} {width}w" for width in (320, 640)]
    assert len(call("srcset", BASE, ID).split(", ")) == len(GRID)


@pytest.mark.parametrize(
    ("name", "arguments", "address"),
    [
        ("next", [{"src": ID, "width": 640, "quality": 75}], f"/i/{ID}?w=640"),
        ("next", [{"src": f"/p/ann/{ID}", "width": 640}], f"/p/ann/{ID}?w=640"),
        (
            "unpic",
            [ID, {"width": 640.4, "height": 480, "quality": 80, "format": "jpeg"}],
            f"/i/{ID}?w=640&fm=jpg",
        ),
        ("unpic", [ID, {}], f"/i/{ID}"),
        (
            "nuxt",
            [f"/{ID}", {"modifiers": {"width": 640, "height": 9, "quality": 5}}],
            f"/i/{ID}?w=640",
        ),
        ("nuxt", [f"/{ID}", {"modifiers": {"format": "webp"}}], f"/i/{ID}?fm=webp"),
    ],
)
def test_loaders_ask_only_for_what_needs_no_signature(
    call: Call, name: str, arguments: list[Any], address: str
) -> None:
    found = call(name, BASE, *arguments)

    assert (found["url"] if name == "nuxt" else found) == f"{BASE}{address}"


def test_in_a_bundle_it_is_small(package: Path) -> None:
    entry = package / "entry.js"
    entry.write_text("export * from 'tintype-url';\n", encoding="utf-8")
    esbuild = ROOT / "web" / "node_modules" / "esbuild" / "bin" / "esbuild"
    bundled = subprocess.run(  # noqa: S603 - pinned by package-lock.json
        [str(esbuild), "--bundle", "--minify", "--format=esm", str(entry)],
        capture_output=True,
        check=True,
    )

    assert 0 < len(gzip.compress(bundled.stdout)) <= MOST_BYTES


def test_it_says_what_it_is_and_needs_no_other_package(package: Path) -> None:
    folder = package / "node_modules" / "tintype-url"
    said = json.loads((folder / "package.json").read_text("utf-8"))
    project = (ROOT / "pyproject.toml").read_text("utf-8")

    assert f'version = "{said["version"]}"' in project
    assert said["license"] == "Apache-2.0"
    assert not any(name.endswith("ependencies") for name in said)
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    for entry in said["exports"].values():
        assert all((folder / path).is_file() for path in entry.values())


def test_its_types_hold_for_programs_and_refuse_mistakes(package: Path) -> None:
    (package / "typed.ts").write_text(TYPED, encoding="utf-8")
    compiler = ROOT / "web" / "node_modules" / "typescript" / "bin" / "tsc"
    options = ("--strict", "--noEmit", "--module", "nodenext", "--target", "es2022")

    assert run(package, str(compiler), *options, "typed.ts") == ""
