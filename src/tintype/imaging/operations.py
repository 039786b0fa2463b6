"""The steps from a decoded picture to a rendition's pixels: `FIRST_STEPS`, a turn, `LAST_STEPS`.

A step is `(Image, Recipe) -> Image` and does one thing. It returns the picture unchanged unless the
preset requests the operation. Input and output are RGB or RGBA, of 8 or 16 bits; with a colour space
of `original` also grey or CMYK.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tintype.imaging.alpha import blended, coloured, with_alpha, without_alpha
from tintype.imaging.colour import parse_colour
from tintype.imaging.depth import eight_bits, largest
from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.face import Face
from tintype.imaging.faces import keep_faces
from tintype.imaging.geometry import Box, Layout, Size, Turn, place, scaled
from tintype.imaging.own_colour import background_of
from tintype.imaging.presets import Gravity, Preset
from tintype.imaging.vips import pyvips
from tintype.imaging.watermark import stamp

# Rec. 709 luminance, as in the CSS filters `grayscale` and `saturate` (Filter Effects Level 1).
_LUMINANCE = (0.2126, 0.7152, 0.0722)
Step = Callable[[pyvips.Image, "Recipe"], pyvips.Image]
# A picture without faces is cropped as with `attention`.
_SMART = {
    Gravity.ATTENTION: "attention",
    Gravity.ENTROPY: "entropy",
    Gravity.FACES: "attention",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A preset resolved for one original.

    *source* is the size of the upright, rotated original, in whose pixels `layout.region` is;
    *turn* is the turn still to apply; *crop* is the area of the resized picture that `cover` keeps.
    """

    preset: Preset
    source: Size
    turn: Turn
    layout: Layout
    crop: Box


def is_smart(preset: Preset) -> bool:
    """Whether the crop depends on the picture's content."""
    return preset.gravity in _SMART


def choose_crop(
    resized: pyvips.Image,
    preset: Preset,
    layout: Layout,
    *,
    faces: Sequence[Face],
    upright: Size,
) -> Box:
    """Return the area of *resized*, the first frame, that `cover` keeps; all frames share it.

    *faces* and *upright* are as in `keep_faces`.
    """
    size = layout.cropped
    if size == layout.resized or preset.gravity not in _SMART:
        gravity = Gravity.CENTRE if preset.gravity in _SMART else preset.gravity
        return place(size, layout.resized, gravity)
    if preset.gravity is Gravity.FACES:
        kept = keep_faces(faces, preset, layout, upright)
        if kept is not None:
            return kept
    found = eight_bits(resized).smartcrop(
        size.width, size.height, interesting=_SMART[preset.gravity]
    )
    return Box(-found.xoffset, -found.yoffset, size.width, size.height)


def cut(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Cut out the region left by `extract` and `trim`."""
    region = recipe.turn.undone(recipe.layout.region, recipe.source)
    base = Size(image.width, image.height)
    box = scaled(region, recipe.turn.size(recipe.source), base)
    return image if box.size == base else image.crop(box.left, box.top, box.width, box.height)


def resize(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Resize with Lanczos 3; colours under transparent pixels do not bleed."""
    size = recipe.turn.size(recipe.layout.resized)
    if (image.width, image.height) == (size.width, size.height):
        return image
    across, down = size.width / image.width, size.height / image.height
    return blended(image, lambda mixed: mixed.resize(across, vscale=down))


def crop(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Crop to the box of `cover`."""
    box = recipe.crop
    if box.size == recipe.layout.resized:
        return image
    return image.crop(box.left, box.top, box.width, box.height)


def adjust_tones(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Apply brightness, contrast and gamma, in this order, through one table of all values.

    Brightness and contrast are linear in the sRGB numbers, as the CSS filters of these names are.
    """
    preset = recipe.preset
    if preset.brightness == preset.contrast == preset.gamma == 1:
        return image
    top = largest(image)
    shares = [
        (value / top * preset.brightness - 0.5) * preset.contrast + 0.5 for value in range(top + 1)
    ]
    curve = [min(max(share, 0.0), 1.0) ** (1 / preset.gamma) for share in shares]
    table = pyvips.Image.new_from_array([[round(top * share) for share in curve]])
    table = table.cast(image.format)
    return coloured(image, lambda colours: colours.maplut(table))


def saturate(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Mix each channel with the luminance: 0 is grey, 1 unchanged, more is more saturated."""
    amount = 0 if recipe.preset.grayscale else recipe.preset.saturation
    if amount == 1:
        return image
    rows = [
        [
            (1 - amount) * weight + amount * (row == column)
            for column, weight in enumerate(_LUMINANCE)
        ]
        for row in range(3)
    ]
    matrix = pyvips.Image.new_from_array(rows)
    return coloured(image, lambda colours: colours.recomb(matrix).rint().cast(image.format))


def tint(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Keep the CIELAB lightness and use the hue and chroma of the tint."""
    if recipe.preset.tint is None:
        return image
    colour = parse_colour(recipe.preset.tint).bands(3)
    lab = (
        (pyvips.Image.black(1, 1, bands=3) + colour).copy(interpretation="srgb").colourspace("lab")
    )
    hue = lab(0, 0)[1:]

    def tinted(colours: pyvips.Image) -> pyvips.Image:
        lightness = colours.colourspace("lab").extract_band(0)
        of_hue = lightness.bandjoin(hue).copy(interpretation="lab")
        return of_hue.colourspace(colours.interpretation)

    return coloured(image, tinted)


def blur(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Blur with a Gaussian."""
    sigma = recipe.preset.blur
    return blended(image, lambda mixed: mixed.gaussblur(sigma)) if sigma else image


def sharpen(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Sharpen only the lightness, flat areas less than edges."""
    sigma = recipe.preset.sharpen
    return coloured(image, lambda colours: colours.sharpen(sigma=sigma)) if sigma else image


def paint_behind(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Paint the background behind what is transparent, with `flatten`."""
    preset = recipe.preset
    return flatten(image, preset) if preset.flatten else image


def pad(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Place the picture on the canvas of `contain`, then add the margins of `extend`."""
    preset, canvas, size = recipe.preset, recipe.layout.canvas, Size(image.width, image.height)
    if canvas != size:
        gravity = Gravity.CENTRE if preset.gravity in _SMART else preset.gravity
        box = place(size, canvas, gravity)
        image = _embed(image, box.left, box.top, canvas, preset)
    if preset.extend is not None:
        margin = preset.extend
        width = image.width + margin.left + margin.right
        height = image.height + margin.top + margin.bottom
        image = _embed(image, margin.left, margin.top, Size(width, height), preset)
    return image


def round_corners(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Make the corners transparent, their edge antialiased over one pixel."""
    share = recipe.preset.corner_radius
    if not share:
        return image
    radius = share * min(image.width, image.height)
    middle = [(image.width - 1) / 2, (image.height - 1) / 2]
    # Distance from the rectangle whose sides are moved inwards by the radius.
    inner = [radius - image.width / 2, radius - image.height / 2]
    away = (pyvips.Image.xyz(image.width, image.height) - middle).abs() + inner
    away = (away > 0).ifthenelse(away, 0)
    distance = (away[0] ** 2 + away[1] ** 2) ** 0.5
    coverage = (distance * -255 + 255 * (radius + 0.5)).cast("uchar")  # a cast clips to 0..255
    image = with_alpha(image)
    alpha = (image.extract_band(image.bands - 1) * coverage / 255).cast(image.format)
    return without_alpha(image).bandjoin(alpha)


def draw_marks(image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Draw the watermark and the overlays over the picture, each over those before it.

    Raises:
        MissingGlyphError, InvalidPresetError: as in `stamp`, by the path of the setting.
    """
    for path, mark in recipe.preset.marks.items():
        try:
            image = stamp(image, mark)
        except InvalidPresetError as error:
            message = f"{path}{str(error).removeprefix('watermark')}"
            raise InvalidPresetError(message) from error
    return image


# On the picture as stored, whose rows are read from top to bottom.
FIRST_STEPS = (cut, resize)
# On the resized and upright picture.
LAST_STEPS = (
    crop,
    adjust_tones,
    saturate,
    tint,
    blur,
    sharpen,
    paint_behind,
    pad,
    round_corners,
    draw_marks,
)


def run(steps: tuple[Step, ...], image: pyvips.Image, recipe: Recipe) -> pyvips.Image:
    """Return *image* after all *steps*, not yet evaluated."""
    for step in steps:
        image = step(image, recipe)
    return image


def flatten(image: pyvips.Image, preset: Preset) -> pyvips.Image:
    """Paint the background behind transparent pixels."""
    if not image.hasalpha():
        return image
    return image.flatten(background=background_of(preset, image)[:-1])


def _embed(image: pyvips.Image, left: int, top: int, size: Size, preset: Preset) -> pyvips.Image:
    image = image if parse_colour(preset.background).opaque else with_alpha(image)
    return image.embed(
        left,
        top,
        size.width,
        size.height,
        extend="background",
        background=background_of(preset, image),
    )
