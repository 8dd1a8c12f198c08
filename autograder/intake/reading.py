"""Bytes of a notebook file → JSON, whatever the encoding; outputs stay behind."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from autograder.intake.refusal import Mends, Ungradable, clean

MAX_BYTES = 120_000_000  # on disk, stored outputs included
LARGE = 10_000_000  # from here on the sentence about stored outputs is worth a teacher's time
_LEFT_BEHIND = frozenset({"outputs", "attachments"})

_KINDS = (
    (b"%PDF", "PDF 文件"),
    (b"PK\x03\x04", "压缩包或 Office 文件"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"\xd0\xcf\x11\xe0", "Office 文件"),
    (b"SQLite format", "数据库文件"),
)
_TEXT_KINDS = (
    (re.compile(r"<!doctype html|<html|<\?xml|<head|<body", re.I), "网页（HTML）"),
    (re.compile(r"(#!|# %%|# In ?\[|# coding|# -\*-|import |from \w+ import|#!/|\"\"\")"), "Python 脚本"),
    (re.compile(r"\s*---\njup(y)?ter|# |```"), "文本（Markdown）"),
)  # fmt: skip
_CONFLICT = re.compile(r"^(<{7} |>{7} )", re.M)


def parse(data: bytes, name: str, mends: Mends) -> dict[str, Any]:
    """The JSON object in a notebook file, without outputs and attachments.

    Raises
    ------
    Ungradable
        Empty, cut off, another kind of file, or no JSON object.
    """
    kind = next((words for magic, words in _KINDS if data.startswith(magic)), "")
    if kind:
        raise Ungradable(f"「{name}」其实是{kind}，不是笔记本；请交 .ipynb 文件")
    if not data.strip(b"\0 \t\r\n"):
        words = "是空文件（0 字节）" if not data else "里面没有内容"
        raise Ungradable(f"「{name}」{words}，多半没有传完；请重新交")
    size = len(data)
    if size > LARGE:
        mends.add(
            f"笔记本有 {size / 1e6:.0f} MB，多半是保存下来的输出；输出不看，评分时重新运行代码"
        )
    failed: Ungradable | None = None
    for text, sentence in _decoded(data):
        try:
            found = _json(text, name, mends)
        except Ungradable as e:
            failed = failed or e
            continue
        if sentence:
            mends.add(sentence)
        return found
    assert failed is not None
    raise failed


def _decoded(data: bytes) -> Iterator[tuple[str, str]]:
    """The text in the encodings it may have, likeliest first, with the sentence to say."""
    for mark, encoding, words in (
        (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
        (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            yield data.decode(encoding, "replace"), f"笔记本文件是 {words} 编码，已转成 UTF-8"
            return
    if data.startswith(codecs.BOM_UTF8):
        yield (
            data.decode("utf-8", "replace").lstrip("\ufeff"),
            "笔记本文件开头有字节顺序标记（BOM），已去掉",
        )
        return
    head = data[:400]
    if head[::2].count(0) + head[1::2].count(0) > len(head) // 4:
        encoding = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
        yield data.decode(encoding, "replace"), "笔记本文件是 UTF-16 编码，已转成 UTF-8"
        return
    for encoding, sentence in (("utf-8", ""), ("gb18030", "笔记本文件是 GBK 编码，已转成 UTF-8")):
        with contextlib.suppress(UnicodeDecodeError):
            yield data.decode(encoding), sentence
            if not sentence:
                return
    yield data.decode("utf-8", "replace"), "笔记本文件里有坏的字节，读不出的字已换成「\ufffd」"


def _json(text: str, name: str, mends: Mends) -> dict[str, Any]:
    start = len(text) - len(text.lstrip("\ufeff\0 \t\r\n"))
    doubled = False

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key not in _LEFT_BEHIND:
                doubled = doubled or key in made
                made[key] = value
        return made

    decoder = json.JSONDecoder(object_pairs_hook=keep, parse_int=_integer, strict=False)
    try:
        found, end = decoder.raw_decode(text, start)
    except RecursionError:
        raise Ungradable(f"「{name}」里的内容一层套一层，套得太深，不像笔记本") from None
    except json.JSONDecodeError as e:
        raise Ungradable(f"「{name}」{_why_no_json(text, e)}") from None
    if not isinstance(found, dict):
        raise Ungradable(f"「{name}」是 JSON，但不是笔记本；请交 .ipynb 文件")
    if text[end:].strip("\0\x1a \t\r\n\ufeff"):
        mends.add("笔记本文件末尾多出一段内容，已忽略")
    if doubled:
        mends.add("笔记本文件里有重复的 JSON 键，用了后一个")
    return found


def _integer(digits: str) -> int:
    """Python refuses to read integers of thousands of digits; none is needed here."""
    return int(digits) if len(digits) < 20 else 0


def _why_no_json(text: str, error: json.JSONDecodeError) -> str:
    stripped = text.strip("\ufeff\0 \t\r\n")
    begins = stripped[:200]
    if _CONFLICT.search(text):
        return "里有 Git 合并冲突的标记（<<<<<<< 和 >>>>>>>），不是完整的笔记本；请解决冲突后再交"
    if not begins.startswith("{"):
        kind = next((words for look, words in _TEXT_KINDS if look.match(begins)), "")
        if kind:
            return f"其实是{kind}，不是笔记本；请交 .ipynb 文件"
        return "不是笔记本（不是 JSON）；请交 Jupyter 保存的 .ipynb 文件"
    at_end = error.pos >= len(text.rstrip("\0 \t\r\n")) - 1 or "Unterminated" in error.msg
    if at_end:
        return "不完整，后面的内容断了，多半没有传完或没有保存好；请重新保存后再交"
    return f"不是有效的 JSON（第 {error.lineno} 行附近「{clean(text[error.pos : error.pos + 20])}」）；请用 Jupyter 打开后重新保存再交"
