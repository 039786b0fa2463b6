"""Building the page: once for each state of its sources, and a failure says what the tool said."""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from tests.site.conftest import Checkout
from tintype.site.building import (
    KEPT,
    LICENCES,
    SHOWN_LINES,
    SiteBuildError,
    build,
    run_script,
)


def test_page_is_built_with_what_is_installed_for_it(checkout: Checkout) -> None:
    steps: list[str] = []

    page = build(checkout.root, steps.append)

    assert steps == [
        "installing the page's packages: 2 from npm, only this once",
        "building the page",
    ]
    assert {path.suffix for path in page.iterdir()} == {".html", ".js", ".txt"}
    assert checkout.runs == 1


def test_licences_of_scripts_and_styles_are_part_of_the_page(checkout: Checkout) -> None:
    licences = (build(checkout.root) / LICENCES).read_text("utf-8")

    assert "Package: rxjs\n\nApache-2.0" in licences
    assert "Package: bootstrap\n\nThe MIT License" in licences


def test_processes_that_want_the_same_page_at_once_build_it_once(checkout: Checkout) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        pages = list(pool.map(build, [checkout.root] * 3))

    assert len(set(pages)) == 1
    assert (pages[0] / "index.html").is_file()
    assert checkout.runs == 1


def test_who_has_to_wait_for_another_is_told_so(checkout: Checkout) -> None:
    page = build(checkout.root)
    steps: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        with (checkout.root / ".tools" / "site" / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            waiting = pool.submit(build, checkout.root, steps.append)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result(timeout=10) == page

    assert steps == ["waiting for another process to build the page"]


def test_second_build_runs_nothing(checkout: Checkout) -> None:
    steps: list[str] = []
    page = build(checkout.root)

    again = build(checkout.root, steps.append)

    assert (again, steps, checkout.runs) == (page, [], 1)


@pytest.mark.parametrize(
    "name", ["src/main.ts", "src/new.ts", "package.json", "angular.json", "public/icon.svg"]
)
def test_changed_source_is_another_page(checkout: Checkout, name: str) -> None:
    page = build(checkout.root)

    checkout.write(name, "{}")

    assert build(checkout.root) != page
    assert checkout.runs == 2


def test_renamed_source_is_another_page(checkout: Checkout) -> None:
    checkout.write("src/a.ts", "1")
    page = build(checkout.root)

    (checkout.root / "web" / "src" / "a.ts").rename(checkout.root / "web" / "src" / "b.ts")

    assert build(checkout.root) != page


@pytest.mark.parametrize(
    "name",
    ["src/main.spec.ts", "src/new.spec.ts", "node_modules/x/a.js", "dist/a.js", ".angular/cache"],
)
def test_what_is_no_source_builds_nothing(checkout: Checkout, name: str) -> None:
    page = build(checkout.root)

    checkout.write(name, "changed")

    assert build(checkout.root) == page
    assert checkout.runs == 1


def test_packages_are_installed_anew_only_for_another_lock_file(checkout: Checkout) -> None:
    build(checkout.root)
    steps: list[str] = []

    checkout.write("src/main.ts", "2;")
    build(checkout.root, steps.append)
    lock = checkout.root / "web" / "package-lock.json"
    checkout.write("package-lock.json", lock.read_text("utf-8") + "\n")
    build(checkout.root, steps.append)

    assert steps == [
        "building the page",
        "installing the page's packages: 2 from npm, only this once",
        "building the page",
    ]


def test_lock_file_stays_as_it_is(checkout: Checkout) -> None:
    lock = checkout.root / "web" / "package-lock.json"
    before = lock.read_bytes()

    build(checkout.root)

    assert lock.read_bytes() == before


def test_failing_build_says_the_last_lines_of_its_tool(checkout: Checkout) -> None:
    checkout.write("src/main.ts", "mistake")

    with pytest.raises(SiteBuildError) as caught:
        build(checkout.root)

    first, *shown = str(caught.value).splitlines()
    assert first.startswith("ng.js build")
    assert "ended with 1" in first
    assert len(shown) == SHOWN_LINES
    assert shown[-1] == "src/main.ts:1:1 - error TS2304: Cannot find name"


def test_page_is_built_after_its_mistake_is_mended(checkout: Checkout) -> None:
    checkout.write("src/main.ts", "mistake")
    for _ in range(2):
        with pytest.raises(SiteBuildError):
            build(checkout.root)

    checkout.write("src/main.ts", "1;")

    assert (build(checkout.root) / "index.html").is_file()
    assert checkout.runs == 3


def test_packages_that_cannot_be_installed_are_told(checkout: Checkout) -> None:
    checkout.write("package.json", "{")

    with pytest.raises(SiteBuildError, match=r"npm-cli\.js install.*ended with"):
        build(checkout.root)


def test_page_that_was_not_finished_is_not_taken(checkout: Checkout) -> None:
    page = build(checkout.root)
    (page / "index.html").unlink()

    assert (build(checkout.root) / "index.html").is_file()
    assert checkout.runs == 2


def test_going_back_builds_nothing(checkout: Checkout) -> None:
    first = build(checkout.root)
    checkout.write("src/main.ts", "2;")
    build(checkout.root)

    checkout.write("src/main.ts", "1;")

    assert build(checkout.root) == first
    assert checkout.runs == 2


def test_only_the_newest_pages_are_kept(checkout: Checkout) -> None:
    pages = []
    for number in range(KEPT + 2):
        checkout.write("src/main.ts", f"{number};")
        pages.append(build(checkout.root).parent)
        os.utime(pages[-1], (number, number))

    assert [page.exists() for page in pages] == [False, False] + [True] * KEPT


def test_script_of_the_page_is_run_with_what_it_is_given(checkout: Checkout) -> None:
    assert run_script(checkout.root, "say", given="hello") == "hello"


def test_script_that_fails_is_told(checkout: Checkout) -> None:
    with pytest.raises(SiteBuildError, match="missing"):
        run_script(checkout.root, "missing")
