"""The teacher's lesson plan of a chapter as .docx, made from the chapter's own notebook.

    crmkit plan ch02

The form is that of the course documents: aims by level, key and difficult points, methods,
resources, the minutes of every step with what teacher and students do, board plan, homework,
reflection. Whatever the notebook says is taken from there, so a changed chapter changes its plan.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmkit.errors import KitError
from crmkit.syllabus import Chapter, Course, SyllabusError, course

_STEP = re.compile(r"^\*第 (\d) 节　(\S+?)　(\d+) 分钟\*", re.M)
_ROW = re.compile(r"^\| 第 (\d) 节 \| (\S+) \| (.+?) \| (\d+) \|$", re.M)
_HEADING = re.compile(r"^(#{2,3}) (.+)$", re.M)
_AIM = re.compile(r"^\| \*\*(\S+?)\*\* \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
_ITEM = re.compile(r"^### (\S+?-\d\d.*)$", re.M)
_PLAIN = re.compile(r"\*\*|`|\{\{|\}\}")
# step of the course's lesson plan → (what it is for, the method it uses)
_INTENTION = {
    "考勤与说明": ("明确目标和要求", "讲授"),
    "课前导入": ("从一个具体的人和一笔生意引出问题", "案例"),
    "传授新知": ("概念落到店铺的数据上，边讲边算", "讲授"),
    "课堂互动": ("动手、比较、说理由，当堂知道懂没懂", "讨论与互动"),
    "课堂小结": ("收拢要点，布置实验和作业", "任务驱动"),
}


class PlanError(KitError):
    """There is no such chapter, or its notebook does not lie in the course folder."""


@dataclass
class Step:
    """One step of a lesson and what its cells ask for."""

    period: int
    name: str
    content: str
    minutes: int
    headings: list[str] = field(default_factory=list)
    demonstrations: int = 0
    exercises: int = 0
    activities: int = 0
    quizzes: list[str] = field(default_factory=list)

    def teacher(self) -> str:
        """What the teacher does."""
        parts = [f"讲解：{'、'.join(self.headings)}" if self.headings else self.content]
        if self.demonstrations:
            parts.append(f"运行并讲解 {self.demonstrations} 段代码的结果")
        if self.activities:
            parts.append(f"演示 {self.activities} 个互动活动，请学生先猜再看")
        return "；".join(parts)

    def students(self) -> str:
        """What the students do."""
        parts = []
        if self.exercises:
            parts.append(f"做 {self.exercises} 个“试一试”")
        if self.activities:
            parts.append("移动控件，记下变化，说出原因")
        if self.quizzes:
            parts.append(f"小测 {'、'.join(self.quizzes)}")
        return "；".join(parts) or "听讲、思考、回答提问"


@dataclass(frozen=True)
class Plan:
    """What the document says."""

    chapter: Chapter
    aims: tuple[tuple[str, str, str, str], ...]  # level, content, what one can do, how it is tested
    key: str
    difficult: str
    steps: tuple[Step, ...]
    board: tuple[tuple[int, str], ...]  # level of the heading, its text
    homework: tuple[str, ...]
    discussion: str


def notebook(chapter: str, root: Path) -> Path:
    """The chapter's notebook in a course folder.

    Raises
    ------
    PlanError
        No such chapter, or it is not there.
    """
    try:
        course().chapter(chapter)
    except SyllabusError as error:
        known = "、".join(c.id for c in course().chapters)
        raise PlanError(f"没有章节「{chapter}」，可以写：{known}") from error
    found = sorted((root / "chapters").glob(f"{chapter}_*.ipynb"))
    if not found:
        raise PlanError(f"在「{root / 'chapters'}」里没有 {chapter} 的笔记本，请在课程文件夹里运行")
    return found[0]


def read(path: Path) -> Plan:
    """The plan that a chapter's notebook holds.

    Raises
    ------
    PlanError
        The file is no chapter notebook: no steps with minutes in it.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise PlanError(f"「{path.name}」不是笔记本，或者已经损坏") from error
    chapter = course().chapter(path.name.split("_")[0])
    texts = [(c["cell_type"], "".join(c["source"])) for c in cells]
    prose = "\n\n".join(text for kind, text in texts if kind == "markdown")
    steps = tuple(_steps(texts, prose))
    if not steps:
        raise PlanError(f"「{path.name}」里没有写课时和分钟，做不成教案")
    taught = prose.split("\n## 小结")[0]
    board = [
        (len(marks) - 1, title)
        for marks, title in _HEADING.findall(taught)
        if re.match(r"\d+\.\d+ ", title) or len(marks) == 3
    ]
    first = next(i for i, (level, _) in enumerate(board) if level == 1)
    return Plan(
        chapter,
        tuple((a, b, c, d) for a, b, c, d in _AIM.findall(prose) if a in course().levels),
        _point("重点", prose),
        _point("难点", prose),
        steps,
        tuple(board[first:]),
        tuple(_plain(title) for title in _ITEM.findall(prose)),
        _after("**讨论**", prose),
    )


def _steps(texts: list[tuple[str, str]], prose: str) -> Iterator[Step]:
    contents = {(p, s, c, m) for p, s, c, m in _ROW.findall(prose)}
    planned = [row for row in _ROW.findall(prose) if row in contents]
    step: Step | None = None
    for kind, text in texts:
        if kind == "markdown" and (found := _STEP.search(text)):
            if step is not None:
                yield step
            row = planned.pop(0) if planned else (found[1], found[2], "", found[3])
            step = Step(int(found[1]), found[2], _plain(row[2]), int(found[3]))
        if step is None:
            continue
        if kind == "markdown":
            step.headings += [_plain(t) for marks, t in _HEADING.findall(text) if len(marks) == 3]
            step.exercises += text.count("**试一试**")
        elif text.startswith("Quiz("):
            step.quizzes += re.findall(r'section="([\d.]+)"', text)
        elif text.startswith("activities."):
            step.activities += 1
        else:
            step.demonstrations += 1
        if kind == "markdown" and "\n## 本章练习" in f"\n{text}":
            break
    if step is not None:
        step.headings = [h for h in step.headings if not re.match(r"\S+-\d\d", h)]
        yield step


def _point(name: str, prose: str) -> str:
    found = re.search(rf"^> \*\*{name}\*\*　(.+(?:\n> .+)*)", prose, re.M)
    return _plain(found[1].replace("\n> ", "")) if found else ""


def _after(mark: str, prose: str) -> str:
    found = re.search(re.escape(mark) + r"(.+)", prose)
    return _plain(found[1]).strip("　 ") if found else ""


def _plain(text: str) -> str:
    return _PLAIN.sub("", text).strip()


# --- the document --------------------------------------------------------------------------------
def document(plan: Plan) -> bytes:
    """The plan as .docx (A4)."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    doc = docx.Document()
    section = doc.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    for name, size, face in (("Normal", 10.5, "宋体"), ("Heading 1", 16, "黑体"), ("Heading 2", 12, "黑体")):  # fmt: skip
        style = doc.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    chapter = plan.chapter
    doc.add_heading(f"教案　第 {chapter.number} 章　{chapter.title}", level=1)
    _table(doc, None, [
        *_header(course(), chapter),
        ("授课班级", "", "授课教师", ""),
        ("授课日期", "", "授课地点", ""),
    ])  # fmt: skip
    doc.add_heading("一、教学目标", level=2)
    served = "；".join(course().aims_of(chapter.id))
    doc.add_paragraph(
        f"主要服务的课程目标：{served}。〔教学编写：大纲列出四个课程目标，没有分到各章〕"
    )
    _table(doc, ("层次", "内容", "学完能做到", "怎样考"), plan.aims)
    doc.add_heading("二、重点与难点", level=2)
    doc.add_paragraph(f"重点：{plan.key}")
    doc.add_paragraph(f"难点：{plan.difficult}")
    doc.add_heading("三、教学方法与资源", level=2)
    methods = dict.fromkeys(_INTENTION[s.name][1] for s in plan.steps if s.name in _INTENTION)
    doc.add_paragraph(f"方法：{'、'.join(methods)}、上机操作")
    doc.add_paragraph("资源：" + "；".join(_resources(chapter)))
    doc.add_heading("四、教学过程", level=2)
    _table(
        doc, ("课时", "环节", "分钟", "教师活动", "学生活动", "设计意图"),
        [
            (f"第 {s.period} 节", f"{s.name}\n{s.content}", f"{s.minutes}", s.teacher(), s.students(),
             _INTENTION.get(s.name, ("", ""))[0])
            for s in plan.steps
        ],
        widths=(1.4, 3.4, 1.1, 5.2, 3.6, 2.3),
    )  # fmt: skip
    doc.add_heading("五、板书设计", level=2)
    for level, title in plan.board:
        paragraph = doc.add_paragraph(_plain(title))
        paragraph.paragraph_format.left_indent = Cm(0.8 * (level - 1))
        paragraph.paragraph_format.space_after = Pt(0)
    doc.add_heading("六、作业与讨论", level=2)
    for item in plan.homework:
        doc.add_paragraph(item)
    if plan.discussion:
        doc.add_paragraph(f"讨论：{plan.discussion}")
    following = [c for c in course().chapters if c.number == chapter.number + 1]
    if following:
        doc.add_paragraph(f"预习：第 {following[0].number} 章　{following[0].title}")
    doc.add_heading("七、教学反思（课后填写）", level=2)
    _table(
        doc,
        None,
        [("进度与节奏", "\n\n"), ("学生的反应与疑问", "\n\n"), ("下次要改的地方", "\n\n")],
    )
    stream = io.BytesIO()
    doc.save(stream)
    return stream.getvalue()


def _header(whole: Course, chapter: Chapter) -> list[tuple[str, str, str, str]]:
    """Which course, for whom, how many hours; the second course shares the chapter."""
    hours, second = whole.hours, whole.second_hours
    return [
        ("课程", whole.title, "课程代码", f"{whole.code}（{whole.credits} 学分）"),
        ("课程学时", f"{sum(hours.values())} 学时：讲授 {hours['lecture']}，实验 {hours['lab']}",
         "本章学时", f"{chapter.hours} 学时（每学时 45 分钟）"),
        ("适用", f"{whole.school}{'、'.join(whole.majors)}专业",
         "也可用于", f"{whole.second_school}{'、'.join(whole.second_majors)}专业，{sum(second.values())} 学时"),
    ]  # fmt: skip


def _resources(chapter: Chapter) -> Iterator[str]:
    from crmkit import quizbank

    yield f"章节笔记本（投影时用任务中心的看板页）；题库 {len(quizbank.load(chapter.id))} 题"
    labs = [
        f"{x.id} {x.title}（{x.kind}，岗位：{'、'.join(x.roles)}）"
        for x in course().labs_of(chapter.id)
    ]
    if labs:
        yield f"配套实验：{'、'.join(labs)}〔种类、岗位为教学编写〕"


def _table(
    doc: Any, header: tuple[str, ...] | None, rows: Any, widths: tuple[float, ...] = ()
) -> None:
    from docx.shared import Cm, Pt

    whole = [*([header] if header else []), *rows]
    table = doc.add_table(rows=0, cols=len(whole[0]), style="Table Grid")
    for n, row in enumerate(whole):
        cells = table.add_row().cells
        for k, text in enumerate(row):
            cells[k].text = ""
            run = cells[k].paragraphs[0].add_run(_plain(text))
            run.font.size = Pt(9.5)
            run.bold = (header is not None and n == 0) or (header is None and k % 2 == 0)
            if widths:
                cells[k].width = Cm(widths[k])


def write(chapter: str, out: Path | None = None, root: Path | None = None) -> Path:
    """Write the lesson plan of a chapter; returns its path (default plans/教案-<chapter>.docx).

    Raises
    ------
    PlanError
        No such chapter, or the file cannot be written.
    """
    root = root or Path.cwd()
    content = document(read(notebook(chapter, root)))
    path = out or root / "plans" / f"教案-{chapter}.docx"
    path = path.with_suffix(".docx")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise PlanError(f"写不了「{path}」：文件夹是只读的，或文件正被别的程序打开") from error
    return path
