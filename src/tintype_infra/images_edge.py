"""The CloudFront Function of pictures, with the keys and the settings that it decides by."""

from __future__ import annotations

import json
from pathlib import Path

import rjsmin

from tintype.config import Config, ConfigError, Mistake
from tintype.delivery.grammar import ADDRESS_HEADER
from tintype.imaging.presets import Preset

FOLDER = Path(__file__).parent / "edge" / "images"
FILES = ("handler.js", "grammar.js", "access.js", "formats.js")
MAX_BYTES = (
    10_240  # quota of CloudFront Functions (developer guide, "Quotas on CloudFront Functions")
)
_KEY = "k" * 43  # as long as a signing key, which may be known only at deploy time


def function_code(current: str, previous: str, config: Config) -> str:
    """Return the function's code with the two keys, which may be known only at deploy time.

    Raises:
        ConfigError: the code would be larger than CloudFront takes, since there are so many presets.
    """
    code = _filled_in(config)
    too_many = len(with_keys(code, _KEY, _KEY)) - MAX_BYTES
    if too_many > 0:
        message = (
            f"the CDN's function would be {too_many} bytes larger than the {MAX_BYTES} that CloudFront "
            "takes; remove presets, or shorten their names"
        )
        raise ConfigError(config.path, [Mistake(0, "presets", message)])
    return with_keys(code, current, previous)


def formats_of(preset: Preset) -> str:
    """Return a preset's formats as the function has them.

    >>> formats_of(Preset(name="thumb"))
    'jpg'
    """
    extensions = [encoding.format.facts.extensions[0] for encoding in preset.formats]
    return ",".join(["auto", *extensions] if preset.auto else extensions)


def _filled_in(config: Config) -> str:
    delivery = config.delivery
    presets: dict[str, list[str]] = {}
    for preset in config.presets:
        presets.setdefault(formats_of(preset), []).append(preset.name)
    code = "".join((FOLDER / name).read_text("utf-8") for name in FILES)
    for place, value in {
        "GRID_WIDTHS": json.dumps(delivery.widths, separators=(",", ":")),
        "PRESETS_BY_FORMATS": json.dumps(presets, separators=(",", ":")),
        "OPEN_ADDRESSES": delivery.unsigned.value,
        "ADDRESS_HEADER": ADDRESS_HEADER,
    }.items():
        code = code.replace(place, value)
    return squeezed(code)


def squeezed(code: str) -> str:
    """Return JavaScript without comments and needless spaces."""
    return str(rjsmin.jsmin(code))


def with_keys(code: str, current: str, previous: str) -> str:
    """Return a function's code with the signing keys, which may be known only at deploy time."""
    return code.replace("CURRENT_KEY", current).replace("PREVIOUS_KEY", previous)
