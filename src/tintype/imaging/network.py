"""A neural network from a TensorFlow Lite file, run with numpy.

Start with `read`. It knows the layers that the face detector has, whose convolutions keep their
input's size but for the stride ("SAME" in TensorFlow's terms). Arrays are height × width × channels
of 32-bit floats. The file's format is TensorFlow Lite's schema, version 3, a FlatBuffer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float32]

# Numbers of types and operators in that schema.
_NUMBERS = {0: "<f4", 1: "<f2", 2: "<i4"}
_ADD, _CONV, _DEPTHWISE, _DEQUANTIZE, _MAX_POOL = 0, 3, 4, 6, 17
_RELU, _RESHAPE, _RESIZE, _PAD = 19, 22, 23, 34


@dataclass(frozen=True, slots=True)
class _Layer:
    """One step: *run* with the arrays *inputs* gives *output*, after which *done* are needed no more."""

    run: Callable[..., Array]
    inputs: tuple[int, ...]
    output: int
    done: frozenset[int]


@dataclass(frozen=True, slots=True)
class Network:
    """A network with one input and several outputs."""

    layers: tuple[_Layer, ...]
    source: int
    results: tuple[int, ...]

    def __call__(self, picture: Array) -> list[Array]:
        """Return the outputs for one input."""
        arrays = {self.source: picture}
        for layer in self.layers:
            arrays[layer.output] = layer.run(*(arrays[one] for one in layer.inputs))
            for one in layer.done:
                del arrays[one]
        return [arrays[one] for one in self.results]


def read(data: bytes) -> Network:
    """Read a TensorFlow Lite file.

    Raises:
        ValueError: it has a layer that is not known here.
    """
    (start,) = struct.unpack_from("<I", data)
    model = _Table(data, start)
    codes = [max(code.number(0, "b"), code.number(3, "i")) for code in model.tables(1)]
    graph, buffers = model.tables(2)[0], model.tables(4)
    tensors, operators = graph.tables(0), graph.tables(3)
    constants = {
        number: _constant(tensor, data)
        for number, tensor in enumerate(tensors)
        if (data := buffers[tensor.number(2, "I")].octets(0))
    }
    built: list[tuple[Callable[..., Array], tuple[int, ...], int]] = []
    for operator in operators:
        inputs, (output,) = operator.numbers(1), operator.numbers(2)
        known = [constants[one] for one in inputs if one in constants]
        code = codes[operator.number(0, "I")]
        if code == _DEQUANTIZE:
            constants[output] = known[0]
            continue
        open_inputs = tuple(one for one in inputs if one not in constants)
        channels = tensors[output].numbers(0)[-1]
        built.append((_layer(code, operator.table(4), known, channels), open_inputs, output))
    results = graph.numbers(2)
    last = {one: number for number, (_, inputs, _) in enumerate(built) for one in inputs}
    layers = tuple(
        _Layer(run, inputs, output, frozenset(one for one in inputs if last[one] == number))
        for number, (run, inputs, output) in enumerate(built)
    )
    return Network(layers, graph.numbers(1)[0], results)


def _constant(tensor: _Table, data: bytes) -> Array:
    numbers = np.frombuffer(data, _NUMBERS[tensor.number(1, "b")])
    result: Array = numbers.reshape(tensor.numbers(0)).astype(np.float32)
    return result


def _layer(
    code: int, options: _Table | None, known: Sequence[Array], channels: int
) -> Callable[..., Array]:
    """Return the function of one layer; *known* are its constants, *channels* its output's."""
    if code == _CONV:
        return _convolution(known[0], known[1], _stride(options))
    if code == _DEPTHWISE:
        return _depthwise(known[0], known[1], _stride(options))
    if code == _PAD:
        return lambda x: np.pad(x, ((0, 0), (0, 0), (0, channels - x.shape[2])))
    if code in _SIMPLE:
        return _SIMPLE[code]
    message = f"layer {code} of the network is not known"
    raise ValueError(message)


def _stride(options: _Table | None) -> int:
    return options.number(1, "i") if options else 1


def _convolution(weights: Array, bias: Array, stride: int) -> Callable[[Array], Array]:
    """Return a convolution; *weights* are outputs × height × width × inputs."""
    outputs, side = weights.shape[:2]
    matrix = np.ascontiguousarray(weights.reshape(outputs, -1).T)

    def run(x: Array) -> Array:
        taps = _taps(x, side, stride)
        result: Array = (taps[0] if side == 1 else np.concatenate(taps, axis=2)) @ matrix + bias
        return result

    return run


def _depthwise(weights: Array, bias: Array, stride: int) -> Callable[[Array], Array]:
    """Return a convolution of each channel by itself; *weights* are 1 × height × width × channels."""
    side, channels = weights.shape[1], weights.shape[3]
    factors = weights.reshape(-1, channels)

    def run(x: Array) -> Array:
        first, *others = _taps(x, side, stride)
        result: Array = first * factors[0] + bias
        for tap, factor in zip(others, factors[1:], strict=True):
            result += tap * factor
        return result

    return run


def _taps(x: Array, side: int, stride: int) -> list[Array]:
    """Return what each weight of a window sees: the picture, moved by its place in the window.

    Zeros are added around it; of an odd number the larger part comes last, as in TensorFlow.
    """
    if side == stride == 1:
        return [x]
    spans = [-(-length // stride) for length in x.shape[:2]]
    added = [
        max((span - 1) * stride + side - length, 0)
        for span, length in zip(spans, x.shape, strict=False)
    ]
    padded = np.pad(x, [(total // 2, total - total // 2) for total in added] + [(0, 0)])
    rows, columns = ((span - 1) * stride + 1 for span in spans)
    return [
        padded[down : down + rows : stride, across : across + columns : stride]
        for down in range(side)
        for across in range(side)
    ]


def _halved(x: Array) -> Array:
    """Return the largest number of each block of 2 × 2."""
    height, width, channels = x.shape
    result: Array = x.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))
    return result


def _doubled(x: Array) -> Array:
    """Return twice the size, interpolated linearly between the middles of pixels."""
    for axis in (0, 1):
        last = x.shape[axis] - 1
        places = np.arange(last + 1)
        before = x.take(np.maximum(places - 1, 0), axis)
        after = x.take(np.minimum(places + 1, last), axis)
        pairs = np.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis + 1)
        shape = list(x.shape)
        shape[axis] *= 2
        x = pairs.reshape(shape).astype(np.float32, copy=False)
    return x


_SIMPLE: dict[int, Callable[..., Array]] = {
    _ADD: np.add,
    _RELU: lambda x: np.maximum(x, 0),
    _MAX_POOL: _halved,
    _RESIZE: _doubled,
    _RESHAPE: lambda x: x,  # the results stay as a picture
}


@dataclass(frozen=True, slots=True)
class _Table:
    """A FlatBuffer's table at *start*, whose fields are numbered in the order of the schema.

    The format is FlatBuffers' "internals": a table begins with the distance back to its list of the
    fields' distances, and fields of variable length are distances as well.
    """

    data: bytes
    start: int

    def number(self, field: int, kind: str) -> int:
        """Return a number of a type of `struct`, 0 if it is absent."""
        place = self._place(field)
        return int(struct.unpack_from(f"<{kind}", self.data, place)[0]) if place else 0

    def numbers(self, field: int) -> tuple[int, ...]:
        """Return a list of 32-bit integers."""
        start, count = self._list(field)
        return struct.unpack_from(f"<{count}i", self.data, start)

    def octets(self, field: int) -> bytes:
        """Return a list of bytes."""
        start, count = self._list(field)
        return self.data[start : start + count]

    def table(self, field: int) -> _Table | None:
        """Return a table, if there is one."""
        place = self._place(field)
        return _Table(self.data, self._followed(place)) if place else None

    def tables(self, field: int) -> list[_Table]:
        """Return a list of tables."""
        start, count = self._list(field)
        return [_Table(self.data, self._followed(start + 4 * number)) for number in range(count)]

    def _place(self, field: int) -> int:
        (back,) = struct.unpack_from("<i", self.data, self.start)
        fields = self.start - back
        (length,) = struct.unpack_from("<H", self.data, fields)
        entry = 4 + 2 * field
        if entry >= length:
            return 0
        (distance,) = struct.unpack_from("<H", self.data, fields + entry)
        return self.start + distance if distance else 0

    def _list(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if not place:
            return 0, 0
        start = self._followed(place)
        return start + 4, int(struct.unpack_from("<I", self.data, start)[0])

    def _followed(self, place: int) -> int:
        return place + int(struct.unpack_from("<I", self.data, place)[0])
