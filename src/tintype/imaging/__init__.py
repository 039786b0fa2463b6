"""The image engine: an original's bytes and presets in; renditions, a description or an error out.

Pure: it reads and writes nothing but what it is given. Start with `render_all` (`rendering.py`), and
with `Preset` (`presets.py`) for what can be asked.

    from tintype.imaging import Encoding, Fit, Format, Preset, render_all

    avatar = Preset(name="avatar", width=256, height=256, fit=Fit.COVER,
                    formats=(Encoding(format=Format.AVIF), Encoding(format=Format.JPEG)))
    for rendition in render_all(data, [avatar]).renditions:
        print(rendition.filename, rendition.width, len(rendition.data))
"""

from importlib import import_module
from typing import TYPE_CHECKING

from tintype.imaging.errors import ImagingError
from tintype.imaging.formats import Format
from tintype.imaging.presets import (
    ColourSpace,
    Encoding,
    Extend,
    Fit,
    FocalPoint,
    Gravity,
    Limits,
    Preset,
    Region,
    Watermark,
    violations,
)

if TYPE_CHECKING:
    from tintype.imaging.describing import Description
    from tintype.imaging.metadata import Camera
    from tintype.imaging.rendering import Rendered, Rendition, describe, render_all

# Who only talks about presets and errors (a function that never sees a pixel) does not load libvips.
_NEED_LIBVIPS = {
    "Camera": "metadata",
    "Description": "describing",
    "Rendered": "rendering",
    "Rendition": "rendering",
    "describe": "rendering",
    "render_all": "rendering",
}

__all__ = [
    "Camera",
    "ColourSpace",
    "Description",
    "Encoding",
    "Extend",
    "Fit",
    "FocalPoint",
    "Format",
    "Gravity",
    "ImagingError",
    "Limits",
    "Preset",
    "Region",
    "Rendered",
    "Rendition",
    "Watermark",
    "describe",
    "render_all",
    "violations",
]


def __getattr__(name: str) -> object:
    if name in _NEED_LIBVIPS:
        return getattr(import_module(f"tintype.imaging.{_NEED_LIBVIPS[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
