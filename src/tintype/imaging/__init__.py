"""The image engine: from an original's bytes and presets to renditions, a description or an error.

It is pure: no input or output beyond its arguments and results. Start with `render_all`
(`render.py`), and with `Preset` (`presets.py`) for the options.

    from tintype.imaging import Encoding, Fit, Format, Preset, render_all

    avatar = Preset(name="avatar", width=256, height=256, fit=Fit.COVER,
                    formats=(Encoding(format=Format.AVIF), Encoding(format=Format.JPEG)))
    for rendition in render_all(data, [avatar]).renditions:
        print(rendition.filename, rendition.width, len(rendition.data))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tintype.imaging.description import Description
    from tintype.imaging.errors import ImagingError
    from tintype.imaging.face import Face
    from tintype.imaging.formats import Format
    from tintype.imaging.metadata import CameraMetadata
    from tintype.imaging.preset_rules import violations
    from tintype.imaging.presets import (
        Chroma,
        ColourSpace,
        Encoding,
        Extend,
        Fit,
        FocalPoint,
        Gravity,
        HiddenRegion,
        Limits,
        OriginalPoint,
        Preset,
        QualityTarget,
        Region,
        RegionEffect,
        Watermark,
    )
    from tintype.imaging.render import Rendered, describe, render_all, render_one
    from tintype.imaging.write import RenderedFile

# The modules of names that are not in `presets`. Modules load lazily, so that functions that use
# only formats or presets, and no pixels, do not need libvips.
_ELSEWHERE = {
    "CameraMetadata": "metadata",
    "Description": "description",
    "Face": "face",
    "Format": "formats",
    "ImagingError": "errors",
    "Rendered": "render",
    "RenderedFile": "write",
    "describe": "render",
    "render_all": "render",
    "render_one": "render",
    "violations": "preset_rules",
}

__all__ = [
    "CameraMetadata",
    "Chroma",
    "ColourSpace",
    "Description",
    "Encoding",
    "Extend",
    "Face",
    "Fit",
    "FocalPoint",
    "Format",
    "Gravity",
    "HiddenRegion",
    "ImagingError",
    "Limits",
    "OriginalPoint",
    "Preset",
    "QualityTarget",
    "Region",
    "RegionEffect",
    "Rendered",
    "RenderedFile",
    "Watermark",
    "describe",
    "render_all",
    "render_one",
    "violations",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        module = import_module(f"tintype.imaging.{_ELSEWHERE.get(name, 'presets')}")
        return getattr(module, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
