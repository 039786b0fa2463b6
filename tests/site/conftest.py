"""A checkout whose page is built by twenty lines of our own instead of Angular."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

# Stands where Angular's command line does, and is called as it is: `ng.js build --output-path DIR`.
NG = """
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const source = fs.readFileSync('src/main.ts', 'utf-8');
fs.appendFileSync('../runs.txt', 'built\\n');
if (source.includes('mistake')) {
  for (let line = 1; line <= 50; line++) console.log(`line ${line}`);
  console.error('src/main.ts:1:1 - error TS2304: Cannot find name');
  process.exit(1);
}
const out = `${process.argv[4]}/browser`;
const name = `main-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`;
fs.mkdirSync(out, { recursive: true });
fs.writeFileSync(`${out}/${name}`, source);
fs.writeFileSync(`${out}/index.html`, `<script src="${name}"></script>`);
fs.writeFileSync(`${process.argv[4]}/3rdpartylicenses.txt`, 'Package: rxjs\\n\\nApache-2.0\\n');
"""
DEPENDENCIES = {"@angular/cli": "file:tool", "bootstrap": "file:style"}


@dataclass(frozen=True)
class Checkout:
    """A folder with a `web/` in it."""

    root: Path

    def write(self, name: str, text: str) -> None:
        path = self.root / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @property
    def runs(self) -> int:
        """How many times the tool was run."""
        log = self.root / "runs.txt"
        return len(log.read_text("utf-8").splitlines()) if log.exists() else 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout whose packages lie beside it, so that npm needs no registry."""
    made = Checkout(tmp_path)
    package = {"dependencies": DEPENDENCIES, "scripts": {"say": "cat"}}
    made.write("package.json", json.dumps(package))
    made.write("package-lock.json", json.dumps(_lock()))
    made.write("tool/package.json", json.dumps({"name": "@angular/cli", "version": "1.0.0"}))
    made.write("tool/bin/ng.js", NG)
    made.write("style/package.json", json.dumps({"name": "bootstrap", "version": "1.0.0"}))
    made.write("style/LICENSE", "The MIT License")
    made.write("src/main.ts", "1;")
    made.write("src/main.spec.ts", "tests")
    return made


def _lock() -> dict[str, object]:
    return {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": DEPENDENCIES},
            "style": {"name": "bootstrap", "version": "1.0.0"},
            "tool": {"name": "@angular/cli", "version": "1.0.0"},
            "node_modules/@angular/cli": {"resolved": "tool", "link": True},
            "node_modules/bootstrap": {"resolved": "style", "link": True},
        },
    }
