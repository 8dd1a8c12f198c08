"""The task centre: the course on one page, with links to what is really there.

    from crmkit.ui.task_centre import TaskCentre
    TaskCentre()

Chapters, hours and labs come from `crmkit.syllabus`; a link is shown only for a notebook that
lies in the course folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import traitlets

from crmkit.errors import KitError
from crmkit.syllabus import Chapter, Course, Lab, Task, Unit, course
from crmkit.ui.widget import Widget

TIMETABLES = ("48", "64")
LAB_TYPES = {"excel": "Excel 实训", "operation": "系统操作", "case": "案例", "exam": "技能考试"}
HERE = Path("labs") / "dashboards"
OWN_PAGE = "task_centre"
_DIGITS = "零一二三四五六七八"


class TaskCentreError(KitError):
    """The task centre was asked for a timetable or a folder that does not exist."""


def course_folder(start: Path | None = None) -> Path:
    """The folder that holds chapters, labs and dashboards.

    `start` (default: the working folder) or a folder above it, else where the package lies.
    """
    start = (start or Path.cwd()).resolve()
    package = Path(__file__).resolve().parents[2]
    for folder in (start, *start.parents, package):
        if (folder / HERE / f"{OWN_PAGE}.ipynb").is_file():
            return folder
    raise TaskCentreError(
        f"在“{start}”及其上级文件夹里找不到课程（{HERE.as_posix()}/{OWN_PAGE}.ipynb）。"
        "请在课程文件夹里打开任务中心。"
    )


def outline(root: Path, plan: Course | None = None) -> dict[str, Any]:
    """What the page shows, as plain JSON values.

    Parameters
    ----------
    root
        The course folder.
    plan
        The course, default `crmkit.syllabus.course`.

    Returns
    -------
    dict
        ``title``, ``timetables`` (one for each of `TIMETABLES`, with its groups of labs),
        ``chapters``, ``units``, ``labs``, ``dashboards``. ``notebook`` of an entry is its path
        below `root`, or None where the kit has no such notebook.
    """
    plan = plan or course()
    hours, second = plan.hours, plan.second_hours
    sessions = [
        (f"第{_DIGITS[n]}次实验课 · {s.when}", s.labs) for n, s in enumerate(plan.sessions, 1)
    ]
    units = [
        (f"单元{_DIGITS[u.number]} · {u.title}", [x.id for x in plan.labs if x.unit == u.number])
        for u in plan.units
    ]
    return {
        "title": plan.title,
        "title_en": plan.title_en,
        "levels": list(plan.levels),
        "lab_types": LAB_TYPES,
        "kinds": list(plan.practice.kinds),
        "timetables": {
            "48": {
                "label": "48 学时",
                "facts": [
                    f"课程代码 {plan.code}",
                    f"{plan.credits} 学分",
                    _for_whom(plan.school, plan.majors),
                ],
                "lecture": hours["lecture"],
                "practice": hours["lab"],
                "groups": _groups(plan, "48", sessions),
            },
            "64": {
                "label": "64 学时",
                "facts": [_for_whom(plan.second_school, plan.second_majors)],
                "lecture": second["lecture"],
                "practice": second["practice"],
                "groups": _groups(plan, "64", units),
            },
        },  # fmt: skip
        "chapters": [_chapter(c, plan, root) for c in plan.chapters],
        "units": [_unit(u, plan) for u in plan.units],
        "labs": [_lab(lab, root) for lab in plan.labs],
        "dashboards": dashboards(root),
    }


def dashboards(root: Path) -> list[dict[str, Any]]:
    """The pages in labs/dashboards except this one, by the number in the titles of the notebooks.

    Those without a number, the shop's own pages, come first.
    """
    pages = []
    for path in sorted((root / HERE).glob("*.ipynb")):
        if path.stem == OWN_PAGE:
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        pages.append(
            {
                "title": notebook.get("metadata", {}).get("title", path.stem),
                "notebook": path.relative_to(root).as_posix(),
            }
        )
    return sorted(pages, key=lambda page: _numbers(page["title"]))


def _for_whom(school: str, majors: Sequence[str]) -> str:
    return f"{school}{'、'.join(majors)}专业"


def _numbers(title: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"^DB(\d+)", title)]


def _existing(root: Path, paths: Iterable[Path]) -> str | None:
    first = next(iter(sorted(p for p in paths if p.is_file())), None)
    return first.relative_to(root).as_posix() if first else None


def _chapter(chapter: Chapter, plan: Course, root: Path) -> dict[str, Any]:
    return {
        "id": chapter.id,
        "number": chapter.number,
        "title": chapter.title,
        "hours": chapter.hours,
        "aims": list(plan.aims_of(chapter.id)),
        "sections": [f"{s.num} {s.title}" for s in chapter.sections],
        "requirements": {level: list(what) for level, what in chapter.requirements.items()},
        "key_points": list(chapter.key_points),
        "difficult_points": list(chapter.difficult_points),
        "proposed": chapter.proposed,
        "labs": [lab.id for lab in plan.labs_of(chapter.id)],
        "notebook": _existing(root, (root / "chapters").glob(f"{chapter.id}_*.ipynb")),
    }


def _unit(unit: Unit, plan: Course) -> dict[str, Any]:
    return {
        "number": unit.number,
        "title": unit.title,
        "lecture": unit.lecture,
        "practice": unit.practice,
        "tasks": [{"title": t.title, "hours": t.hours, "columns": _columns(t)} for t in unit.tasks],
        "labs": [lab.id for lab in plan.labs if lab.unit == unit.number],
    }


def _columns(task: Task) -> list[list[str]]:
    """What the curriculum prints beside a task: skills and knowledge, and what they are done on."""
    printed = {
        "技能": [f"{do}：{what}" for do, what in task.skills],
        "功能": task.functions,
        "实作": task.work,
        "知识": [f"{level}：{what}" for level, what in task.knowledge],
    }
    return [[name, "；".join(what)] for name, what in printed.items() if what]


def _groups(
    plan: Course, timetable: str, groups: Iterable[tuple[str, Sequence[str]]]
) -> list[dict[str, Any]]:
    """The labs of a timetable with the hours of each group; what is not taught in class comes last."""
    hours = {x.id: x.hours_48 if timetable == "48" else x.hours_64 for x in plan.labs}
    found: list[dict[str, Any]] = [
        {"title": title, "labs": list(labs), "hours": sum(hours[x] for x in labs)}
        for title, labs in groups if labs
    ]  # fmt: skip
    listed = {x for group in found for x in group["labs"]}
    others = [x for x in hours if x not in listed]
    return [*found, {"title": "课外与选做", "labs": others, "hours": 0}] if others else found


def _lab(lab: Lab, root: Path) -> dict[str, Any]:
    return {
        "id": lab.id,
        "title": lab.title,
        "type": lab.type,
        "kind": lab.kind,
        "trains": [lab.kind, "、".join(lab.roles), "、".join(lab.jobs), lab.layer],
        "chapters": list(lab.chapters),
        "hours": {"48": lab.hours_48, "64": lab.hours_64},
        # A case of a unit without hours of practice is discussed in the unit's lectures.
        "no_hours": {"48": "课外", "64": "讲授" if lab.unit else "课外"},
        "notebook": _existing(root, [root / "labs" / lab.id / f"{lab.id}.ipynb"]),
    }


class TaskCentre(Widget, bundle="task_centre"):
    """The task centre as a widget, in JupyterLab and as a Voila page.

    Parameters
    ----------
    timetable
        ``"48"`` or ``"64"``: the course whose plan is shown first.
    root
        The course folder, default `course_folder`.

    Raises
    ------
    TaskCentreError
        When there is no such timetable, or no course folder.
    """

    outline = traitlets.Dict().tag(sync=True)
    timetable = traitlets.Enum(TIMETABLES, "48").tag(sync=True)
    here = traitlets.Unicode((HERE / f"{OWN_PAGE}.ipynb").as_posix()).tag(sync=True)

    def __init__(self, timetable: str = "48", *, root: Path | None = None, **traits: Any) -> None:
        if timetable not in TIMETABLES:
            raise TaskCentreError(
                f"没有“{timetable}”学时的安排，可选：{' 或 '.join(TIMETABLES)} 学时。"
            )
        super().__init__(timetable=timetable, outline=outline(root or course_folder()), **traits)
