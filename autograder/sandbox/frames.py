"""What comes from a student's process, taken apart with care: it may say anything."""

from __future__ import annotations

import json
import re
from typing import Any

from crmkit.lab.snapshot import ANSWER_MIME, MAX_DEPTH, RETURNS_MIME

LARGEST_FRAME = 30_000_000
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_DEEPEST = 50
_DEEPEST_ANSWER = 4 * MAX_DEPTH  # a level of an answer takes up to three of JSON
_EACH_OUTPUT, _EACH_LINE = 100, 1  # characters that an output and a line count beyond their text
_ANSWERS = (ANSWER_MIME, RETURNS_MIME)


class Garbage(Exception):
    """The bytes are no frame of ours."""


class Frames:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The frames that are complete now.

        Raises
        ------
        Garbage
            A frame is too large, no JSON, or no object.
        """
        self._bytes += data
        found = []
        while len(self._bytes) >= 4:
            size = int.from_bytes(self._bytes[:4], "big")
            if size > LARGEST_FRAME:
                raise Garbage(f"a frame of {size} bytes")
            if len(self._bytes) < 4 + size:
                break
            found.append(_parse(bytes(self._bytes[4 : 4 + size])))
            del self._bytes[: 4 + size]
        return found


def _parse(data: bytes) -> dict[str, Any]:
    # Our side sends characters as they are. Half of one would fail wherever it is written to a file.
    data = _HALF_A_CHARACTER.sub(rb"\\ufffd", data)
    try:
        content = json.loads(data, parse_constant=lambda _: None)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Garbage(str(error)[:200]) from error
    if not isinstance(content, dict):
        raise Garbage("not an object")
    return content


def output(content: Any) -> dict[str, Any] | None:
    """An nbformat output made anew from what was sent, or None where it is none.

    Results become display data: nbgrader would read a number in a result as a score.
    """
    if not isinstance(content, dict):
        return None
    kind = content.get("output_type")
    if kind == "stream" and content.get("name") in ("stdout", "stderr"):
        text = content.get("text")
        if isinstance(text, str):
            return {"output_type": "stream", "name": content["name"], "text": text}
    elif kind == "display_data" and isinstance(content.get("data"), dict):
        data = {}
        for mime, value in content["data"].items():
            if mime in _ANSWERS:
                data[mime] = value if _shallow(value, _DEEPEST_ANSWER) else {}
            elif isinstance(value, str) or _is_data(mime, value):
                data[mime] = value
        return {"output_type": "display_data", "data": data, "metadata": {}}
    elif kind == "error":
        name, value, lines = (content.get(k) for k in ("ename", "evalue", "traceback"))
        if isinstance(name, str) and isinstance(value, str) and isinstance(lines, list):
            return error(name, value, [x for x in lines if isinstance(x, str)])
    return None


def _is_data(mime: str, value: Any) -> bool:
    return (mime == "application/json" or mime.endswith("+json")) and _shallow(value, _DEEPEST)


def _shallow(value: Any, levels: int) -> bool:
    if type(value) not in (list, dict):  # from JSON: nothing else holds values
        return True
    inner = value.values() if type(value) is dict else value
    return levels > 0 and all(
        _shallow(v, levels - 1) for v in inner if type(v) is list or type(v) is dict
    )


def error(name: str, value: str, lines: list[str] | None = None) -> dict[str, Any]:
    """An error output; one line of it is the whole traceback when none is given."""
    traceback = [f"{name}: {value}"] if lines is None else lines
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}


def size(made: dict[str, Any]) -> int:
    """Characters that count as output; the content of answers has a limit of its own."""
    found = _EACH_OUTPUT
    for mime, value in made.get("data", {}).items():
        found += len(mime) + (0 if mime in _ANSWERS else len(str(value)))
    found += sum(len(made.get(k, "")) for k in ("text", "ename", "evalue"))
    return found + sum(len(line) + _EACH_LINE for line in made.get("traceback", []))
