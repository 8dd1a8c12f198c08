"""Functions that were handed in, and how the judge calls them after all cells have run.

The judge sends inputs as data, this module (in the student's process) calls the function and sends
outputs back as data. No expected value ever comes here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crmkit.lab.snapshot import RETURNS_MIME, Raised, SnapshotError, decode, encode

_FUNCTIONS: dict[str, Callable[..., Any]] = {}


def register(item: str, function: Callable[..., Any]) -> None:
    """Remember the last function handed in for an item."""
    _FUNCTIONS[item] = function


def request(item: str, inputs: list[tuple[Any, ...]]) -> str:
    """Code for the student's kernel that makes the calls."""
    text = json.dumps([encode(list(args)) for args in inputs], ensure_ascii=True)
    return f"from crmkit.lab import calls as _calls; _calls.answer({item!r}, {text!r})"


def answer(item: str, inputs: str) -> None:
    """Call the item's function on each input and display the outputs as data."""
    from IPython.display import display

    results = [encode(_call(_FUNCTIONS.get(item), decode(args))) for args in json.loads(inputs)]
    display({RETURNS_MIME: {"item": item, "value": results}}, raw=True)


def _call(function: Callable[..., Any] | None, args: list[Any]) -> Any:
    if function is None:
        return Raised("没有提交函数")
    try:
        result = function(*args)
        encode(result)
    except SnapshotError as e:
        return Raised(str(e))
    except Exception as e:  # the student's own code: anything may come
        return Raised(f"{type(e).__name__}: {e}")
    return result
