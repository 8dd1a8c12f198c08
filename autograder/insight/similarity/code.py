"""Code as tokens that stay the same when names, layout, quotes and comments change."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Mapping

from autograder.insight.similarity.passages import Document, Grain, Token

GRAIN = Grain(k=12, w=8)
LONGEST = 60_000  # characters of one cell that are looked at

_BUILTINS = frozenset(dir(builtins))
_DROPPED = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip
_WORD = re.compile(r"\w+|[^\w\s]")
_MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
_OPEN, _CLOSE = "([{", ")]}"


def document(student: str, cells: Mapping[str, str]) -> Document:
    """A student's own code cells (cell id → source) as a document."""
    pieces = tuple(tokens(cell, source) for cell, source in cells.items())
    return Document(student, tuple(p for p in pieces if p), dict(cells))


def tokens(cell: str, source: str) -> tuple[Token, ...]:
    """The normalised tokens of one cell.

    Names that the student chose are all one (``V``), numbers too (``N``); words of the language,
    built-in names, attributes, keywords of calls and the content of strings stay. Comments, line
    ends, indentation and commas before a closing bracket are left out.

    >>> " ".join(t.text for t in tokens("c", "male = df.sort_values('金额', ascending=False)[:20]"))
    "V = V . sort_values ( '金额' , ascending = False ) [ : N ]"
    """
    text = _MAGIC.sub("", source[:LONGEST])
    try:
        read = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):  # code that is not finished is compared all the same
        return _plain(cell, text)
    kept = [t for t in read if t.type not in _DROPPED and t.string]
    found, depth = [], 0
    for n, token in enumerate(kept):
        after = kept[n + 1].string if n + 1 < len(kept) else ""
        before = kept[n - 1].string if n else ""
        depth += (token.string in _OPEN) - (token.string in _CLOSE)
        if token.string == "," and after and after in _CLOSE:
            continue
        word = _level(token, before, after, depth)
        found.append(Token(word, token.string, cell, token.start[0]))
    return tuple(found)


def _level(token: tokenize.TokenInfo, before: str, after: str, depth: int) -> str:
    word = token.string
    if token.type == tokenize.NUMBER:
        return "N"
    if token.type == tokenize.STRING:
        return _content(word)
    if token.type != tokenize.NAME or keyword.iskeyword(word):
        return word
    if before == "." or word in _BUILTINS or (depth and after == "="):
        return word
    return "V"


def _content(literal: str) -> str:
    """A string by what it says, however it is quoted."""
    try:
        return repr(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        return "F"  # an f-string: it is made of names


def _plain(cell: str, text: str) -> tuple[Token, ...]:
    """Code that Python cannot read: words and signs, line by line, without comments."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for word in _WORD.findall(line.split("#")[0]):
            level = "N" if word.isdigit() else word
            known = keyword.iskeyword(word) or word in _BUILTINS or not word.isidentifier()
            found.append(Token(level if known else "V", word, cell, number))
    return tuple(found)


def comments(source: str) -> set[str]:
    """Comments of at least four characters, as written.

    >>> comments("x = 1  # 先按省份，再按金额\\n#%%")
    {'先按省份，再按金额'}
    """
    found = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(_MAGIC.sub("", source)).readline):
            if token.type == tokenize.COMMENT:
                found.add(token.string.lstrip("#").strip())
    except (tokenize.TokenError, SyntaxError):
        found |= {line.split("#", 1)[1].strip() for line in source.splitlines() if "#" in line}
    return {c for c in found if len(c) >= 4}
