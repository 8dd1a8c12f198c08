"""The course as data: chapters, sections, requirements, hours, labs, schemes of assessment.

Everything comes from syllabus.yaml. `course()` reads it once, checks that all sums and references
hold, and hands out frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crmkit.errors import KitError

LAB_TYPES = ("excel", "operation", "case", "exam")
HOURS_STATUS = ("stated", "inferred", "proposed")
SESSION_HOURS = 2  # one session in the computer room


class SyllabusError(KitError):
    """syllabus.yaml contradicts itself."""


@dataclass(frozen=True)
class Section:
    """One section of a chapter, e.g. 2.3 客户识别与客户细分. `lab`: the section names lab work."""

    num: str
    title: str
    title_en: str
    lab: bool = False


@dataclass(frozen=True)
class Case:
    """A case that a chapter names."""

    title: str
    industry: str
    title_en: str


@dataclass(frozen=True)
class Chapter:
    """One chapter of the 48-hour course."""

    id: str
    number: int
    title: str
    title_en: str
    hours: int
    aims: tuple[int, ...]  # of the course's objectives, counted from 1; inferred
    sections: tuple[Section, ...]
    requirements: Mapping[str, tuple[str, ...]]  # level → what, weak level first
    key_points: tuple[str, ...]
    difficult_points: tuple[str, ...]
    proposed: bool = False  # key and difficult points are ours: the syllabus prints none
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Lab:
    """One lab. Hours are class hours; 0 means home work in that course.

    `kind`, `roles`, `layer` and `jobs` say what it trains, each a word of `Practice`.
    """

    id: str
    title: str
    title_en: str
    type: str
    kind: str
    roles: tuple[str, ...]
    layer: str
    jobs: tuple[str, ...]
    chapters: tuple[str, ...]
    hours_48: float
    hours_64: float
    unit: int | None = None
    tasks: tuple[int, ...] = ()
    session: str | None = None


@dataclass(frozen=True)
class Practice:
    """The words for what a lab trains; which lab trains what is inferred."""

    kinds: tuple[str, ...]  # of teaching
    roles: tuple[str, ...]  # in a shop
    layers: tuple[str, ...]  # of the course's idea of CRM
    jobs: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """Two hours in the computer room in the 48-hour course."""

    id: str
    when: str
    labs: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One task of a unit. `skills` are (verb, what), `knowledge` (level, what)."""

    num: int
    title: str
    hours: int
    hours_status: str
    skills: tuple[tuple[str, str], ...]
    knowledge: tuple[tuple[str, str], ...]
    functions: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    platform: str = ""


@dataclass(frozen=True)
class Unit:
    """One unit of the 64-hour course."""

    number: int
    title: str
    title_en: str
    lecture: int
    practice: int
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Function:
    """One of the 44 functions of the CRM."""

    id: str
    title: str
    title_en: str
    slug: str


@dataclass(frozen=True)
class Module:
    """One of the eight modules of the CRM; `id` names its module in crmkit.crm."""

    id: str
    title: str
    title_en: str
    functions: tuple[Function, ...]


@dataclass(frozen=True)
class Component:
    """A part of the mark. `items` are (id, title, points); `policies` says how they are scaled."""

    id: str
    title: str
    weight: float
    items: tuple[tuple[str, str, float], ...] = ()
    items_status: str = ""
    items_unit: str = "points"  # or "percent" of the component
    includes: tuple[str, ...] = ()
    policy: str = ""
    policies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""


@dataclass(frozen=True)
class Scheme:
    """A scheme of assessment; its components weigh 100 together."""

    id: str
    title: str
    source: str
    components: tuple[Component, ...]

    def component(self, id: str) -> Component:
        """The component with this id. Raises SyllabusError for an unknown one."""
        return _one(self.components, id, f"成绩方案「{self.title}」的组成部分")


@dataclass(frozen=True)
class Method:
    """A teaching method and the source that names it."""

    source: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class LessonPreset:
    """A way to divide a lesson. `periods` hold (step, minutes); `steps` have no minutes."""

    title: str
    periods: tuple[tuple[tuple[str, int], ...], ...]
    steps: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """Where the sources disagree or leave a gap, and what the kit chose."""

    about: str
    note: str
    choice: str


@dataclass(frozen=True)
class Course:
    """The whole course. `hours` is the 48-hour course, `second_hours` the 64-hour one."""

    title: str
    title_en: str
    school: str
    second_school: str
    majors: tuple[str, ...]
    second_majors: tuple[str, ...]
    code: str
    credits: int
    hours: Mapping[str, int]
    second_hours: Mapping[str, int]
    prerequisites: tuple[str, ...]
    objectives: tuple[str, ...]
    levels: tuple[str, ...]  # 了解, 理解, 掌握
    chapters: tuple[Chapter, ...]
    units: tuple[Unit, ...]
    modules: tuple[Module, ...]
    sessions: tuple[Session, ...]
    labs: tuple[Lab, ...]
    practice: Practice
    schemes: tuple[Scheme, ...]
    methods: tuple[Method, ...]
    presets: tuple[LessonPreset, ...]
    notes: tuple[Note, ...]

    def chapter(self, id: str) -> Chapter:
        """The chapter "ch01" … "ch14". Raises SyllabusError for an unknown id."""
        return _one(self.chapters, id, "章")

    def lab(self, id: str) -> Lab:
        """The lab "E1" … "D2". Raises SyllabusError for an unknown id."""
        return _one(self.labs, id, "实验")

    def scheme(self, id: str) -> Scheme:
        """The scheme of assessment, e.g. "course_48". Raises SyllabusError for an unknown id."""
        return _one(self.schemes, id, "成绩方案")

    def labs_of(self, chapter: str) -> tuple[Lab, ...]:
        """The labs that practise a chapter, in the course's order."""
        return tuple(lab for lab in self.labs if chapter in lab.chapters)

    def aims_of(self, chapter: str) -> tuple[str, ...]:
        """The objectives of the course that a chapter serves before all."""
        return tuple(self.objectives[n - 1] for n in self.chapter(chapter).aims)


@cache
def course() -> Course:
    """The course, read once from syllabus.yaml and checked.

    >>> c = course()
    >>> c.chapter("ch02").title
    '客户关系管理理论基础'
    >>> sum(chapter.hours for chapter in c.chapters)
    32
    """
    import yaml

    text = (Path(__file__).parent / "syllabus.yaml").read_text(encoding="utf-8")
    return parse(yaml.safe_load(text))


def parse(data: Mapping[str, Any]) -> Course:
    """The course in `data` (the content of syllabus.yaml).

    Raises SyllabusError where a sum or a reference does not hold.
    """
    session_of = {lab: s["id"] for s in data["sessions"] for lab in s["labs"]}
    head, second, practice = data["course"], data["second_course"], data["practice"]
    parsed = Course(
        title=head["title"],
        title_en=head["title_en"],
        school=head["school"],
        second_school=second["school"],
        majors=tuple(head["majors"]),
        second_majors=tuple(second["majors"]),
        code=head["code"],
        credits=head["credits"],
        hours=MappingProxyType(dict(head["hours"])),
        second_hours=MappingProxyType(dict(second["hours"])),
        prerequisites=tuple(head["prerequisites"]),
        objectives=tuple(head["objectives"]),
        levels=tuple(level["level"] for level in data["requirement_levels"]),
        chapters=tuple(_chapter(c) for c in data["chapters"]),
        units=tuple(_unit(u) for u in data["units"]),
        modules=tuple(_module(m) for m in data["modules"]),
        sessions=tuple(Session(s["id"], s["when"], tuple(s["labs"])) for s in data["sessions"]),
        labs=tuple(_lab(x, session_of.get(x["id"])) for x in data["labs"]),
        practice=Practice(*(tuple(practice[k]) for k in ("kinds", "roles", "layers", "jobs"))),
        schemes=tuple(_scheme(s) for s in data["assessment"]),
        methods=tuple(
            Method(group["source"], m["title"], m.get("note", ""))
            for group in data["teaching_methods"]
            for m in group["methods"]
        ),
        presets=tuple(_preset(p) for p in data["lesson_presets"]),
        notes=tuple(Note(**n) for n in data["notes"]),
    )
    _check(parsed)
    return parsed


def _chapter(c: Mapping[str, Any]) -> Chapter:
    proposed = "proposed_key_points" in c
    prefix = "proposed_" if proposed else ""
    return Chapter(
        id=c["id"],
        number=c["number"],
        title=c["title"],
        title_en=c["title_en"],
        hours=c["hours"],
        aims=tuple(c["aims"]),
        sections=tuple(
            Section(s["num"], s["title"], s["en"], s.get("lab", False)) for s in c["sections"]
        ),
        requirements=MappingProxyType({k: tuple(v) for k, v in c["requirements"].items()}),
        key_points=tuple(c[prefix + "key_points"]),
        difficult_points=tuple(c[prefix + "difficult_points"]),
        proposed=proposed,
        cases=tuple(Case(x["title"], x["industry"], x["en"]) for x in c.get("cases", ())),
    )


def _lab(x: Mapping[str, Any], session: str | None) -> Lab:
    return Lab(
        id=x["id"],
        title=x["title"],
        title_en=x["title_en"],
        type=x["type"],
        kind=x["kind"],
        roles=tuple(x["roles"]),
        layer=x["layer"],
        jobs=tuple(x["jobs"]),
        chapters=tuple(x["chapters"]),
        hours_48=x["hours_48"],
        hours_64=x["hours_64"],
        unit=x.get("unit"),
        tasks=tuple(x.get("tasks", ())),
        session=session,
    )


def _unit(u: Mapping[str, Any]) -> Unit:
    return Unit(
        number=u["number"],
        title=u["title"],
        title_en=u["title_en"],
        lecture=u["hours"]["lecture"],
        practice=u["hours"]["practice"],
        tasks=tuple(
            Task(
                num=t["num"],
                title=t["title"],
                hours=t["hours"],
                hours_status=t["hours_status"],
                skills=tuple((s["do"], s["what"]) for s in t["skills"]),
                knowledge=tuple((k["level"], k["what"]) for k in t["knowledge"]),
                functions=tuple(t.get("functions", ())),
                work=tuple(t.get("work", ())),
                platform=t.get("platform", ""),
            )
            for t in u["tasks"]
        ),
    )


def _module(m: Mapping[str, Any]) -> Module:
    functions = (Function(f["id"], f["title"], f["en"], f["slug"]) for f in m["functions"])
    return Module(m["id"], m["title"], m["title_en"], tuple(functions))


def _scheme(s: Mapping[str, Any]) -> Scheme:
    return Scheme(
        id=s["id"],
        title=s["title"],
        source=s["source"],
        components=tuple(
            Component(
                id=c["id"],
                title=c["title"],
                weight=c["weight"],
                items=tuple((i["id"], i["title"], i["points"]) for i in c.get("items", ())),
                items_status=c.get("items_status", ""),
                items_unit=c.get("items_unit", "points"),
                includes=tuple(c.get("includes", ())),
                policy=c.get("policy", ""),
                policies=MappingProxyType(dict(c.get("policies", {}))),
                note=c.get("note", ""),
            )
            for c in s["components"]
        ),
    )


def _preset(p: Mapping[str, Any]) -> LessonPreset:
    return LessonPreset(
        title=p["title"],
        periods=tuple(
            tuple((step["step"], step["minutes"]) for step in period)
            for period in p.get("periods", ())
        ),
        steps=tuple(p.get("steps", ())),
        before=tuple(p.get("before", ())),
        after=tuple(p.get("after", ())),
    )


def _one(rows: Iterable[Any], id: str, what: str) -> Any:
    known = {row.id: row for row in rows}
    if id not in known:
        raise SyllabusError(f"没有{what}「{id}」，可用的有：{'、'.join(known)}。")
    return known[id]


def _same(what: str, found: float, expected: float) -> None:
    if abs(found - expected) > 1e-9:
        raise SyllabusError(f"syllabus.yaml 中{what}之和为 {found:g}，应为 {expected:g}，请核对。")


def _check(c: Course) -> None:
    _same("各章学时", sum(x.hours for x in c.chapters), c.hours["lecture"])
    _same("实验学时（48 学时课程）", sum(x.hours_48 for x in c.labs), c.hours["lab"])
    _same("单元讲授学时", sum(u.lecture for u in c.units), c.second_hours["lecture"])
    _same("单元实践学时", sum(u.practice for u in c.units), c.second_hours["practice"])
    for u in c.units:
        where = f"单元 {u.number} "
        _same(where + "任务学时", sum(t.hours for t in u.tasks), u.lecture + u.practice)
        _same(where + "实验学时", sum(x.hours_64 for x in c.labs if x.unit == u.number), u.practice)
        for t in u.tasks:
            if t.hours_status not in HOURS_STATUS:
                raise SyllabusError(
                    f"{where}任务 {t.num} 的 hours_status「{t.hours_status}」无效。"
                )
    for s in c.sessions:
        _same(f"实验课 {s.id} 的学时", sum(c.lab(x).hours_48 for x in s.labs), SESSION_HOURS)
    for scheme in c.schemes:
        _same(f"「{scheme.title}」的权重", sum(p.weight for p in scheme.components), 100)
        for p in scheme.components:
            if p.items and not p.policies:
                total = 100 if p.items_unit == "percent" else p.weight
                _same(f"「{scheme.title}」{p.title}的各项", sum(i[2] for i in p.items), total)
            if p.policy and p.policy not in p.policies:
                raise SyllabusError(f"「{p.title}」的折算办法「{p.policy}」没有列出。")
    for chapter in c.chapters:
        if set(chapter.requirements) - set(c.levels):
            raise SyllabusError(f"{chapter.id} 的教学要求只能用：{'、'.join(c.levels)}。")
        if not chapter.aims or set(chapter.aims) - set(range(1, len(c.objectives) + 1)):
            raise SyllabusError(f"{chapter.id} 的 aims 应是 1–{len(c.objectives)} 中的课程目标。")
    for lab in c.labs:
        for id in lab.chapters:
            c.chapter(id)
        if lab.type not in LAB_TYPES:
            raise SyllabusError(f"实验 {lab.id} 的类型「{lab.type}」无效。")
        for what, given, known in (
            ("教学种类", (lab.kind,), c.practice.kinds),
            ("岗位", lab.roles, c.practice.roles),
            ("理念", (lab.layer,), c.practice.layers),
            ("岗位任务", lab.jobs, c.practice.jobs),
        ):
            if not given or set(given) - set(known):
                raise SyllabusError(f"实验 {lab.id} 的{what}只能用：{'、'.join(known)}。")
    functions = {f.title for m in c.modules for f in m.functions}
    for u in c.units:
        for t in u.tasks:
            if missing := set(t.functions) - functions:
                raise SyllabusError(f"单元 {u.number} 任务 {t.num} 的功能未列出：{missing}。")
