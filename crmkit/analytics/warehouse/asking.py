"""The same questions put to a business database and to a warehouse, both alive.

The business database (SQLite, rows with an index on the order number) holds one platform's orders
of the last days as they are now, and the level that a customer has now. The warehouse (DuckDB,
columns) holds all platforms and all days up to the last load, and every version of a level; what
is in it is not changed. Which of them answers right is not told but found out by asking.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.warehouse import engine

BUSINESS, WAREHOUSE = "业务库", "数据仓库"
_COLUMNS = ("订单编号", "客户编号", "平台", "下单时间", "付款时间", "发货时间", "收货时间", "实付金额",
            "订单状态")  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A question as people ask it, and as each system has to be asked; `why` after the answer."""

    words: str
    business: str
    warehouse: str
    why: str


_ORDER = "SELECT 订单状态 FROM 订单 WHERE 订单编号 = '{order}'"
_WAITING = (
    "SELECT count(*) FROM 订单 WHERE 平台 = '{platform}' AND 订单状态 IN ('待发货', '部分发货')"
)
_TODAY = "SELECT coalesce(sum(实付金额), 0) FROM 订单 WHERE 平台 = '{platform}' AND 付款时间 >= '{today}'"
_YEARS = "SELECT substr(CAST(下单时间 AS TEXT), 1, 4) AS 年, count(*), avg(实付金额) FROM 订单 WHERE 下单时间 < '{today}' GROUP BY 年 ORDER BY 年"
_PLATFORMS = (
    "SELECT 平台, sum(实付金额) FROM 订单 WHERE 付款时间 >= '{year}-01-01' AND 付款时间 < '{today}' "
    "GROUP BY 平台 ORDER BY 平台"
)
_CANCEL = "UPDATE 订单 SET 订单状态 = '未付款关闭' WHERE 订单编号 = '{unpaid}'"
QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "order": Question(
            "客服电话里：今天下的这一单到哪一步了？", _ORDER, _ORDER,
            "一次找一行，要此刻的样子：业务库按编号的索引一步找到，仓库还没有装进来。",
        ),
        "years": Question(
            "到昨天为止，每年多少单、平均多少钱？", _YEARS, _YEARS,
            "要全部平台、全部年份，只读不改：仓库的本行。",
        ),
        "waiting": Question(
            "此刻，主店还有几单没发货？", _WAITING, _WAITING,
            "虽然是统计，问的却是此刻：仓库答的是装载那一刻。",
        ),
        "level": Question(
            "{customer} 在 {year} 年 6 月 1 日那天是什么等级？",
            "SELECT 会员等级 FROM 客户 WHERE 客户编号 = '{customer}'",
            "SELECT 会员等级 FROM 等级历史 WHERE 客户编号 = '{customer}' "
            "AND 有效自 <= '{then}' AND 有效至 >= '{then}'",
            "只查一行，问的却是从前：业务库改过就没有了，仓库留着每一段。",
        ),
        "cancel": Question(
            "客人不要了，把这张没付款的单关掉。", _CANCEL, _CANCEL,
            "要改数据：改在业务库，仓库只追加，等下一次装载。",
        ),
        "platforms": Question(
            "{year} 年到昨天，各个平台各卖了多少？", _PLATFORMS, _PLATFORMS,
            "一个平台一个业务库，要合起来看，先得集成。",
        ),
        "today": Question(
            "今天到现在，主店收了多少钱？", _TODAY, _TODAY,
            "与上一题同是加总，只差“今天”两个字：今天的还没有装进仓库。",
        ),
    }
)  # fmt: skip


class Answer(NamedTuple):
    """What a system said (rows as text), how many cells it had to read, whether that is right."""

    said: str
    cells: int
    right: bool


class Systems:
    """Both systems of a shop at one moment.

    Parameters
    ----------
    orders
        All orders with the columns 订单编号 客户编号 平台 下单时间 付款时间 发货时间 收货时间 实付金额 订单状态.
    levels
        Versions of levels: 客户编号 会员等级 有效自 有效至 现行 (`history.versions`).
    now
        The moment of the questions; everything before it has happened.
    """

    def __init__(self, orders: pd.DataFrame, levels: pd.DataFrame, now: dt.datetime) -> None:
        inputs.require(orders, "订单", {c: c for c in _COLUMNS})
        columns = ("客户编号", "会员等级", "有效自", "有效至", "现行")
        inputs.require(levels, "等级历史", {c: c for c in columns})
        if not len(orders) or not len(levels):
            raise AnalyticsError("订单或等级一行也没有，问不出什么。")
        self.now = pd.Timestamp(now)
        self._all = orders[list(_COLUMNS)].sort_values("下单时间", kind="stable")
        self._levels = levels
        self.platform = str(self._all["平台"].value_counts().index[0])
        main = self._all[self._all["平台"] == self.platform]
        self._rows = _database(main, levels)
        today = self.now - pd.Timedelta(days=1)
        fresh = main[main["下单时间"] >= today]
        paid, waiting = fresh[fresh["付款时间"].notna()], fresh[fresh["订单状态"] == "等待付款"]
        then = f"{today.year}-06-01"
        self.names = {
            "platform": self.platform, "today": f"{today:%Y-%m-%d}", "year": str(today.year),
            "order": _last(paid if len(paid) else main), "then": then,
            "unpaid": _last(waiting if len(waiting) else main), "customer": _moved(levels, then),
        }  # fmt: skip

    def words(self, question: str) -> str:
        """The question as people ask it."""
        inputs.choice(question, "question", QUESTIONS)
        return QUESTIONS[question].words.format(**self.names)

    def sql(self, question: str, system: str) -> str:
        """The question as `system` is asked."""
        inputs.choice(question, "question", QUESTIONS)
        inputs.choice(system, "system", (BUSINESS, WAREHOUSE))
        found = QUESTIONS[question]
        return (found.business if system == BUSINESS else found.warehouse).format(**self.names)

    def ask(self, question: str, *, keep: int = 90, lag: float = 22) -> dict[str, Answer]:
        """Ask both; right is what the whole truth of this moment would answer.

        Parameters
        ----------
        keep
            Days that the business database keeps.
        lag
            Hours since the warehouse was loaded.
        """
        if keep < 1 or lag < 0:
            raise AnalyticsError("业务库至少留 1 天，装载的时刻不能晚于现在。")
        sql, other = self.sql(question, BUSINESS), self.sql(question, WAREHOUSE)
        by_rows, cells = self._by_rows(sql, self.now - pd.Timedelta(days=keep))
        loaded = _as_known(self._all, self.now - pd.Timedelta(hours=lag)) if lag else self._all
        by_columns, read = self._by_columns(other, loaded)
        truth = "改了 1 行"
        if question != "cancel":
            truth = self._by_columns(other, self._all)[0] if lag else by_columns
        return {
            BUSINESS: Answer(by_rows, cells, by_rows == truth),
            WAREHOUSE: Answer(by_columns, read, by_columns == truth),
        }

    def _by_rows(self, sql: str, since: pd.Timestamp) -> tuple[str, int]:
        """Run it in SQLite; whole rows are read: one that the index finds, or all of the table."""
        ask = self._rows.execute
        table = "客户" if "客户 WHERE" in sql else "订单"
        ask("SAVEPOINT question")
        try:
            ask("DELETE FROM 订单 WHERE 下单时间 < ?", (_plain(since),))
            (height,) = ask(f"SELECT count(*) FROM {table}").fetchone()
            width = len(ask(f"SELECT * FROM {table} LIMIT 1").description)
            plan = " ".join(row[-1] for row in ask(f"EXPLAIN QUERY PLAN {sql}"))
            done = ask(sql)
            if done.description is None:
                return f"改了 {done.rowcount} 行", width
            found = done.fetchall()
            return _told(found), width * (1 if "SEARCH" in plan else height)
        finally:
            ask("ROLLBACK TO question")
            ask("RELEASE question")

    def _by_columns(self, sql: str, orders: pd.DataFrame) -> tuple[str, int]:
        """Run it in DuckDB; of every row only the columns that the question names are read."""
        if sql.startswith("UPDATE"):
            return "不许改：只追加", 0
        name, table = ("等级历史", self._levels) if "等级历史" in sql else ("订单", orders)
        used = table[[c for c in table.columns if c in sql]]
        found = engine.query(sql, **{name: used})
        return _told(list(found.itertuples(index=False, name=None))), used.size


def _database(orders: pd.DataFrame, levels: pd.DataFrame) -> sqlite3.Connection:
    people = levels.loc[levels["现行"], ["客户编号", "会员等级"]]
    # Answers to a browser may come from another thread; they come one at a time.
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for name, frame, key in (("订单", orders, "订单编号"), ("客户", people, "客户编号")):
        plain = frame.astype(object).where(frame.notna(), None)
        made.execute(f"CREATE TABLE {name} ({', '.join(frame.columns)})")
        made.execute("BEGIN")
        made.executemany(
            f"INSERT INTO {name} VALUES ({', '.join('?' * len(frame.columns))})",
            [tuple(map(_plain, row)) for row in plain.itertuples(index=False)],
        )
        made.execute("COMMIT")
        made.execute(f"CREATE INDEX {name}索引 ON {name} ({key})")
    return made


def _moved(levels: pd.DataFrame, then: str) -> str:
    """A customer whose level has changed since; the first one by number."""
    day = pd.Timestamp(then)
    held = levels[(levels["有效自"] <= day) & (levels["有效至"] >= day)]
    since = held[~held["现行"]]["客户编号"]
    return str((since if len(since) else levels["客户编号"]).min())


def _as_known(orders: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Orders that were there at a moment, in the state that they had then."""
    there = orders[orders["下单时间"] < at].copy()
    steps = (
        ("下单时间", "等待付款"),
        ("付款时间", "待发货"),
        ("发货时间", "已发货"),
        ("收货时间", "交易成功"),
    )
    for column, _ in steps[1:]:
        there[column] = there[column].where(there[column] < at)
    then = pd.Series("等待付款", index=there.index)
    for column, state in steps[1:]:
        then = then.mask(there[column].notna(), state)
    # A state only moves on: where nothing has happened since, the one of today holds.
    last = orders.loc[there.index, [c for c, _ in steps]].max(axis=1)
    there["订单状态"] = orders.loc[there.index, "订单状态"].where(last < at, then)
    return there


def _last(orders: pd.DataFrame) -> str:
    return str(orders["订单编号"].iloc[-1])


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S") if hasattr(value, "strftime") else value


def _told(rows: list[tuple[Any, ...]]) -> str:
    """Rows of an answer as one text; the same numbers give the same text in both systems."""
    if not rows:
        return "（没有）"
    return "；".join(
        " ".join(
            "0" if v is None else f"{v:,.2f}" if isinstance(v, float) else f"{v:,}"
            if hasattr(v, "__index__") else str(v)
            for v in row
        )
        for row in rows
    )  # fmt: skip
