"""A student's own numbers, drawn by hash, and the formulas that give the answer.

Formulas stand in YAML, so they are evaluated by a small interpreter that knows numbers,
parameter names, arithmetic and the functions listed here, and nothing else.
"""

from __future__ import annotations

import ast
import hashlib
import math
import operator
from collections.abc import Callable, Mapping
from functools import cache

from crmkit.errors import KitError
from crmkit.quizbank.question import Numeric, Question

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _annuity(r: float, n: float) -> float:
    from crmkit.analytics import clv

    return clv.annuity(r, int(n) if float(n).is_integer() else n)  # type: ignore[arg-type]


def _margin_multiple(retention: float, rate: float) -> float:
    from crmkit.analytics import clv

    return clv.margin_multiple(retention, rate)


# The course's models come from crmkit.analytics, loaded when a formula names them.
FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "abs": abs,
    "annuity": _annuity,
    "exp": math.exp,
    "log": math.log,
    "margin_multiple": _margin_multiple,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}


class FormulaError(ValueError):
    """A formula that the interpreter does not accept; the loader says where it stands."""


def evaluate(formula: str, values: Mapping[str, float]) -> float:
    """The value of `formula` with `values` for its names.

    >>> round(evaluate("Po - Co + In * annuity(r, n)",
    ...                {"Po": 3000, "Co": 500, "In": 1000, "r": 0.08, "n": 10}), 2)
    9210.08
    """
    try:
        result = float(_value(_parse(formula), values))
    except (ArithmeticError, KitError, ValueError, TypeError) as e:
        if isinstance(e, FormulaError):
            raise
        raise FormulaError(f"公式算不出数：{formula}（{e}）") from e
    if not math.isfinite(result):
        raise FormulaError(f"公式算不出有限的数：{formula}")
    return result


@cache
def _parse(formula: str) -> ast.expr:
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError) as e:
        raise FormulaError(f"公式写法有误：{formula}") from e


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(operand, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            a, b = _value(left, values), _value(right, values)
            if isinstance(op, ast.Pow) and abs(b) > 100:
                raise FormulaError("公式里的指数过大")
            return _BINARY[type(op)](a, b)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(a, values) for a in args))
    raise FormulaError(f"公式里不允许出现：{ast.unparse(node)}")


def draw(question: Question, student: str | None = None) -> dict[str, float]:
    """The parameters of a numeric question: the student's own, or the first of each list."""
    if not isinstance(question.body, Numeric):
        return {}
    return {
        name: values[0] if not student else values[_place(student, question.id, name, len(values))]
        for name, values in question.body.params.items()
    }


def expected(question: Question, student: str | None = None) -> list[float]:
    """The right numbers of a numeric question, one for each ask (for teachers and tests)."""
    if not isinstance(question.body, Numeric):
        return []
    values = draw(question, student)
    return [evaluate(ask.formula, values) for ask in question.body.asks]


def plain(value: float, tolerance: float) -> str:
    """A number with one decimal more than its tolerance can tell.

    >>> plain(9210.0814, 0.5), plain(0.123456, 0.003), plain(20.0, 0.01)
    ('9210.08', '0.1235', '20')
    """
    decimals = max(0, 1 - math.floor(math.log10(tolerance))) if tolerance > 0 else 6
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rank(*parts: str) -> str:
    """A key that sorts texts in an order of their own, the same on every machine."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _place(student: str, question: str, name: str, count: int) -> int:
    return int(rank(student, question, name), 16) % count
