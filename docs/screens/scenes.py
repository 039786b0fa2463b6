"""Landscapes, lights, a flower and a stone, of nothing but noise and gradients, for `photographs.py`.

Each function takes a size and a source of random numbers, and returns height × width × 3, from 0 to 1.
"""

from __future__ import annotations

import numpy as np

from docs.screens.painting import (
    Plane,
    Random,
    Stops,
    blend,
    glow,
    grid,
    noise,
    resized,
    rgb,
    shades,
    skyline,
    smooth,
)

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
WALL = 0.3, 0.42  # of a room's width and height, beside its window
NO_WINDOWS = 0.3  # of the way to the front: houses behind it are too far away


def mountains(height: int, width: int, random: Random) -> Plane:
    """Ridge behind ridge in the haze of a morning."""
    x, y = grid(height, width)
    sky: Stops = [(0, "#5f86b3"), (0.3, "#b9b6c4"), (0.45, "#f4c9a4"), (0.6, "#fbe3bd")]
    pixels = shades(y, sky)
    pixels = blend(pixels, "#fff2d0", 0.9 * glow(x, y * height / width, (0.68, 0.26), 0.13))
    layers = 7
    for layer in range(layers):
        near = layer / (layers - 1)
        line = (
            0.40 + 0.42 * near**1.15 - (0.13 - 0.03 * near) * skyline(random, width, 3 + 2 * near)
        )
        line -= 0.012 * near * noise(random, 2, width, 90, 3)[0]
        inside = smooth(y - line, 0, 0.0025)
        colour = shades(np.array([[near]]), [(0, "#c9b2b0"), (0.5, "#65738c"), (1, "#141d2b")])[
            0, 0
        ]
        haze = np.exp(-(y - line) / 0.07) * 0.12 + smooth(y - line, 0.02, 0.22) * 0.55 * (1 - near)
        body = blend(np.broadcast_to(colour, pixels.shape), "#f7d9b5", np.clip(haze, 0, 1))
        pixels = blend(pixels, body, inside)
    return pixels


def evening_sea(height: int, width: int, random: Random) -> Plane:
    """A low sun, and its way across the water."""
    x, y = grid(height, width)
    horizon, sun = 0.52, 0.62
    sky = shades(
        y / horizon, [(0, "#20304f"), (0.45, "#7a5a78"), (0.75, "#e08a5c"), (1, "#ffd489")]
    )
    streaks = noise(random, height // 6, width, 3)[:, :]
    clouds = smooth(resized(streaks, height, width), 0.5, 0.85) * smooth(y, 0.02, 0.3)
    sky = blend(sky, "#5b3b55", 0.55 * clouds * (1 - smooth(y, 0.36, 0.5)))
    sky = blend(sky, "#ffc27a", 0.5 * clouds * smooth(y, 0.3, 0.48))
    ratio = height / width
    sky += (
        glow(x, y * ratio, (sun, (horizon - 0.035) * ratio), 0.2)[..., None] * rgb("#ff9a4a") * 0.55
    )
    disc = np.hypot(x - sun, (y - horizon + 0.035) * ratio)
    sky = blend(sky, "#fff6d8", 1 - smooth(disc, 0.024, 0.027))
    depth = np.clip((y - horizon) / (1 - horizon), 1e-4, 1)
    rows = 1 / (depth + 0.035)
    waves = noise(random, height, width, 14, 5)
    ripple = np.sin(rows * 26 + 9 * waves + 3 * np.sin(x * 9)) * 0.5 + 0.5
    ripple = 0.5 * ripple + 0.5 * noise(random, height * 4, width, 30, 5)[::4]
    sea = shades(depth, [(0, "#d99a6c"), (0.12, "#8d6a76"), (0.5, "#38465f"), (1, "#121d31")])
    sea = blend(sea, "#0d1626", 0.45 * ripple)
    path = np.exp(-(((x - sun) / (0.03 + 0.13 * depth)) ** 2))
    glints = smooth(ripple + 0.25 * path, 0.52, 0.86)
    sea = blend(sea, "#ffdb98", np.clip(path * glints * 1.1, 0, 1))
    return blend(sky, sea, smooth(y, horizon, horizon + 0.002))


def city_lights(height: int, width: int, random: Random) -> Plane:
    """Lamps of a street, out of focus."""
    x, y = grid(height, width)
    pixels = shades(y, [(0, "#0b1020"), (0.55, "#1d1a2e"), (1, "#0a0a12")])
    pixels += 0.10 * noise(random, height, width, 2, 3)[..., None] * rgb("#5a4a7a")
    ratio = height / width
    colours = ("#ffb35c", "#ff8a5c", "#ffd9a0", "#7fd4ff", "#ff5c7a", "#9affc4", "#fff1d6")
    for number in range(95):
        far = number / 95
        centre = random.random(), (0.28 + 0.62 * random.random() ** 1.3) * ratio
        radius = (0.018 + 0.075 * far**2.2) * (0.7 + 0.6 * random.random())
        away = np.hypot(x - centre[0], y * ratio - centre[1]) / radius
        disc = (1 - smooth(away, 0.9, 1.0)) * (0.55 + 0.45 * smooth(away, 0.4, 1.0))
        lamp = rgb(colours[random.integers(len(colours))]) * (
            0.5 - 0.3 * far + 0.25 * random.random()
        )
        pixels = pixels + disc[..., None] * lamp * (1 - 0.5 * pixels)
    return pixels


def dunes(height: int, width: int, random: Random) -> Plane:
    """Sand in a low light: a bright and a dark side, and the wind's ripples."""
    x, y = grid(height, width)
    pixels = shades(y, [(0, "#2f6fa8"), (0.25, "#7fb0cf"), (0.42, "#e8dcc4")])
    for layer, base in enumerate((0.40, 0.47, 0.57, 0.70, 0.86)):
        near = layer / 4
        line = base - (0.05 + 0.10 * near) * (skyline(random, width, 1.6 + layer % 2, 3) - 0.4)
        depth = y - line
        crest = skyline(random, width, 1.5, 2) * 0.3 + 0.04
        wander = 0.05 * (noise(random, height, width, 4, 3) - 0.5)
        shadow = smooth(depth - crest * (0.25 + x) * 0.5 + wander, -0.01, 0.012)
        swing = noise(random, height, width, 3, 3) * 10
        ripples = np.sin((y * 1.6 + 0.22 * x) * (420 - 270 * near) + swing * (1.5 + near))
        lit = blend(
            shades(depth / 0.3, [(0, "#f6cf93"), (1, "#d9964f")]), "#9c5a2c", 0.07 + 0.07 * ripples
        )
        dark = blend(
            shades(depth / 0.4, [(0, "#8a4d2e"), (1, "#5b2f20")]), "#c37a48", 0.05 + 0.05 * ripples
        )
        haze = blend(blend(lit, dark, shadow), "#e8d5b8", 0.55 * (1 - near) ** 1.4)
        pixels = blend(pixels, haze, smooth(depth, 0, 0.002))
    return pixels


def northern_lights(height: int, width: int, random: Random) -> Plane:
    """Green curtains over black hills, and stars."""
    x, y = grid(height, width)
    pixels = shades(y, [(0, "#060a1c"), (0.6, "#0d2036"), (0.85, "#1d3d4a")])
    stars = random.random((height, width)) ** 900 * (1 - y)
    wide = resized(resized(stars, height // 2, width // 2), height, width)
    pixels += (3.2 * wide)[..., None] * rgb("#dfe8ff")
    for at, colour, top in (
        (0.62, "#3dffa0", "#8a5cff"),
        (0.50, "#4dffc0", "#c05cff"),
        (0.72, "#66ff9a", "#5c8aff"),
    ):
        bend = at + 0.16 * (skyline(random, width, 2.2, 3) - 0.5) + 0.05 * np.sin(x[0] * 11)
        rays = 0.35 + 0.65 * skyline(random, width, 22, 4) ** 1.5
        height_above = bend - y
        reach = 0.16 + 0.24 * skyline(random, width, 5, 3)
        curtain = np.where(
            height_above > 0, np.exp(-height_above / reach), np.exp(height_above / 0.018)
        )
        light = curtain * rays * (0.35 + 0.65 * noise(random, height, width, 2, 2))
        tint = blend(
            np.broadcast_to(rgb(colour), pixels.shape), top, smooth(height_above, 0.1, 0.42)
        )
        pixels = pixels + light[..., None] * tint * 0.62
    hills = 0.86 - 0.12 * skyline(random, width, 3)
    firs = hills - 0.016 * noise(random, 2, width, 160, 3)[0]
    return blend(pixels, "#03060b", smooth(y - firs, 0, 0.003))


def pines(height: int, width: int, random: Random) -> Plane:
    """Firs in fog, row behind row."""
    _, y = grid(height, width)
    fog = noise(random, height, width, 2, 4)
    pixels = blend(shades(y, [(0, "#dfe6e2"), (1, "#b9c8c2")]), "#f3f4ec", 0.4 * fog)
    columns = np.arange(width) / width
    layers = 6
    for layer in range(layers):
        near = layer / (layers - 1)
        ground = 0.34 + 0.52 * near - 0.12 * skyline(random, width, 2, 4)
        top = ground.copy()
        spread = 0.010 + 0.032 * near
        for centre in np.arange(-0.05, 1.05, spread * 0.62) + random.normal(0, spread * 0.4):
            tall = (0.075 + 0.24 * near) * (0.55 + 0.6 * random.random())
            middle = centre + random.normal(0, spread * 0.3)
            away = np.abs(columns - middle) / (spread * (0.7 + 0.5 * random.random()))
            twigs = 0.10 * np.abs(((away * 7) % 1) - 0.5) * (away < 1)
            foot = np.interp(middle, columns, ground)
            tree = foot - tall * np.clip(1 - away**0.85 - twigs, 0, 1) + 9 * (away >= 1)
            top = np.minimum(top, tree)
        rough = 0.006 * (noise(random, height, width, 120, 3) - 0.5) * (0.4 + near)
        colour = shades(np.array([[near]]), [(0, "#b3c3be"), (0.5, "#5f7f78"), (1, "#10241f")])[
            0, 0
        ]
        body = np.broadcast_to(colour, pixels.shape)
        mist = smooth(y - ground, -0.02, 0.20) * (0.95 - 0.55 * near) * (0.6 + 0.4 * fog)
        body = blend(body, "#dfe7e2", np.clip(mist, 0, 1))
        pixels = blend(pixels, body, smooth(y - top + rough, 0, 0.004))
    return pixels


def clouds(height: int, width: int, random: Random) -> Plane:
    """A summer's sky."""
    _, y = grid(height, width)
    pixels = shades(y, [(0, "#1d5fae"), (0.7, "#6fb1e0"), (1, "#bfe0f0")])
    folds = noise(random, height, width, 3, 4)
    shape = noise(random, height, width, 3.2, 9)
    body = smooth(0.82 * shape + 0.26 * folds + 0.10 * y, 0.52, 0.80)
    below = np.pad(shape, ((height // 22, 0), (0, 0)), mode="edge")[:height]
    light = np.clip(0.62 + 2.1 * (shape - below) + 0.25 * folds, 0, 1)
    return blend(pixels, shades(light, [(0, "#7d90ab"), (0.5, "#d5dbe3"), (1, "#fffdf6")]), body)


def skyscrapers(height: int, width: int, random: Random) -> Plane:
    """A town after sunset, with its windows lit."""
    x, y = grid(height, width)
    pixels = shades(y, [(0, "#141a3c"), (0.4, "#4b3a6b"), (0.62, "#b0607a"), (0.78, "#f0a070")])
    pixels = blend(pixels, "#f3b48a", 0.25 * smooth(noise(random, height, width, 3, 5), 0.5, 0.9))
    for layer in range(4):
        near = layer / 3
        colour = shades(np.array([[near]]), [(0, "#8a5a78"), (0.5, "#3c3357"), (1, "#0c0e1c")])[
            0, 0
        ]
        left = -0.02
        while left < 1:
            broad = (0.025 + 0.05 * random.random()) * (0.7 + 0.7 * near)
            top = 0.74 - (0.12 + 0.40 * random.random() ** 1.8) * (1 - 0.25 * near) + 0.12 * near
            part = (
                slice(round(top * height), height),
                slice(*(max(0, round(side * width)) for side in (left, left + broad))),
            )
            pixels[part] = colour
            if near > NO_WINDOWS:
                pixels[part] = blend(
                    pixels[part],
                    *windows(x[part] - left, y[part] - top, height / width, near, random),
                )
            left += broad * (1.02 + 0.25 * random.random())
    return pixels


def windows(x: Plane, y: Plane, ratio: float, near: float, random: Random) -> tuple[Plane, Plane]:
    """Return the colours of a house's windows, and how bright each is; *x* and *y* begin at its corner."""
    pitch = 0.0068 + 0.003 * near
    u, v = x / pitch, y * ratio / (pitch * 1.45)
    pane = ((u % 1) > WALL[0]) & ((v % 1) > WALL[1]) & (v > 1)
    room = (np.floor(u) * 57 + np.floor(v) * 131).astype(int) % 9973
    warm = shades(((room % 7) == 0) * 1.0, [(0, "#ffcf87"), (1, "#d8ecff")])
    return warm, 0.9 * pane * (random.random(9973) ** 2.2)[room]


def lake(height: int, width: int, random: Random) -> Plane:
    """Snowy mountains, and the same mountains upside down."""
    shore = 0.55
    upper = round(height * shore)
    _, y = grid(upper, width)
    pixels = shades(y, [(0, "#3f78b5"), (0.6, "#a8cbe4"), (1, "#e6eef2")])
    pixels = blend(pixels, "#ffffff", 0.5 * smooth(noise(random, upper, width, 4, 6), 0.55, 0.9))
    ridge = 0.62 - 0.50 * skyline(random, width, 3.5, 8)
    depth = y - ridge
    rock = noise(random, upper, width, 9, 8)
    slope = np.gradient(noise(random, upper, width, 12, 7) + 0.8 * (1 - depth), axis=1) * width / 40
    light = np.clip(0.5 + slope, 0, 1)
    stone = shades(light, [(0, "#2d3a4e"), (1, "#8d8f94")])
    snow = shades(light, [(0, "#8fa6c6"), (1, "#fffaf0")])
    body = blend(snow, stone, smooth(rock * 0.55 + depth * 1.5, 0.34, 0.46))
    body = blend(body, "#a9c0d6", 0.30 * smooth(y, 0.4, 1))
    pixels = blend(pixels, body, smooth(depth, 0, 0.004))
    for near, colour in ((0.86, "#3f5a4c"), (0.93, "#1f3a2f")):
        line = (
            near - 0.10 * skyline(random, width, 4, 4) - 0.03 * noise(random, 2, width, 170, 3)[0]
        )
        pixels = blend(pixels, colour, smooth(y - line, 0, 0.006))
    mirrored = pixels[::-1][: height - upper]
    lower = mirrored.shape[0]
    _, down = grid(lower, width)
    sway = (noise(random, lower * 5, width, 26, 4)[::5] - 0.5) * (4 + 26 * down)
    rows, columns = np.indices((lower, width))
    rows = np.clip(rows + np.round(sway).astype(int), 0, lower - 1)
    water = blend(mirrored[rows, columns], "#17384f", 0.22 + 0.30 * down)
    return np.vstack([pixels, water])


def dahlia(height: int, width: int, random: Random) -> Plane:
    """Petals at the golden angle, the outer ones below."""
    x, y = grid(height, width)
    x, y = (x - 0.5) * 2, (y - 0.5) * 2 * height / width
    dim = noise(random, height, width, 2, 4)
    pixels = blend(np.broadcast_to(rgb("#101c16"), (height, width, 3)), "#3a5a34", 0.7 * dim)
    count = 190
    for number in range(count, 0, -1):
        far = number / count
        angle, out = number * GOLDEN_ANGLE, 0.92 * far**0.62
        size = 0.055 + 0.25 * far
        u = (x * np.cos(angle) + y * np.sin(angle) - out * 0.62) / size
        v = (-x * np.sin(angle) + y * np.cos(angle)) / (size * 0.44)
        along = np.clip((u + 1) / 2, 0, 1)
        edge = np.abs(v) / (np.sin(np.pi * along**0.8) ** 0.75 + 1e-6)
        inside = (1 - smooth(edge, 0.93, 1.0)) * (np.abs(u) < 1)
        if not inside.any():
            continue
        fold = 1 - 0.35 * np.abs(v) ** 1.5 + 0.10 * np.cos(v * 9) * along
        tone = np.clip((0.20 + 0.80 * along) * fold * (0.86 + 0.1 * np.cos(angle - 0.9)), 0, 1)
        petal = shades(tone, [(0, "#3d0718"), (0.45, "#b01f4a"), (0.8, "#f2668a"), (1, "#ffd0d2")])
        shade = blend(petal, "#1a0410", 0.45 * smooth(edge, 0.80, 1.0))
        pixels = blend(pixels, shade, inside)
    return pixels


def agate(height: int, width: int, random: Random) -> Plane:
    """A polished stone's bands."""
    x, y = grid(height, width)
    ratio = height / width
    warp = noise(random, height, width, 3, 5) - 0.5
    twist = noise(random, height, width, 2, 4) - 0.5
    away = np.hypot(x - 0.42 + 0.35 * warp, (y - 0.52) * ratio + 0.30 * twist)
    band = away * 3.4 + 0.05 * noise(random, height, width, 9, 4)
    stops: Stops = [
        (0.0, "#fff8ee"), (0.12, "#e9c9a4"), (0.2, "#b5622f"), (0.27, "#f3dcc0"), (0.36, "#7a2f1c"),
        (0.45, "#d98a4d"), (0.52, "#fbeedd"), (0.63, "#35506b"), (0.72, "#9fc0cf"), (0.8, "#143049"),
        (0.9, "#5d8ea3"), (1.0, "#e8e2d4"),
    ]  # fmt: skip
    pixels = shades(band % 1.0, stops)
    lines = 0.5 + 0.5 * np.sin(band * 150 + 6 * noise(random, height, width, 20, 3))
    pixels = blend(pixels, "#2a140c", 0.16 * lines)
    shine = glow(x, y * ratio, (0.3, 0.2), 0.5)
    return pixels * (0.72 + 0.42 * shine[..., None])


def lavender(height: int, width: int, random: Random) -> Plane:
    """Rows that run to the horizon."""
    x, y = grid(height, width)
    horizon = 0.36
    sky = shades(y / horizon, [(0, "#5a9bd4"), (0.7, "#c5dcea"), (1, "#fbeccb")])
    sky = blend(sky, "#ffffff", 0.75 * smooth(noise(random, height, width, 3, 7), 0.55, 0.85))
    depth = np.clip((y - horizon) / (1 - horizon), 1e-3, 1)
    across = (x - 0.56) / (depth + 0.02)
    row = across * 2.1 + 0.05 * noise(random, height, width, 6, 3)
    bush = 0.5 + 0.5 * np.cos(row * 2 * np.pi)
    tufts = noise(random, height, width, 150, 4)
    coarse = noise(random, height, width, 45, 4)
    texture = coarse * depth + tufts * (1 - 0.5 * depth)
    bloom = smooth(bush + 0.55 * (texture - 0.5), 0.30, 0.62)
    flowers = shades(
        np.clip(0.15 + 0.75 * texture + 0.3 * bush - 0.2, 0, 1),
        [(0, "#2b1c4d"), (0.5, "#7350b5"), (1, "#c9a8f0")],
    )
    earth = shades(texture, [(0, "#3b3a22"), (0.5, "#7d7440"), (1, "#b8a86a")])
    field = blend(blend(earth, flowers, bloom), "#cdbcd8", 0.75 * np.exp(-depth / 0.07))
    pixels = blend(sky, field, smooth(y, horizon, horizon + 0.003))
    hills = horizon - 0.055 * skyline(random, width, 4, 5)
    pixels = blend(pixels, "#8fa3b5", smooth(y - hills, 0, 0.003) * (y < horizon + 0.003))
    pixels += glow(x, y * height / width, (0.2, 0.1), 0.45)[..., None] * rgb("#ffcf80") * 0.22
    return pixels
