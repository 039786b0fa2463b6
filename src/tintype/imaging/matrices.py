"""Matrices between linear RGB colour spaces, from the chromaticities of their primaries.

The white of one space becomes that of the other by Bradford's transform (ICC.1:2022, annex E).
"""

from __future__ import annotations

from functools import lru_cache

from tintype.imaging.cicp import Chromaticity, Primaries

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

D50: Vector = (0.9642, 1.0, 0.8249)  # the white of ICC's connection space
_LARGEST = 100.0
_BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)


@lru_cache(maxsize=16)
def rgb_to_d50(primaries: Primaries) -> Matrix:
    """Return the matrix from linear RGB to XYZ whose white is D50.

    Raises:
        ValueError: the primaries span no colour space, or one that no profile can describe.
    """
    columns = tuple(_xyz(point) for point in (primaries.red, primaries.green, primaries.blue))
    white = _xyz(primaries.white)
    unscaled = _transposed(columns)
    scales = _times_vector(inverse(unscaled), white)
    to_xyz = product(unscaled, _diagonal(scales))
    matrix = product(_adaptation(white, D50), to_xyz)
    if max(abs(value) for row in matrix for value in row) > _LARGEST:
        message = "primaries of no colour space"
        raise ValueError(message)
    return matrix


def rgb_to_rgb(source: Primaries, target: Primaries) -> Matrix:
    """Return the matrix from one linear RGB space to another.

    Raises:
        ValueError: the primaries span no colour space.
    """
    return product(inverse(rgb_to_d50(target)), rgb_to_d50(source))


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse, by cofactors.

    >>> inverse(((2, 0, 0), (0, 4, 0), (0, 0, 1)))
    ((0.5, 0.0, 0.0), (0.0, 0.25, 0.0), (0.0, 0.0, 1.0))

    Raises:
        ValueError: there is none.
    """
    (a, b, c), (d, e, f), (g, h, i) = matrix
    first, second, third = e * i - f * h, f * g - d * i, d * h - e * g
    determinant = a * first + b * second + c * third
    if abs(determinant) < 1e-9:  # noqa: PLR2004 - far below that of any colour space
        message = "a matrix without an inverse"
        raise ValueError(message)
    adjugate = (
        (first, c * h - b * i, b * f - c * e),
        (second, a * i - c * g, c * d - a * f),
        (third, b * g - a * h, a * e - b * d),
    )
    one, two, three = (tuple(value / determinant for value in row) for row in adjugate)
    return one, two, three  # type: ignore[return-value] # rows of three


def product(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix that applies *other* and then *one*."""
    rows = [
        (
            x * other[0][0] + y * other[1][0] + z * other[2][0],
            x * other[0][1] + y * other[1][1] + z * other[2][1],
            x * other[0][2] + y * other[1][2] + z * other[2][2],
        )
        for x, y, z in one
    ]
    return rows[0], rows[1], rows[2]


def _adaptation(source: Vector, target: Vector) -> Matrix:
    before, after = _times_vector(_BRADFORD, source), _times_vector(_BRADFORD, target)
    gains = (after[0] / before[0], after[1] / before[1], after[2] / before[2])
    return product(inverse(_BRADFORD), product(_diagonal(gains), _BRADFORD))


def _xyz(point: Chromaticity) -> Vector:
    """Return X, Y, Z of a chromaticity: with Y = 1, or as x, y, z where Y would be 0."""
    x, y = point
    return (x, y, 1 - x - y) if y == 0 else (x / y, 1.0, (1 - x - y) / y)


def _times_vector(matrix: Matrix, vector: Vector) -> Vector:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def _diagonal(values: Vector) -> Matrix:
    return (values[0], 0, 0), (0, values[1], 0), (0, 0, values[2])


def _transposed(rows: tuple[Vector, ...]) -> Matrix:
    one, two, three = rows
    return (
        (one[0], two[0], three[0]),
        (one[1], two[1], three[1]),
        (one[2], two[2], three[2]),
    )
