"""Whose is it? Student id and name in a file or folder name, written in any order and style.

    "2025010101 张三 E3.zip"   "张三-2025010101-实验三"   "E3_2025010101张三_尝试1.ipynb"
    "张三_123_assignsubmission_file_"

With a class list an id must be on it; without one a long run of digits is taken for the id.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from autograder.collecting.entries import CHINA
from autograder.roster import Roster, is_student_id

CJK = r"\u3400-\u9fff\uf900-\ufaff"
_CJK_CHARACTER = re.compile(f"[{CJK}]")
EXTENSIONS = re.compile(
    r"(?i)(\.(zip|rar|7z|ipynb|json|txt|xlsx|xls|csv|html?|py|docx?|pdf|md|png|jpe?g|et|wps)|\.tar|\.gz)+$"
)

# What platforms and computers add to a name. Moodle and Canvas add numbers of their own that look
# like student ids, so these go before an id is looked for.
MOODLE = re.compile(r"_\d+_assignsubmission_\w+?_?(?=_|$|/)")
CANVAS = re.compile(r"_(?:late_|LATE_)?\d{2,9}_\d{4,12}_")
MAIL = re.compile(r"[(（<]?[\w.\-]+@[\w.\-]+\.\w+[>)）]?")
MOMENT = re.compile(
    r"(?<!\d)(20\d\d)[-_.年/](\d\d?)[-_.月/](\d\d?)日?"
    r"(?:[-_ T]*(\d\d?)[-_.:：时](\d\d?)(?:[-_.:：分](\d\d?)秒?)?)?(?!\d)"
)
COMPACT_MOMENT = re.compile(r"(?<!\d)(20\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?!\d)")
EPOCH = re.compile(r"(?<!\d)1[5-9]\d{8}(?:\d{3})?(?!\d)")
ATTEMPT = re.compile(r"(?i)(?:尝试|attempt|第)[ _\-]*(\d{1,3})(?!\d)(?:[ _]*次)?")
COPY = re.compile(r"(?i)[(（]\d{1,2}[)）]|-?\s*copy\d*(?![a-z])|-?\s*副本\d*")
NUMERALS = "一二三四五六七八九十"
WORDS = re.compile(
    rf"(?i)(?:第?[{NUMERALS}\d]+次)?(?:实验|作业|实训|任务)(?:报告|作业)?[{NUMERALS}\d]*|lab[ _\-]?\d+"
    rf"|第?[{NUMERALS}\d]+[章次讲周组号位]|客户关系管理|crm|补交|重交|迟交|提交|最终版?|终稿|定稿|修改版?"
    rf"|完成版?|版本|新建|同学|学生|学号|姓名|班级|上机|笔记本|文件夹?|[班组]长|学委|[{CJK}]*\d+班|\d+级|的"
)

# Letters that may begin an id (S2025…, B2025…); the words before a number are not part of it.
GUESS = re.compile(r"(?<![A-Za-z0-9])(?!(?:no|id|sn|xh|stu|lab|hw|ch)\d)[A-Za-z]{0,2}\d{6,20}[A-Za-z]?(?!\w*@)(?![A-Za-z0-9])")  # fmt: skip
SHORT_GUESS = re.compile(r"[A-Za-z]{2,20}[-_.]?\d{1,5}")


@dataclass(frozen=True)
class Identity:
    """A student recognised in one name. `sure` is false for guesses that deeper names may overrule."""

    student: str
    name: str = ""
    note: str = ""
    sure: bool = True


@dataclass(frozen=True)
class Doubt:
    """A name that points at a student but not clearly; `firm` stops the search deeper down."""

    reason: str
    firm: bool = False


def identify(
    text: str, roster: Roster | None, labels: Iterable[str] = ()
) -> Identity | Doubt | None:
    """The student named in one component of a path, or why that cannot be said.

    Parameters
    ----------
    text : str
        File or folder name.
    roster : Roster or None
        The class list, if there is one.
    labels : iterable of str
        Words that belong to the assignment (its id and title), not to a student.
    """
    raw = unicodedata.normalize("NFKC", text).strip()
    moodle = bool(MOODLE.search(raw))
    bare = EXTENSIONS.sub("", raw)
    for noise in (MOODLE, CANVAS, MAIL, MOMENT, ATTEMPT, COPY):
        bare = noise.sub(" ", bare)
    for label in sorted(labels, key=len, reverse=True):
        bare = re.sub(rf"(?i)(?<![A-Za-z]){re.escape(label)}(?![A-Za-z])", " ", bare)
    if roster is not None:
        return _on_roster(raw, bare, roster, moodle)
    return _guessed(bare, moodle)


def _on_roster(raw: str, bare: str, roster: Roster, moodle: bool) -> Identity | Doubt | None:
    words = WORDS.sub(" ", bare)
    # A short id may be the number of a lab or a group: it is looked for in what else is left.
    ids = _longest({i for i in roster.ids if _has_token(raw if len(i) >= 6 else words, i)})
    named = _names_in((bare, words), roster)
    if len(ids) > 1:
        both = [i for i in ids if roster.name(i) in named]
        if len(both) != 1:
            return Doubt(f"名字里有几个学号（{'、'.join(sorted(ids))}），分不清是谁的")
        ids = set(both)
    if ids:
        student = ids.pop()
        owner = roster.name(student)
        others = sorted(n for n in named if n != owner)
        if others and owner not in named:
            return Doubt(f"学号 {student} 是「{owner}」，名字里写的却是「{others[0]}」", firm=True)
        return Identity(student, owner)
    unlisted = [m[0] for m in GUESS.finditer(bare) if not _is_moment(m[0])]
    wrong = f"学号 {unlisted[0]} 不在名册里" if unlisted else ""
    if len(named) > 1:
        return Doubt(f"没有名册里的学号，姓名又有几个（{'、'.join(sorted(named))}），分不清是谁的")
    if named:
        name = named.pop()
        same = roster.with_name(name)
        if len(same) > 1:
            return Doubt(f"没有学号，名册里有 {len(same)} 位「{name}」（{'、'.join(same)}）")
        rest = re.sub(rf"[^{CJK}]", "", words.replace(name, " "))
        note = f"{wrong or '没有学号'}，按姓名「{name}」对应"
        return Identity(same[0], name, note, sure=moodle or not rest)
    if wrong:
        # Of the length of an id it is a student's who is not listed, else some number of a platform.
        return Doubt(wrong, firm=len(unlisted[0]) in {len(i) for i in roster.ids})
    near = sorted(n for n in roster.names if len(n) > 1 and n in _compact(words))
    if near:
        return Doubt(f"没有学号；像是「{near[0]}」，但姓名前后连着别的字，不能确定")
    return None


def _guessed(bare: str, moodle: bool) -> Identity | Doubt | None:
    words = WORDS.sub(" ", bare)
    found = list(dict.fromkeys(m[0] for m in GUESS.finditer(bare)))
    likely = [f for f in found if not _is_moment(f)] or found
    if len(likely) > 1:
        return Doubt(f"名字里有几个像学号的数（{'、'.join(likely)}）；给出名册就能认出")
    if likely:
        return Identity(likely[0], _guess_name(words), sure=False)
    whole = bare.strip()
    if SHORT_GUESS.fullmatch(whole) and is_student_id(whole):
        return Identity(whole, sure=False)
    name = _guess_name(words)
    if name and moodle:
        return Doubt(f"只有姓名「{name}」，没有学号；给出名册就能对上")
    return None


def written_time(text: str) -> datetime | None:
    """The moment of handing in that a platform wrote into the name, Chinese time."""
    text = unicodedata.normalize("NFKC", text)
    for match in [*MOMENT.finditer(text), *COMPACT_MOMENT.finditer(text)]:
        year, month, day, hour, minute, second = match.groups()
        if hour is None:
            continue
        try:
            return datetime(
                int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
                tzinfo=CHINA,
            )  # fmt: skip
        except ValueError:
            continue
    return None


def attempt(text: str) -> int:
    """The number of the attempt that a platform wrote into the name, else 0."""
    match = ATTEMPT.search(unicodedata.normalize("NFKC", text))
    return int(match[1]) if match else 0


def _has_token(text: str, student: str) -> bool:
    # A long id of digits may touch letters (E3_2025010101张三, s2025010101), never digits.
    if student.isdigit() and len(student) >= 6:
        return _stands_alone(text, student, str.isdigit)
    return _stands_alone(text, student, lambda c: c.isascii() and c.isalnum())


def _stands_alone(text: str, word: str, joins: Callable[[str], bool]) -> bool:
    """Whether the word occurs with no character at either side that would join it."""
    text, word = text.casefold(), word.casefold()
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and joins(text[at - 1])) and not (end < len(text) and joins(text[end])):
            return True
        at = text.find(word, at + 1)
    return False


def _longest(found: set[str]) -> set[str]:
    return {a for a in found if not any(a != b and a in b for b in found)}


def _compact(text: str) -> str:
    return re.sub(rf"(?<=[{CJK}])\s+(?=[{CJK}])", "", text)


def _names_in(texts: Iterable[str], roster: Roster) -> set[str]:
    """Names that stand alone: no other letter of their script touches them."""
    found = set()
    for form in {form for text in texts for form in (text, _compact(text))}:
        folded = form.casefold()
        for name in roster.names:
            if len(name) > 1 and name.casefold() in folded:
                joins = _is_cjk if _is_cjk(name[0]) else str.isalpha
                if _stands_alone(form, name, joins):
                    found.add(name)
    return _longest(found)


def _is_cjk(character: str) -> bool:
    return bool(_CJK_CHARACTER.match(character))


def _is_moment(digits: str) -> bool:
    for pattern, length in (("%Y%m%d", 8), ("%Y%m%d%H%M%S", 14)):
        if len(digits) == length:
            try:
                return 2000 <= datetime.strptime(digits, pattern).year <= 2099
            except ValueError:
                return False
    return bool(EPOCH.fullmatch(digits))


def _guess_name(words: str) -> str:
    runs = re.findall(rf"[{CJK}·]+", _compact(words))
    names = [r for r in runs if 2 <= len(r) <= 4]
    return names[0] if len(names) == 1 else ""
