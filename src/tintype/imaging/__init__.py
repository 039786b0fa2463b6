"""The image engine: an original's bytes and presets in; renditions, a description or an error out.

Pure: it reads and writes nothing but what it is given. Start with `render_all` (`rendering.py`), and
with `Preset` (`presets.py`) for what can be asked.

    from tintype.imaging import Encoding, Fit, Format, Preset, render_all

    avatar = Preset(name="avatar", width=256, height=256, fit=Fit.COVER,
                    formats=(Encoding(format=Format.AVIF), Encoding(format=Format.JPEG)))
    for rendition in render_all(data, [avatar]).renditions:
        print(rendition.filename, rendition.width, len(rendition.data))
"""

from tintype.imaging.describing import Description
from tintype.imaging.errors import ImagingError
from tintype.imaging.formats import Format
from tintype.imaging.metadata import Camera
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
from tintype.imaging.rendering import Rendered, Rendition, describe, render_all

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
