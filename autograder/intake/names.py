"""What code assigns and uses, by parsing alone; text that is no Python is read line by line."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

MAX_PARSED = 100_000  # characters
_KEPT = 1000  # pieces of code whose names are remembered from one hand-in to the next
# For text that is no Python; each reads a text once, however it is made.
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.M)
_ASSIGNED = re.compile(r"^([^\W\d]\w*)[ \t]*=(?!=)|^(?:async )?(?:def|class) (\w+)", re.M)
_IMPORTED = re.compile(r"^(?:from[ \t]+\S+[ \t]+)?import[ \t]+(.*)", re.M)
_OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@lru_cache(maxsize=64)
def parsed(source: str) -> ast.Module | None:
    """The syntax tree, magics left out; None when it is no Python."""
    if len(source) > MAX_PARSED:
        return None
    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in (source, _MAGIC.sub(r"\1pass", source)):
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


@lru_cache(maxsize=4096)
def assigned(source: str, *, imports: bool = False) -> frozenset[str]:
    """Names that running the code binds at top level; imported ones only when asked for.

    >>> sorted(assigned("import re\\na, (b, c) = 1, (2, 3)\\ndef f(): d = 1"))
    ['a', 'b', 'c', 'f']
    >>> sorted(assigned("import os.path, pandas as pd\\nx = = 1", imports=True))
    ['os', 'pd', 'x']
    """
    tree = parsed(source)
    if tree is None:
        found = {one or other for one, other in _ASSIGNED.findall(source)}
        return frozenset(found | (_imported(source) if imports else set()))
    return frozenset(_assigned(tree.body, imports))


@lru_cache(maxsize=4096)
def used(source: str) -> frozenset[str]:
    """Names the code reads, in functions too."""
    tree = parsed(source)
    if tree is None:
        return frozenset(re.findall(r"[^\W\d]\w*", source))
    return frozenset(_read(tree))


@lru_cache(maxsize=4096)
def wanted(source: str) -> frozenset[str]:
    """Names the code reads before it has made them itself.

    >>> sorted(wanted("import re\\nb = a + len(re.sub('x', '', c))\\nb += 1"))
    ['a', 'c', 'len']
    """
    tree = parsed(source)
    if tree is None:
        return used(source)
    found: set[str] = set()
    made: set[str] = set()
    for statement in tree.body:
        found |= _read(statement) - made
        made |= _assigned([statement], imports=True)
    return frozenset(found)


@lru_cache(maxsize=4096)
def statements(source: str) -> tuple[str, ...] | None:
    """The statements as comparable text (layout and comments do not count); None: no Python."""
    tree = parsed(source)
    if tree is None:
        return None
    try:
        return tuple(ast.dump(s) for s in tree.body)
    except RecursionError:
        return None


def same_code(one: str, other: str) -> bool:
    """Whether two pieces of code differ at most in layout and comments."""
    if bare(one) == bare(other):
        return True
    first = statements(one)
    return first is not None and first == statements(other)


def forget() -> None:
    """Let go of what was remembered when it has become much: a class is long, memory is not."""
    if assigned.cache_info().currsize > _KEPT:
        for function in (parsed, assigned, used, wanted, statements):
            function.cache_clear()


def bare(text: str) -> str:
    """Text without any white space."""
    return re.sub(r"\s+", "", text)


def _imported(text: str) -> set[str]:
    """Names that import lines of a text bind, which as a whole is no Python."""
    lines = (line.partition("#")[0] for line in _IMPORTED.findall(text))
    parts = (part.split() for line in lines for part in line.split(","))
    names = (words[-1].split(".")[0].strip("()") for words in parts if words)
    return {name for name in names if name.isidentifier()}


def _assigned(nodes: Sequence[ast.AST], imports: bool) -> set[str]:
    names: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, _OWN_SCOPE):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            if imports:
                names.update((a.asname or a.name).split(".")[0] for a in node.names)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        waiting.extend(ast.iter_child_nodes(node))
    return names


def _read(tree: ast.AST) -> set[str]:
    """Names read from outside: not those of functions, comprehensions and loops themselves."""
    own: set[int] = set()
    for scope in ast.walk(tree):
        made: set[str] = set()
        if isinstance(scope, (*_OWN_SCOPE, ast.FunctionDef, ast.AsyncFunctionDef)):
            made = _stored(scope)
        elif isinstance(scope, ast.For | ast.AsyncFor):
            made = _stored(scope.target)
        elif isinstance(scope, ast.With | ast.AsyncWith):
            made = {n for i in scope.items if i.optional_vars for n in _stored(i.optional_vars)}
        if made:
            own.update(id(n) for n in ast.walk(scope) if isinstance(n, ast.Name) and n.id in made)
    return {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in own
    }


def _stored(scope: ast.AST) -> set[str]:
    inside = list(ast.walk(scope))
    made = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return made | {n.arg for n in inside if isinstance(n, ast.arg)}
