r"""Formulas as MathML, which browsers draw themselves: no MathJax, no network, readable aloud.

`from_latex` knows the small part of LaTeX that the course's formulas need::

    from_latex(r"P_o - C_o + \sum_{t=1}^{n} \frac{I_n - C_s}{(1+r)^{t}}")

Names of several letters and Chinese words go into ``\text{…}``.
"""

from __future__ import annotations

import re
from html import escape

from crmkit.errors import KitError

_SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambda": "λ", "mu": "μ", "pi": "π",
    "sigma": "σ",
}  # fmt: skip
_OPERATORS = {
    "cdot": "·", "times": "×", "div": "÷", "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈",
    "to": "→", "ln": "ln", "max": "max", "min": "min", "mid": "|", "infty": "∞", "pm": "±",
}  # fmt: skip
_SIGNS = {"-": "−", "*": "·"}
_TOKEN = re.compile(
    r"\\text\{(?P<text>[^{}]*)\}|\\(?P<command>[A-Za-z]+)|\\(?P<escaped>[%,#])"
    r"|(?P<number>\d[\d,]*(?:\.\d+)?)|(?P<space>\s+)|(?P<sign>.)",
    re.DOTALL,
)


class FormulaError(KitError):
    """A formula that is not in the known part of LaTeX."""


def from_latex(text: str) -> str:
    r"""The formula as a ``<math>`` element.

    Raises
    ------
    FormulaError
        An unknown command or an unbalanced brace.

    Examples
    --------
    >>> from_latex(r"\frac{a}{b}")  # doctest: +ELLIPSIS
    '<math display="block"...<mfrac><mi>a</mi><mi>b</mi></mfrac></math>'
    """
    parser = _Parser(text)
    body = parser.row(end="")
    return f'<math display="block" xmlns="http://www.w3.org/1998/Math/MathML">{body}</math>'


class _Parser:
    def __init__(self, text: str) -> None:
        self.source = text
        self.tokens = [m for m in _TOKEN.finditer(text) if m.lastgroup != "space"]
        self.at = 0

    def row(self, end: str) -> str:
        """Everything up to the sign `end` (which is eaten), with sub- and superscripts."""
        parts: list[str] = []
        while True:
            if self.at == len(self.tokens):
                if end:
                    raise self.fault(f"缺少 {end}")
                return "".join(parts)
            if end and self.tokens[self.at][0] == end:
                self.at += 1
                return "".join(parts)
            if self.tokens[self.at][0] in "^_" and not parts:
                raise self.fault("上下标前面没有东西")
            base = self.atom()
            parts.append(self.with_scripts(base))

    def with_scripts(self, base: str) -> str:
        scripts = {}
        while self.at < len(self.tokens) and self.tokens[self.at][0] in "^_":
            sign = self.tokens[self.at][0]
            if sign in scripts:
                raise self.fault(f"{sign} 写了两次")
            self.at += 1
            scripts[sign] = _group(self.argument())
        if not scripts:
            return base
        under = base in _LARGE
        low, high = scripts.get("_"), scripts.get("^")
        if low and high:
            tag = "munderover" if under else "msubsup"
            return f"<{tag}>{base}{low}{high}</{tag}>"
        tag = ("munder" if under else "msub") if low else ("mover" if under else "msup")
        return f"<{tag}>{base}{low or high}</{tag}>"

    def argument(self) -> str:
        if self.at == len(self.tokens):
            raise self.fault("公式在这里断了")
        if self.tokens[self.at][0] == "{":
            self.at += 1
            return self.row("}")
        return self.atom()

    def atom(self) -> str:
        token = self.tokens[self.at]
        self.at += 1
        if (text := token["text"]) is not None:
            return f"<mtext>{escape(text)}</mtext>"
        if (number := token["number"]) is not None:
            return f"<mn>{number}</mn>"
        if (command := token["command"]) is not None:
            return self.command(command)
        if (escaped := token["escaped"]) is not None:
            return '<mspace width="0.2em"></mspace>' if escaped == "," else f"<mo>{escaped}</mo>"
        sign = token["sign"]
        if sign == "{":
            return _group(self.row("}"))
        if sign == "(":  # one element, so that the brackets grow and a power stands beside both
            inside = self.row(")")
            tall = ' class="tall"' if "<mfrac>" in inside else ""
            return f"<mrow{tall}><mo>(</mo>{inside}<mo>)</mo></mrow>"
        if sign in ")}^_":
            raise self.fault(f"多了一个 {sign}")
        if sign.isalpha():
            return f"<mi>{escape(sign)}</mi>"
        return f"<mo>{escape(_SIGNS.get(sign, sign))}</mo>"

    def command(self, name: str) -> str:
        if name == "frac":
            top, bottom = self.argument(), self.argument()
            return f"<mfrac>{_group(top)}{_group(bottom)}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name == "bar":
            return f'<mover accent="true">{_group(self.argument())}<mo>¯</mo></mover>'
        if name in _LARGE_NAMES:
            return _LARGE_NAMES[name]
        if name in _SYMBOLS:
            return f"<mi>{_SYMBOLS[name]}</mi>"
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>"
        raise self.fault(f"不认识 \\{name}")

    def fault(self, what: str) -> FormulaError:
        return FormulaError(f"公式「{self.source}」：{what}。")


_LARGE_NAMES = {"sum": '<mo largeop="true">∑</mo>', "prod": '<mo largeop="true">∏</mo>'}
_LARGE = frozenset(_LARGE_NAMES.values())


def _group(content: str) -> str:
    """One element: scripts and fractions take exactly one for each place."""
    single = re.fullmatch(r"<(\w+)[^<>]*>[^<>]*</\1>", content)
    return content if single else f"<mrow>{content}</mrow>"
