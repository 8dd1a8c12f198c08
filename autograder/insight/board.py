"""What the teacher's board shows, as plain JSON values: one lab of a class.

Without names nothing that tells who somebody is leaves this module: aliases stand for ids and
names, also inside the passages of hand-ins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from autograder.feedback.rendering import local, plain
from autograder.gradebook.marks import MISSING, ClassMarks, LabMarks
from autograder.insight import evidence, item_analysis, mistakes, stuck
from autograder.insight.classroom import LabData
from autograder.insight.distribution import Distribution, distribution, reliability
from autograder.insight.similarity.variants import FITS
from autograder.insight.timing import timing
from autograder.roster import Student
from crmkit.settings import settings

MOST_MISTAKES = 12
LONGEST_PASSAGE = 4_000  # characters of one side

DEFINITIONS = (
    ("难度", "平均得分 ÷ 满分，0 到 1，越大越容易（经典测量理论的 P）。"),
    ("题总相关", "本题得分与其余各题总分的相关系数（校正的题总相关，Henrysson 1963）。"),
    ("区分度", "总分前 27% 与后 27% 两组在本题得分率之差（Kelley 1939）；评语按 Ebel 与 Frisbie（1991）。"),
    ("一致性", "克龙巴赫 α（Cronbach 1951）：各题在多大程度上测的是同一种能力；题少或人少时不可靠。"),
    ("常见错误", "评分程序认得的典型错误，和没有认出原因时给的一般提示；占比按做了这一题的人数算。"),
    ("需要关注", "从某题起到最后都没有作答、空题较多，或连续几题一分没得的学生。"),
    ("提交时间", "按收到作业的时间戳；没有时间戳或没有截止时间的不统计。"),
    ("相似提示", evidence.CAUTION),
    ("相似怎样算", "代码去掉发下去的部分、变量名、排版和注释后比指纹（winnowing，Schleimer 等 2003）；"
     "大家都会写的片段几乎不计。答案：对不上自己的数据、却恰好对得上另一位同学数据的才列出。"),
)  # fmt: skip


class Names:
    """How students are called on the board: by name, or by an alias that says nothing.

    >>> Names([Student("1", "张三"), Student("2", "李四")], shown=True).of("1")
    '张三'
    """

    def __init__(self, students: Sequence[Student], *, shown: bool) -> None:
        self.shown = shown
        # In an order that has nothing to do with the class list's.
        mixed = sorted(students, key=lambda s: sha256(f"alias|{s.id}".encode()).digest())
        width = max(2, len(str(len(mixed))))
        self._alias = {s.id: f"学生 {n:0{width}d}" for n, s in enumerate(mixed, 1)}
        self._name = {s.id: plain(s.name) for s in students}
        words = {s.id: self._alias[s.id] for s in students if len(s.id) > 3}
        words |= {s.name: self._alias[s.id] for s in students if len(s.name) > 1}
        self._words = sorted(words.items(), key=lambda w: (-len(w[0]), w[0]))

    def of(self, student: str) -> str:
        """The name; the alias without names, the id where there is no name."""
        if not self.shown:
            return self._alias.get(student, "学生")
        return self._name.get(student) or student

    def id(self, student: str) -> str:
        return student if self.shown and self._name.get(student) else ""

    def mask(self, text: str) -> str:
        """Text of a hand-in: without names, ids and names in it become aliases."""
        for word, alias in () if self.shown else self._words:
            text = text.replace(word, alias)
        return text


def options(marks: ClassMarks) -> dict[str, Any]:
    """What the board offers to choose from."""
    labs = [{"value": s.lab, "label": f"{s.lab} {s.title}".strip()} for s in marks.labs]
    return {"labs": labs, "definitions": [list(d) for d in DEFINITIONS]}


def board(data: LabData, *, names: bool) -> dict[str, Any]:
    """All figures of one lab.

    Parameters
    ----------
    data : LabData
        The lab.
    names : bool
        Show who is who; else aliases.
    """
    called = Names(data.marks.students, shown=names)
    limits = settings()["insight"]
    totals = data.totals
    spread = distribution(list(totals.values()), data.sheet.points, pass_share=limits["pass_share"])
    alpha = reliability(data.scores)
    times = timing(data.handed_in, data.due, data.own_due)
    likeness = evidence.read(data.course, data.lab)
    return {
        "lab": data.lab, "title": f"{data.lab} {data.sheet.title}".strip(), "names": names,
        "points": data.sheet.points,
        "cards": _cards(data, spread, alpha),
        "bins": [{"label": label, "n": n} for label, n in spread.bins],
        "spread": {"n": spread.n, "mean": spread.mean, "median": spread.median,
                   "deviation": spread.deviation, "lowest": spread.lowest, "highest": spread.highest},
        "items": _items(data),
        "mistakes": _mistakes(data, called),
        "stuck": _stuck(data, called),
        "timing": {"bins": [{"label": label, "n": n} for label, n in times.bins], "due": local(data.due),
                   "known": times.known, "late": len(times.late), "first": local(times.first), "last": local(times.last)},
        "likeness": _likeness(data, likeness, called),
    }  # fmt: skip


def pair(data: LabData, number: int, *, names: bool) -> dict[str, Any]:
    """Everything about one hint of likeness, for the teacher to judge oneself."""
    called = Names(data.marks.students, shown=names)
    kept = evidence.read(data.course, data.lab) or {"hints": []}
    hint = kept["hints"][number]
    return _pair_head(number, hint, called) | {
        "caution": evidence.CAUTION,
        "comments": [called.mask(plain(c)) for c in hint["comments"]],
        "passages": [
            {
                "kind": p["kind"], "length": p["length"], "verbatim": p["verbatim"],
                "a": _excerpt(p["a"], called), "b": _excerpt(p["b"], called),
            }
            for p in hint["passages"]
        ],
        "answers": [
            {
                "item": f["item"], "title": f["title"], "student": called.of(f["student"]),
                "owner": called.of(f["owner"]), "fits": f["kind"] == FITS,
            }
            for f in hint["foreign"]
        ],
    }  # fmt: skip


def _cards(data: LabData, spread: Distribution, alpha: float | None) -> list[dict[str, Any]]:
    everyone = len(data.marks.students)
    handed = everyone - data.count(MISSING)
    full = f"{data.sheet.points:g}"
    return [
        _card("handed", "已交", f"{handed} / {everyone}", f"{everyone - handed} 人未交"),
        _card("mean", "平均分", _figure(spread.mean), f"满分 {full}"),
        _card("median", "中位数", _figure(spread.median),
              f"标准差 {_figure(spread.deviation)}" if spread.n > 1 else "人数太少"),
        _card("passed", "及格率", "—" if spread.passed is None else f"{spread.passed:.0%}",
              "满分的 60% 及以上" if spread.n else "还没有分数"),
        _card("alpha", "一致性", "—" if alpha is None else f"{alpha:.2f}", "克龙巴赫 α"),
        _card("open", "待批改", f"{data.waiting}",
              f"份；另有 {data.refused} 份不能评分" if data.refused else "份有题待批改"),
    ]  # fmt: skip


def _card(id: str, label: str, value: str, note: str) -> dict[str, str]:
    return {"id": id, "label": label, "value": value, "note": note}


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _items(data: LabData) -> list[dict[str, Any]]:
    titles = {i.id: i.title for i in data.sheet.items}
    empty: dict[str, int] = {}
    for record in data.records:
        for item in record.get("items", ()):
            empty[item["id"]] = empty.get(item["id"], 0) + (item.get("status") == "missing")
    return [
        {
            "id": s.id, "title": plain(titles[s.id]), "points": s.points, "n": s.n,
            "difficulty": s.difficulty, "correlation": s.correlation, "upper": s.upper,
            "lower": s.lower, "discrimination": s.discrimination, "verdict": s.verdict,
            "empty": empty.get(s.id, 0),
        }
        for s in item_analysis.analyse(data.scores, data.points)
    ]  # fmt: skip


def _mistakes(data: LabData, called: Names) -> list[dict[str, Any]]:
    known = mistakes.known_hints(data.spec) if data.spec else {}
    return [
        {
            "item": m.item, "title": plain(m.title), "hint": plain(m.hint), "recognised": m.recognised,
            "n": len(m.students), "share": m.share, "students": [called.of(s) for s in m.students],
        }
        for m in mistakes.frequent(data.records, known)[:MOST_MISTAKES]
    ]  # fmt: skip


def _stuck(data: LabData, called: Names) -> list[dict[str, Any]]:
    before = [s.student for s in _stuck_in(_previous(data))]
    found = stuck.stuck(data.records, **_rules(), before=before)
    return [
        {
            "student": called.of(s.student), "id": called.id(s.student), "item": s.item,
            "title": plain(s.title), "reasons": list(s.reasons), "missing": list(s.missing),
            "failed": list(s.failed),
        }
        for s in found
    ]  # fmt: skip


def _stuck_in(sheet: LabMarks | None) -> list[stuck.Stuck]:
    records = [m.record for m in sheet.marks.values() if m.record] if sheet else []
    return stuck.stuck(records, **_rules())


def _rules() -> dict[str, Any]:
    limits = settings()["insight"]
    return {"run": limits["stuck_run"], "gaps": limits["stuck_gaps"]}


def _previous(data: LabData) -> LabMarks | None:
    place = data.marks.labs.index(data.sheet)
    return data.marks.labs[place - 1] if place else None


def _likeness(data: LabData, kept: Mapping[str, Any] | None, called: Names) -> dict[str, Any]:
    if kept is None:
        return {"checked": False, "current": False, "compared": 0, "hints": []}
    hints = [_pair_head(n, h, called) for n, h in enumerate(kept["hints"])]
    return {
        "checked": True, "current": kept["state"] == evidence.fingerprint(data),
        "compared": kept["compared"]["code"], "hints": hints,
    }  # fmt: skip


def _pair_head(number: int, hint: Mapping[str, Any], called: Names) -> dict[str, Any]:
    return {
        "number": number, "a": called.of(hint["a"]), "b": called.of(hint["b"]),
        "id_a": called.id(hint["a"]), "id_b": called.id(hint["b"]),
        "code": hint["code"], "text": hint["text"], "verbatim": hint["verbatim"],
        "foreign": len(hint["foreign"]),
    }  # fmt: skip


def _excerpt(part: Mapping[str, Any], called: Names) -> dict[str, Any]:
    lines = [plain(line) for line in part["text"][:LONGEST_PASSAGE].splitlines()]
    return {
        "cell": plain(part["cell"]), "first": part["first"], "last": part["last"],
        "text": called.mask("\n".join(lines)),
    }  # fmt: skip
