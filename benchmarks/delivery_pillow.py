"""Pillow as a server of any size, at its best: `python -m benchmarks.delivery_pillow FOLDER PORT`.

The JPEG is shrunk while it is decoded (`draft`), resized with `reducing_gap`, turned when it is small,
and written by AVIF's fastest encoder. Nothing is kept; the file is read from the local disk.
"""

from __future__ import annotations

import io
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from PIL import Image, ImageOps

ORIENTATION, LANCZOS = 0x0112, Image.Resampling.LANCZOS


def render(file: Path, width: int, quality: int) -> bytes:
    """Return the photograph, upright and *width* pixels wide, as an AVIF."""
    with Image.open(file) as image:
        is_turned = image.getexif().get(ORIENTATION, 1) >= 5
        across = image.height if is_turned else image.width
        size = tuple(max(1, round(side * width / across)) for side in image.size)
        image.draft("RGB", (size[0], size[1]))
        small = image.resize((size[0], size[1]), LANCZOS, reducing_gap=3)
        buffer = io.BytesIO()
        upright = ImageOps.exif_transpose(small)
        upright.save(buffer, "avif", quality=quality, speed=9, max_threads=1, autotiling=False)
        return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answers `GET /FILE?w=WIDTH&q=QUALITY`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Render and send the file."""
        address = urlsplit(self.path)
        asked = {name: int(values[0]) for name, values in parse_qs(address.query).items()}
        body = render(Path(sys.argv[1], Path(address.path).name), asked["w"], asked["q"])
        self.send_response(200)
        self.send_header("content-type", "image/avif")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing: the others are as quiet."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
