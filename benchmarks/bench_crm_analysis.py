"""顾客分析 of the CRM beside straightforward pandas on the same frames: `make bench` runs this.

A shop's data are tiled with new ids to 10,000 and 1,000,000 orders. Both sides get the same
frames in memory and give the same tables; the figures are compared before times are printed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import sqlite3
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crmkit import crm, schema, shops  # noqa: E402
from crmkit.crm.figures import churn_figures, customer_figures, levels  # noqa: E402
from crmkit.crm.figures.facts import Facts  # noqa: E402
from crmkit.crm.figures.scope import Scope  # noqa: E402
from crmkit.crm.storage import tables  # noqa: E402
from crmkit.settings import settings  # noqa: E402
from tests.crmkit.crm.plain_pandas import Plain, number  # noqa: E402

AS_OF = dt.date(2025, 12, 31)
Frames = dict[str, pd.DataFrame]


def tiled(n: int) -> Frames:
    """The tea shop again and again with new ids, cut to `n` orders."""
    shop = shops.load("tea")
    frames = {
        name: getattr(shop, name) for name in ("customers", "orders", "order_items", "returns")
    }
    copies = -(-n // len(frames["orders"]))
    out = {}
    for name, frame in frames.items():
        big = pd.concat([frame] * copies, ignore_index=True)
        copy = pd.Series(np.repeat(np.arange(copies), len(frame)).astype(str))
        for label in ("客户编号", "订单编号", "退换编号"):
            if label in big:
                big[label] = big[label] + "-" + copy
        out[name] = big
    out["orders"] = out["orders"].head(n)
    for name in ("order_items", "returns"):
        kept = out[name]["订单编号"].isin(out["orders"]["订单编号"])
        out[name] = out[name][kept].reset_index(drop=True)
    return out | {"products": shop.products, "channels": shop.channels}


def plain(frames: Frames) -> dict[str, Callable[[], object]]:
    """The seven analyses in pandas. A fresh view each, as each is asked for by itself."""

    def view() -> Plain:
        return Plain(
            frames["customers"], frames["orders"], frames["order_items"], frames["returns"]
        )

    def repurchase() -> object:
        p = view()
        gaps = p.gaps()
        quantiles = gaps.quantile([0.5, 0.8, 0.9]), gaps.mean()
        bins = pd.cut(gaps, [-1, 7, 30, 60, 90, 180, np.inf]).value_counts()
        return p.repeat(p.paid), p.within(90), quantiles, bins, p.repeat_by_month()

    def churn() -> object:
        p = view()
        since, g = p.since(), p.history.groupby("客户编号")["分"].agg(["size", "sum"])
        state = pd.cut(since, [-1, 90, 180, np.inf], labels=["活跃", "沉默", "流失"])
        table = g.groupby(state, observed=False)["sum"].agg(["size", "sum"])
        listed = g.assign(状态=state, 距今天数=since)
        return table, listed, p.months_of_churn(180), p.cohorts()

    def order_value() -> object:
        p = view()
        return p.factors(), p.factors(p.paid["月"].where(p.paid["月"] >= number("2025-01")))

    def new_old() -> object:
        p = view()
        whole = p.cut(p.history, "2025-01-01", "2025-12-31")
        return p.new_old("first_ever"), p.split(whole, p.old("2025-01-01", "first_ever", p.ever))

    amounts = [round(100 * t) for t in settings()["levels"]["tea"]]
    return {
        "等级分析": lambda: view().level(amounts),
        "回购分析": repurchase,
        "次数分析": lambda: view().counts([1, 2, 5]),
        "流失分析": churn,
        "地域分析": lambda: view().region(),
        "客单价分析": order_value,
        "新老占比": new_old,
    }  # fmt: skip


def ours(facts: Facts) -> dict[str, Callable[[], object]]:
    """The same by the functions that the CRM's methods call."""

    def scope() -> Scope:
        return Scope(facts, AS_OF)

    rule = levels.Rule.of("amount", None, "tea")
    return {
        "等级分析": lambda: levels.level(scope(), rule, recorded=True),
        "回购分析": lambda: customer_figures.repurchase(scope()),
        "次数分析": lambda: customer_figures.counts(scope()),
        "流失分析": lambda: churn_figures.analyse(scope(), rule="fixed", options={}),
        "地域分析": lambda: customer_figures.region(scope()),
        "客单价分析": lambda: customer_figures.order_value(scope()),
        "新老占比": lambda: customer_figures.new_old(scope()),
    }


def timed(
    call: Callable[[], object], times: int, found: list[object] | None = None
) -> tuple[float, float]:
    """Best wall and CPU time in ms; the result is appended to `found`."""
    best = []
    for _ in range(times):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        result = call()
        best.append((time.perf_counter() - wall, time.process_time() - cpu))
    if found is not None:
        found.append(result)
    return min(w for w, _ in best) * 1000, min(c for _, c in best) * 1000


def peak(call: Callable[[], object]) -> float:
    """Most memory in use during a call, in MB above what was there."""
    gc.collect()
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def row(name: str, theirs: tuple[float, float], mine: tuple[float, float], note: str = "") -> None:
    ratio, cpu = theirs[0] / mine[0], theirs[1] / max(mine[1], 1e-3)
    print(f"{name:<16}{theirs[0]:>11.1f}{mine[0]:>11.1f}{ratio:>9.1f}×{cpu:>9.1f}×  {note}")


def heading(text: str) -> None:
    print(f"\n{text}\n{'':<16}{'pandas ms':>11}{'crmkit ms':>11}{'wall':>10}{'CPU':>10}")


def agree(name: str, theirs: Any, mine: Any) -> None:
    """Both sides say the same; otherwise their times mean nothing."""
    if name == "回购分析":
        found = mine["复购率（按人）"]
        assert theirs[0]["复购率（按人）"] == (found.numerator, found.denominator)
    elif name == "流失分析":
        assert (theirs[2]["流失客户数"] == mine.tables["逐月"]["流失客户数"]).all()
    elif name in ("次数分析", "地域分析"):
        assert np.allclose(np.sort(theirs["支付金额"]), np.sort(mine.table["支付金额"]))
    elif name == "新老占比":
        assert (theirs[0]["新客数"] == mine.table["新客数"]).all()


def compare(n: int, times: int) -> None:
    frames = tiled(n)
    heading(f"{n:,} 单，{len(frames['customers']):,} 位客户，{len(frames['order_items']):,} 行明细")

    def read() -> Facts:
        return Facts.of_frames(**frames)

    facts = read()
    theirs, mine = plain(frames), ours(facts)
    sums = np.zeros((2, 2))
    for name in theirs:
        results: list[object] = []
        a, b = timed(theirs[name], times, results), timed(mine[name], times, results)
        agree(name, *results)
        sums += np.array([a, b])
        row(name, a, b)
    row("七项合计", tuple(sums[0]), tuple(sums[1]), "数据列已读入（打开店铺后只读一次）")
    once = timed(read, 1 if n > 100_000 else times)
    whole = (sums[1][0] + once[0], sums[1][1] + once[1])
    row("合计+读入", tuple(sums[0]), whole, f"由同样的表转成数据列 {once[0]:.0f} ms 也算在内")

    def columns() -> float:
        ledger = facts.ledger
        parts = (ledger, ledger.lines, ledger.refunds)
        return sum(v.nbytes for p in parts for v in vars(p).values() if isinstance(v, np.ndarray))

    size = sum(f.memory_usage(deep=True).sum() for f in frames.values())
    print(f"内存：表 {size / 1e6:.0f} MB，数据列 {columns() / 1e6:.0f} MB；"
          f"次数分析峰值 pandas {peak(theirs['次数分析']):.0f} MB，crmkit {peak(mine['次数分析']):.0f} MB")  # fmt: skip


def to_sqlite(shop: shops.Shop, path: Path) -> None:
    """The frames of a shop as tables of an SQLite file, indexed as the store's are."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for name in schema.TABLES:
            frame = schema.to_english(getattr(shop, name), name)
            frame.to_sql(name, connection, index=False)
            table = tables.metadata.tables[name]
            keys = [tuple(c.name for c in table.primary_key.columns)]
            keys += [tuple(c.name for c in index.columns) for index in table.indexes]
            for n, columns in enumerate(keys):
                known = [c for c in columns if c in frame]
                if known:
                    connection.execute(f"CREATE INDEX {name}_{n} ON {name} ({', '.join(known)})")
        connection.commit()


def opening() -> None:
    """A shop from its frames into its file, and again from the file.

    Beside it pandas writing the same frames with the same indexes into an SQLite file, and pandas
    reading the tables' CSV files, which leaves nothing that could be written to.
    """
    heading("打开店铺（全店数据，茶叶）")
    folder = shops.root() / "tea" / "tables"

    def csv() -> dict[str, pd.DataFrame]:
        out = {}
        for name, table in schema.TABLES.items():
            days = [c.name for c in table.columns if c.type in ("date", "time")]
            ids = {c.name: str for c in table.columns if c.type == "text"}
            out[name] = pd.read_csv(folder / f"{name}.csv", dtype=ids, parse_dates=days,
                                    encoding="utf-8-sig")  # fmt: skip
        return out

    with tempfile.TemporaryDirectory() as place:
        # Importing the libraries and cutting the variant are not what is measured.
        crm.open_shop("tea", student="2025010101", lab="O0", folder=place).close()
        shops.variant("tea", "2025010101", "O1").tables()
        started, cpu = time.perf_counter(), time.process_time()
        session = crm.open_shop("tea", student="2025010101", lab="O1", folder=place, role="店长")
        first = (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000
        cut = shops.variant("tea", "2025010101", "O1")
        files = iter(range(3))
        built = timed(lambda: to_sqlite(cut, Path(place) / f"{next(files)}.db"), 3)
        row("第一次", built, first, "建店铺文件（带索引）、登录；pandas 用 to_sql 建同样的表和索引")
        row("第一次（只读）", timed(csv, 3), first, "pandas 只读 CSV，不建可以写的文件")

        def again(count: bool) -> None:
            other = crm.open_shop("tea", student="2025010101", lab="O1", folder=place, role="店长")
            if count:
                other.analysis.counts()
            other.close()

        def counted() -> None:
            orders = csv()["orders"]
            paid = orders[
                orders["status"].isin(schema.VALID_ORDER_STATUS) & orders["paid_at"].notna()
            ]
            each = paid.groupby("customer_id")["amount"].agg(["size", "sum"])
            each.groupby(pd.cut(each["size"], [0, 1, 2, 5, np.inf]), observed=False)["sum"].agg(
                ["size", "sum"]
            )

        row(
            "再次",
            timed(csv, 3),
            timed(lambda: again(False), 3),
            "打开、检查文件、登录、写日志、关闭",
        )
        row(
            "再次+次数分析",
            timed(counted, 3),
            timed(lambda: again(True), 3),
            "同上，并读入全部数据列",
        )

        functions = {
            "等级分析": session.analysis.level, "回购分析": session.analysis.repurchase,
            "次数分析": session.analysis.counts, "流失分析": session.analysis.churn,
            "地域分析": session.analysis.region, "客单价分析": session.analysis.order_value,
            "新老占比": session.analysis.new_old,
        }  # fmt: skip
        theirs = plain({"customers": cut.customers, "orders": cut.orders,
                        "order_items": cut.order_items, "returns": cut.returns})  # fmt: skip
        heading(f"通过 CRM 的功能（查权限、写日志都在内），{len(cut.orders):,} 单")
        sums = np.zeros((2, 2))
        for name in functions:
            a, b = timed(theirs[name], 5), timed(functions[name], 5)
            sums += np.array([a, b])
            row(name, a, b)
        row("七项合计", tuple(sums[0]), tuple(sums[1]))
        session.close()


if __name__ == "__main__":
    opening()
    compare(10_000, 5)
    compare(1_000_000, 1)
