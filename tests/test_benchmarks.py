"""The benchmarks' arithmetic: whose CPU time is counted, whose ratios, and what a page keeps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.bench import Bar, Section
from benchmarks.curves import Sample
from benchmarks.delivery import USUAL, WIDTHS, equal_qualities
from benchmarks.delivery_batches import Batch, per_request, ratios
from benchmarks.process_cpu import Process, parse, running, split_cpu, tree
from benchmarks.protocol import Output
from benchmarks.report_parts import with_section

# A parent that starts a busy child and waits for its end, and then says so and stays.
BUSY = """
import subprocess, sys
busy = "import time\\nwhile time.process_time() < 0.3: pass"
subprocess.run([sys.executable, "-c", busy], check=True)
print("done", flush=True)
sys.stdin.read()
"""
PAGE = """\
# Benchmarks

## Bars

| bar    | measured | at most |     |
|:-------|---------:|--------:|----:|
| a: CPU |  0.500 × | 0.900 × | yes |
| b: CPU |  0.600 × | 0.900 × | yes |

## A

old

## How to read the tables

- **CPU** is CPU.
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_time_of_a_child_that_has_ended_counts_for_its_parent() -> None:
    command = [sys.executable, "-c", BUSY]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()

        cpu, around = split_cpu(tree(running(), parent.pid), None)

        assert 300 <= cpu < 3000
        assert around == 0
        parent.communicate()


def test_only_processes_below_the_root_count_and_marked_ones_apart() -> None:
    everything = (
        Process(1, 0, "init", 1000),
        Process(10, 1, "cloud", 40),
        Process(12, 11, "FunctionsRender", 7),
        Process(11, 10, "shell", 2),
        Process(20, 1, "FunctionsRender of another cloud", 500),
    )

    assert split_cpu(tree(everything, 10), "FunctionsRender") == (7, 42)


def test_a_name_with_parentheses_and_spaces_is_no_field() -> None:
    line = "42 (a) b (c) S 41 1 1 0 -1 0 1 2 3 4 10 20 30 40 20 0 1 0 1 1 1"

    assert parse(line, "a", ticks=100) == Process(42, 41, "a", 1000.0)


def test_ratio_is_of_neighbours_in_the_same_round() -> None:
    batches = [
        Batch("ours", "sharp", 320, 0, 30, 0),
        Batch("sharp", "ours", 320, 0, 40, 0),
        Batch("ours", "sharp", 640, 0, 60, 0),
        Batch("sharp", "ours", 640, 0, 80, 0),
        Batch("ours", "Pillow", 320, 0, 900, 0),
        Batch("Pillow", "ours", 320, 0, 1, 0),
        Batch("ours", "sharp", 320, 1, 60, 0),
        Batch("sharp", "ours", 320, 1, 50, 0),
    ]

    assert ratios(batches, "ours", "sharp", (320, 640)) == [0.75, 1.2]
    assert ratios(batches, "ours", "sharp", (640,)) == [0.75]
    assert per_request(batches, "sharp") == [60, 50]


def test_a_contender_gets_the_quality_of_our_score_at_each_width() -> None:
    ours, theirs = _curve(worth=0), _curve(worth=3.6)

    assert equal_qualities(ours, theirs) == dict.fromkeys(WIDTHS, USUAL - 4)
    assert equal_qualities(ours, _curve(worth=-4)) == dict.fromkeys(WIDTHS, USUAL + 4)
    assert equal_qualities(ours, ()) == dict.fromkeys(WIDTHS, USUAL)


def test_a_part_that_was_measured_again_replaces_its_section_and_its_bars() -> None:
    bars = (Bar("b: CPU", 0.95, 0.9), Bar("c: CPU", 0.1, 0.9))

    page = with_section(PAGE, Section("A", "new", bars))

    assert "old" not in page
    assert "## A\n\nnew\n\n## How to read" in page
    assert "| a: CPU |  0.500 × | 0.900 × |    yes |" in page
    assert "| b: CPU |  0.950 × | 0.900 × | **no** |" in page
    assert "| c: CPU |  0.100 × | 0.900 × |    yes |" in page


def test_a_new_part_stands_before_the_explanations() -> None:
    page = with_section(PAGE, Section("B", "new", ()))

    assert "old\n\n## B\n\nnew\n\n## How to read" in page
    assert page.endswith("- **CPU** is CPU.\n")


def _curve(worth: float) -> list[Sample]:
    """Return samples whose score is their quality, and *worth* more, less at smaller widths."""
    return [
        Sample(
            Path("photo.jpg"),
            Output("one.avif", "avif", width, quality=quality),
            Path("one.avif"),
            cpu_ms=1,
            score=quality + worth + width / 100,
        )
        for width in WIDTHS
        for quality in (USUAL - 6, USUAL - 3, USUAL, USUAL + 3)
    ]
