"""A class's way of grading: grading.yaml in its folder, made with comments on first use."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from autograder.gradebook.exact import exact
from autograder.gradebook.late import OF_POINTS, OF_SCORE, LatePolicy, Step
from crmkit.errors import KitError
from crmkit.syllabus import Component, Scheme, course

T = TypeVar("T")

FILE = "grading.yaml"
TEMPLATE = Path(__file__).with_name(FILE)
POLICIES = ("normalize", "cap", "fix_quiz", "raw")
NOT_COUNTED = "不计"
ASSIGNMENTS, TABLE, ATTENDANCE = "作业", "表", "考勤"
ALL, CHAPTERS, LABS, QUIZZES = "全部", "章节", "实验", "小测"


class SettingsError(KitError):
    """grading.yaml is wrong."""


@dataclass(frozen=True)
class Origin:
    """Where the marks of an item come from: assignments, an imported table, or attendance."""

    kind: str
    names: tuple[str, ...]
    weights: Mapping[str, Fraction]
    optional: bool = False  # nothing is missing where there is none

    def weight(self, column: str) -> Fraction:
        return self.weights.get(column, Fraction(1))


@dataclass(frozen=True)
class AttendanceRule:
    """What each word of the register is worth; None is not counted."""

    values: Mapping[str, Fraction | None]
    spellings: Mapping[str, str]
    blank: str
    warn_absent: Fraction | None


@dataclass(frozen=True)
class TargetColumn:
    """One column of a table that a platform wants."""

    title: str
    what: str
    places: int | None
    full: Fraction | None
    levels: str
    fixed: str | None


@dataclass(frozen=True)
class Platform:
    """A table that a platform wants."""

    name: str
    form: str
    encoding: str
    open_marks: str
    columns: tuple[TargetColumn, ...]


@dataclass(frozen=True)
class GradingSettings:
    """How a class is graded."""

    scheme: Scheme
    policy: str
    places: int
    passing: Fraction
    ungradable_is_zero: bool
    quiz_first: bool  # of a quiz counts what a question earned on its first submission
    origins: Mapping[str, tuple[Origin, ...]]
    words: Mapping[str, Fraction | None]
    attendance: AttendanceRule
    late: LatePolicy
    zone: dt.timezone
    deadlines: Mapping[str, dt.datetime]  # UTC without a zone, as nbgrader keeps times
    levels: Mapping[str, tuple[tuple[Fraction, str], ...]]
    platforms: Mapping[str, Platform]

    def level(self, mark: Fraction, scale: str = "五级制") -> str:
        """The word for a mark, e.g. 优秀 for 92."""
        return next((word for least, word in self.levels[scale] if mark >= least), "")

    def component_items(self, component: Component) -> tuple[tuple[str, str, Fraction], ...]:
        """(id, title, points) of the items; a component without items is one item itself."""
        items = component.items or ((component.id, component.title, component.weight),)
        return tuple((i, title, exact(points)) for i, title, points in items)


def settings_of(folder: Path | str, *, create: bool = False) -> GradingSettings:
    """The settings of a class; the kit's own where the class folder has no grading.yaml.

    Raises
    ------
    SettingsError
        The file is no YAML, or says something that does not hold together.
    """
    path = Path(folder) / FILE
    if not path.exists() and create:
        from autograder.record import write_text

        write_text(path, TEMPLATE.read_text(encoding="utf-8"))
    if not path.exists():
        path = TEMPLATE
    return parse(path.read_text(encoding="utf-8-sig"), path.name)


def parse(text: str, name: str = FILE) -> GradingSettings:
    """The settings in a YAML text; what it leaves out is as in the kit's template."""
    import yaml

    try:
        data = yaml.safe_load(text)
        base = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        where = f"第 {mark.line + 1} 行附近" if mark is not None else ""
        raise SettingsError(
            f"「{name}」{where}不是正确的 YAML：冒号和逗号要用英文的，冒号后空一格，同一层左边对齐"
        ) from e
    if not isinstance(data or {}, dict):
        raise SettingsError(f"「{name}」应当是“名称: 内容”的写法")
    return _Parser(name).settings(data or {}, base)


class _Parser:
    """Turns the YAML into settings; each complaint names the place."""

    def __init__(self, name: str) -> None:
        self.name = name

    def settings(self, data: Mapping[str, Any], base: Mapping[str, Any]) -> GradingSettings:
        self._known("", data, base)
        both = {**base, **data}
        for part in ("考勤", "迟交"):
            given = self._map(part, data.get(part) or {})
            self._known(part, given, base[part])
            both[part] = {**base[part], **given}
        scheme = self._pick("方案", both["方案"], {s.id: s for s in course().schemes})
        late = both["迟交"]
        zone = self._zone(late["时区"])
        levels = {
            k: self._levels(k, v)
            for k, v in {**base["等级"], **self._map("等级", both["等级"])}.items()
        }
        platforms = {**base["平台"], **self._map("平台", both["平台"] or {})}
        origins = {**base["来源"], **self._map("来源", both["来源"])}.get(scheme.id, {})
        words = {**base["文字成绩"], **self._map("文字成绩", both["文字成绩"] or {})}
        return GradingSettings(
            scheme=scheme,
            policy=self._pick("折算办法", both["折算办法"], {p: p for p in POLICIES}),
            places=int(self._pick("小数位", both["小数位"], {n: n for n in range(4)})),
            passing=self._number("及格线", both["及格线"]),
            ungradable_is_zero=self._pick("不能评分", both["不能评分"], {"不计入": False, "按0分": True}),
            quiz_first=self._pick("小测取分", both["小测取分"], {"最后": False, "首次": True}),
            origins=self._origins(scheme, origins),
            words={str(k): self._value(f"文字成绩 {k}", v) for k, v in words.items()},
            attendance=self._attendance(both["考勤"]),
            late=self._late(late),
            zone=zone,
            deadlines={str(k): self._deadline(k, v, zone) for k, v in self._map("截止", late["截止"] or {}).items()},
            levels=levels,
            platforms={str(k): self._platform(str(k), v, levels) for k, v in platforms.items()},
        )  # fmt: skip

    def _origins(self, scheme: Scheme, raw: Mapping[str, Any]) -> Mapping[str, tuple[Origin, ...]]:
        items = [i[0] for c in scheme.components for i in c.items] + [
            c.id for c in scheme.components if not c.items
        ]
        self._known(f"来源 {scheme.id}", raw, items)
        found = {}
        for item in items:
            given = raw.get(item, [])
            given = given if isinstance(given, list) else [given]
            found[item] = tuple(self._origin(f"来源 {scheme.id} {item}", g) for g in given)
        return found

    def _origin(self, where: str, raw: Any) -> Origin:
        raw = self._map(where, raw)
        self._known(where, raw, (ASSIGNMENTS, TABLE, ATTENDANCE, "权重", "可以没有"))
        kinds = [k for k in (ASSIGNMENTS, TABLE, ATTENDANCE) if k in raw]
        if len(kinds) != 1:
            raise self._wrong(where, raw, "写一种来源：作业、表 或 考勤")
        names = raw[kinds[0]]
        names = tuple(map(str, names)) if isinstance(names, list) else (str(names),)
        weights = {
            str(k): self._number(f"{where} 权重", v)
            for k, v in self._map(where, raw.get("权重") or {}).items()
        }
        return Origin(kinds[0], names, weights, raw.get("可以没有") is True)

    def _attendance(self, raw: Mapping[str, Any]) -> AttendanceRule:
        values = {
            str(k): self._value(f"考勤 {k}", v)
            for k, v in self._map("考勤 得分", raw["得分"]).items()
        }
        spellings = {word: word for word in values}
        for word, written in self._map("考勤 写法", raw["写法"]).items():
            self._pick("考勤 写法", word, {v: v for v in values})
            spellings.update({str(w).upper(): str(word) for w in written})
        blank = self._pick("考勤 空格", raw["空格"], {w: w for w in (NOT_COUNTED, *values)})
        warn = raw.get("缺课提醒")
        return AttendanceRule(
            values, spellings, blank, None if warn in (None, "") else self._number("缺课提醒", warn)
        )

    def _late(self, raw: Mapping[str, Any]) -> LatePolicy:
        steps: list[Step] = []
        rules = raw["规则"] or []
        for n, rule in enumerate(rules, start=1):
            where = f"迟交 规则 第 {n} 条"
            rule = self._map(where, rule)
            self._known(where, rule, ("小时内", "之后", "扣"))
            if "扣" not in rule or ("小时内" in rule) == ("之后" in rule):
                raise self._wrong(where, rule, "写成 {小时内: 24, 扣: 10%} 或 {之后: true, 扣: 100%}")  # fmt: skip
            hours = self._number(where, rule["小时内"]) if "小时内" in rule else None
            share = self._number(where, rule["扣"])
            if not 0 <= share <= 1:
                raise self._wrong(where, rule["扣"], "扣 0% 到 100%")
            before = steps[-1].hours if steps else Fraction(0)
            if before is None or (hours is not None and hours <= before):
                raise self._wrong(where, rule, "小时数从小到大，“之后”放在最后")
            steps.append(Step(hours, share))
        if steps and steps[-1].hours is not None:
            raise self._wrong("迟交 规则", rules[-1], "最后加一条 {之后: true, 扣: …}，说明更迟的怎么办")  # fmt: skip
        base = self._pick("扣分基数", raw["扣分基数"], {w: w for w in (OF_SCORE, OF_POINTS)})
        minutes = self._number("宽限分钟", raw["宽限分钟"])
        return LatePolicy(tuple(steps), dt.timedelta(seconds=float(minutes * 60)), base)

    def _levels(self, name: str, raw: Any) -> tuple[tuple[Fraction, str], ...]:
        try:
            levels = tuple((self._number(f"等级 {name}", least), str(word)) for least, word in raw)
        except (TypeError, ValueError) as e:
            raise self._wrong(f"等级 {name}", raw, "写成 [[90, 优秀], [80, 良好], [0, 不及格]]") from e  # fmt: skip
        if [x[0] for x in levels] != sorted({x[0] for x in levels}, reverse=True) or levels[-1][0]:
            raise self._wrong(f"等级 {name}", raw, "最低分从高到低，最后一级从 0 分起")
        return levels

    def _platform(self, name: str, raw: Any, levels: Mapping[str, Any]) -> Platform:
        where = f"平台 {name}"
        raw = self._map(where, raw)
        self._known(where, raw, ("格式", "编码", "暂定", "列"))
        columns = []
        for column in raw.get("列") or []:
            column = self._map(where, column)
            self._known(where, column, ("标题", "取", "小数位", "满分", "等级", "固定"))
            if "标题" not in column or ("取" in column) == ("固定" in column):
                raise self._wrong(where, column, "每列写“标题”，再写“取”或“固定”")
            scale = str(column.get("等级", ""))
            if scale:
                self._pick(f"{where} 等级", scale, {k: k for k in levels})
            places, full = column.get("小数位"), column.get("满分")
            columns.append(TargetColumn(
                str(column["标题"]), str(column.get("取", "")),
                None if places is None else int(self._number(where, places)),
                None if full is None else self._number(where, full), scale,
                None if "固定" not in column else str(column["固定"]),
            ))  # fmt: skip
        encoding = str(raw.get("编码", "utf-8-sig"))
        try:
            "".encode(encoding)
        except LookupError as e:
            raise self._wrong(where, encoding, "编码写 utf-8-sig、utf-8 或 gb18030") from e
        form = self._pick(f"{where} 格式", raw.get("格式", "xlsx"), {f: f for f in ("xlsx", "csv")})
        open_marks = self._pick(f"{where} 暂定", raw.get("暂定", "留空"), {w: w for w in ("留空", "照填")})  # fmt: skip
        return Platform(name, form, encoding, open_marks, tuple(columns))

    def _zone(self, raw: Any) -> dt.timezone:
        found = re.fullmatch(r"([+-])(\d{1,2}):(\d\d)", str(raw).strip())
        if not found:
            raise self._wrong("迟交 时区", raw, '写成 "+08:00"（要带引号）')
        span = dt.timedelta(hours=int(found[2]), minutes=int(found[3]))
        return dt.timezone(span if found[1] == "+" else -span)

    def _deadline(self, lab: Any, raw: Any, zone: dt.timezone) -> dt.datetime:
        moment = read_moment(raw)
        if moment is None:
            raise self._wrong(f"迟交 截止 {lab}", raw, "写成 2025-11-20 23:59")
        return utc(moment, zone)

    def _value(self, where: str, raw: Any) -> Fraction | None:
        return None if raw == NOT_COUNTED else self._number(where, raw)

    def _number(self, where: str, raw: Any) -> Fraction:
        text = str(raw).strip()
        try:
            if isinstance(raw, bool):
                raise ValueError
            value = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
        except (ValueError, ZeroDivisionError) as e:
            raise self._wrong(where, raw, "这里要写数") from e
        if value < 0:
            raise self._wrong(where, raw, "不能是负数")
        return value

    def _pick(self, where: str, raw: Any, choices: Mapping[Any, T]) -> T:
        if raw not in choices or isinstance(raw, bool):
            raise self._wrong(where, raw, f"可以写：{'、'.join(map(str, choices))}")
        return choices[raw]

    def _map(self, where: str, raw: Any) -> Mapping[str, Any]:
        if not isinstance(raw, Mapping):
            raise self._wrong(where, raw, "写成“名称: 内容”，一行一个，或 {名称: 内容}")
        return raw

    def _known(self, where: str, raw: Mapping[Any, Any], known: Iterable[Any]) -> None:
        names = [str(k) for k in known]
        for key in raw:
            if str(key) not in names:
                near = difflib.get_close_matches(str(key), names, n=1, cutoff=0.4)
                hint = f"是不是「{near[0]}」？" if near else ""
                raise self._wrong(where, key, f"没有这个名称，{hint}可以写：{'、'.join(names)}")

    def _wrong(self, where: str, raw: Any, remedy: str) -> SettingsError:
        return SettingsError(f"「{self.name}」的“{where or '最外层'}”写着「{raw}」：{remedy}")


def read_moment(raw: Any) -> dt.datetime | None:
    """A moment as a sheet or YAML holds it; a date alone means the end of that day.

    >>> read_moment("2025/11/20 23:59"), read_moment("2025-11-20")
    (datetime.datetime(2025, 11, 20, 23, 59), datetime.datetime(2025, 11, 21, 0, 0))
    """
    if isinstance(raw, dt.datetime):
        return raw
    if isinstance(raw, dt.date):
        return dt.datetime(raw.year, raw.month, raw.day) + dt.timedelta(days=1)
    found = re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[\sT]*(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?)?",
        str(raw).strip(),
    )
    if not found:
        return None
    try:
        day = dt.datetime(int(found[1]), int(found[2]), int(found[3]))
        if found[4] is None:
            return day + dt.timedelta(days=1)
        return day.replace(hour=int(found[4]), minute=int(found[5]), second=int(found[6] or 0))
    except ValueError:
        return None


def utc(moment: dt.datetime, zone: dt.timezone) -> dt.datetime:
    """A local moment as nbgrader keeps it: UTC without a zone."""
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def set_choice(path: Path, key: str, value: str, check: Callable[[str], object] = parse) -> None:
    """Change one line `key: value` of a class's settings; comments and all else stay."""
    from autograder.record import write_text

    text = path.read_text(encoding="utf-8-sig")
    changed, count = re.subn(
        rf"(?m)^({re.escape(key)}:[ \t]*)([^\s#]+)", lambda m: m[1] + value, text, count=1
    )
    changed = changed if count else f"{key}: {value}\n{text}"
    check(changed)
    write_text(path, changed)
