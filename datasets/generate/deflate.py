"""A small deflate, and the zip container around it, with the same bytes everywhere.

zlib's compressed output differs between its versions and forks (zlib-ng, in some Pythons), so a
workbook packed by the standard library could not carry a checksum. This is RFC 1951 in its
plainest form: greedy LZ77 and one block with Huffman codes of its own.
"""

from __future__ import annotations

import heapq
import struct
import zlib
from collections.abc import Iterator

_WINDOW = 32768
_LONGEST = 258
_KEYS = (12, 4)  # how many bytes a match is looked up by: first a long one, then a short one
_DOS_TIME, _DOS_DATE = 0, (2025 - 1980) << 9 | 12 << 5 | 31
_END = 256


def _steps(first: int, per_extra: int, plain: int, symbols: int) -> list[tuple[int, int]]:
    """(base, extra bits) of each length or distance symbol."""
    out, base = [], first
    for i in range(symbols):
        extra = 0 if i < plain else (i - plain) // per_extra + 1
        out.append((base, extra))
        base += 1 << extra
    return out


_LENGTHS = [*_steps(3, 4, 8, 28), (_LONGEST, 0)]
_DISTANCES = _steps(1, 2, 4, 30)


def _finder(steps: list[tuple[int, int]], most: int) -> list[int]:
    """Symbol of each value; the last symbol whose base is not above it."""
    out, symbol = [0] * (most + 1), 0
    for value in range(steps[0][0], most + 1):
        while symbol + 1 < len(steps) and steps[symbol + 1][0] <= value:
            symbol += 1
        out[value] = symbol
    return out


_LENGTH_SYMBOL = _finder(_LENGTHS, _LONGEST)
_DISTANCE_SYMBOL = _finder(_DISTANCES, _WINDOW)


def _tokens(data: bytes) -> Iterator[tuple[int, int]]:
    """(byte, 0) for a byte as it is, (length, distance) for a repetition."""
    seen: tuple[dict[bytes, int], ...] = tuple({} for _ in _KEYS)
    at, end = 0, len(data)
    while at < end:
        before = -1
        for size, places in zip(_KEYS, seen, strict=True):
            key = data[at : at + size]
            if len(key) == size:
                found = places.get(key, -1)
                places[key] = at
                if before < 0 and found >= 0 and at - found <= _WINDOW:
                    before = found
        if before < 0:
            yield data[at], 0
            at += 1
            continue
        most, length = min(_LONGEST, end - at), _KEYS[-1]
        while length < most and data[before + length] == data[at + length]:
            length += 1
        yield length, at - before
        for inner in range(at + 1, min(at + length, end - _KEYS[0]), 3):
            for size, places in zip(_KEYS, seen, strict=True):
                places[data[inner : inner + size]] = inner
        at += length


def _code_lengths(counts: list[int]) -> list[int]:
    """Huffman code lengths of at most 15 bits for the symbols that occur."""
    while True:
        heap: list[tuple[int, int, tuple[int, ...]]]
        heap = [(n, i, (i,)) for i, n in enumerate(counts) if n]
        heapq.heapify(heap)
        lengths = [0] * len(counts)
        while len(heap) > 1:
            n1, tie, left = heapq.heappop(heap)
            n2, _, right = heapq.heappop(heap)
            for symbol in (*left, *right):
                lengths[symbol] += 1
            heapq.heappush(heap, (n1 + n2, tie, (*left, *right)))
        if max(lengths) <= 15:
            return lengths
        counts = [(n + 1) // 2 for n in counts]


def _codes(lengths: list[int]) -> list[int]:
    """The canonical codes of RFC 1951, section 3.2.2, in the order bits are sent."""
    out, code, last = [0] * len(lengths), 0, 0
    for length, symbol in sorted((n, i) for i, n in enumerate(lengths) if n):
        code <<= length - last
        out[symbol], last = int(f"{code:0{length}b}"[::-1], 2), length
        code += 1
    return out


def deflate(data: bytes) -> bytes:
    """A raw deflate stream of `data` (no zlib header)."""
    tokens = list(_tokens(data))
    literals, distances = [0] * 286, [0] * 30
    literals[0] = literals[_END] = distances[0] = distances[1] = 1  # never fewer than two codes
    for value, distance in tokens:
        literals[257 + _LENGTH_SYMBOL[value] if distance else value] += 1
        if distance:
            distances[_DISTANCE_SYMBOL[distance]] += 1
    literal_bits, distance_bits = _code_lengths(literals), _code_lengths(distances)
    literal_codes, distance_codes = _codes(literal_bits), _codes(distance_bits)
    out = bytearray()
    held = bits = 0

    def send(value: int, size: int) -> None:
        nonlocal held, bits
        held |= value << bits
        bits += size
        while bits >= 8:
            out.append(held & 0xFF)
            held >>= 8
            bits -= 8

    send(0b101, 3)  # last block, codes of its own
    send(286 - 257, 5)
    send(30 - 1, 5)
    send(19 - 4, 4)
    for _ in range(3):
        send(0, 3)  # no runs: every code length is written out, each in four bits
    for _ in range(16):
        send(4, 3)
    for length in (*literal_bits, *distance_bits):
        send(int(f"{length:04b}"[::-1], 2), 4)
    for value, distance in tokens:
        if not distance:
            send(literal_codes[value], literal_bits[value])
            continue
        symbol = _LENGTH_SYMBOL[value]
        send(literal_codes[257 + symbol], literal_bits[257 + symbol])
        send(value - _LENGTHS[symbol][0], _LENGTHS[symbol][1])
        symbol = _DISTANCE_SYMBOL[distance]
        send(distance_codes[symbol], distance_bits[symbol])
        send(distance - _DISTANCES[symbol][0], _DISTANCES[symbol][1])
    send(literal_codes[_END], literal_bits[_END])
    send(0, -bits % 8)
    return bytes(out)


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip file of these parts, in this order, all dated at the last day of the data."""
    body, index = bytearray(), bytearray()
    for name, data in parts.items():
        packed = deflate(data)
        label = name.encode("ascii")
        head = struct.pack(
            "<HHHHHIIIHH",
            20, 0, 8, _DOS_TIME, _DOS_DATE, zlib.crc32(data), len(packed), len(data), len(label), 0,
        )  # fmt: skip
        index += b"PK\x01\x02" + struct.pack("<H", 20) + head
        index += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + label
        body += b"PK\x03\x04" + head + label + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(index), len(body), 0)
    return bytes(body + index + b"PK\x05\x06" + end)
