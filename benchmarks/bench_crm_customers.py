"""顾客速查 of the CRM beside straightforward pandas on the same frames: `make bench` runs this.

A shop's customers and orders are tiled with new ids to 5,000 and 500,000 customers. On one side
is the CRM's own function with everything it does (right, search, sort, page, masks, a row of the
log that is committed to the file); on the other a pandas user with the same frames, once with the
figures of the card computed for the search, once with a frame that has them already. The same
customers must come out before times are printed.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crmkit import crm, shops  # noqa: E402
from crmkit.crm import store  # noqa: E402
from crmkit.crm.figures import cards  # noqa: E402

VALID = ("待发货", "部分发货", "已发货", "交易成功", "退款关闭")
TABLES = ("customers", "orders", "order_items")
Frames = dict[str, pd.DataFrame]
Rule = Callable[[pd.DataFrame], "pd.Series[bool]"]

# What is asked for: parameters of the CRM's function, and the same in pandas.
ASKED: dict[str, tuple[dict[str, Any], Rule]] = {
    "昵称含“茶”": ({"nick": "茶"}, lambda f: f["昵称"].str.contains("茶", case=False, regex=False)),
    "手机尾号": ({"mobile_tail": "5800"}, lambda f: f["手机"].str.endswith("5800")),
    "省份+等级": (
        {"province": "浙江", "level": "普通会员"},
        lambda f: (f["省份"] == "浙江") & (f["会员等级"] == "普通会员"),
    ),
    "订单数+金额": (
        {"orders": (2, 4), "amount": (200, None)},
        lambda f: f["累计订单数"].between(2, 4) & (f["累计金额"] >= 200),
    ),
    "最近购买+来源": (
        {"last_order": ("2025-12-01", "2025-12-31"), "source": "短视频"},
        lambda f: f["最近购买"].between("2025-12-01", "2025-12-31 23:59:59") & (f["来源"] == "短视频"),
    ),
}  # fmt: skip


def tiled(n: int) -> Frames:
    """The tea shop again and again with new ids and mobiles, cut to `n` customers."""
    shop = shops.load("tea")
    frames: Frames = {name: getattr(shop, name) for name in TABLES}
    copies = -(-n // len(frames["customers"]))
    out: Frames = {}
    for name, frame in frames.items():
        big = pd.concat([frame] * copies, ignore_index=True)
        copy = pd.Series(np.repeat(np.arange(copies), len(frame)))
        for label in ("客户编号", "订单编号"):
            if label in big:
                big[label] = big[label] + "-" + copy.astype(str)
        if "手机" in big:
            ends = (big["手机"].str[-4:].astype(int) + 7 * copy) % 10_000
            big["手机"] = big["手机"].str[:-4] + ends.astype(str).str.zfill(4)
        out[name] = big
    out["customers"] = out["customers"].head(n)
    out["orders"] = out["orders"][out["orders"]["客户编号"].isin(out["customers"]["客户编号"])]
    out["order_items"] = out["order_items"][
        out["order_items"]["订单编号"].isin(out["orders"]["订单编号"])
    ]
    return out


def with_figures(frames: Frames) -> pd.DataFrame:
    """The customers with what they bought, as a pandas user writes it."""
    orders = frames["orders"]
    paid = orders[orders["订单状态"].isin(VALID) & orders["付款时间"].notna()]
    figures = paid.groupby("客户编号").agg(
        累计订单数=("订单编号", "size"), 累计金额=("实付金额", "sum"), 首次购买=("付款时间", "min"),
        最近购买=("付款时间", "max"),
    )  # fmt: skip
    lines = frames["order_items"].merge(paid[["订单编号", "客户编号"]], on="订单编号")
    figures["购买件数"] = lines.groupby("客户编号")["数量"].sum()
    closed = orders[orders["订单状态"].isin(["退款关闭", "未付款关闭"])].groupby("客户编号")[
        "实付金额"
    ]
    figures = figures.join(closed.agg(关闭笔数="size", 关闭金额="sum"), how="outer")
    whole = frames["customers"].merge(figures, how="left", left_on="客户编号", right_index=True)
    counted = ["累计订单数", "累计金额", "购买件数", "关闭笔数", "关闭金额"]
    whole[counted] = whole[counted].fillna(0)
    return whole


def searched(frame: pd.DataFrame, rule: Rule) -> tuple[int, pd.DataFrame]:
    """Search, sort by amount, first page, masks."""
    found = frame[rule(frame)]
    page = found.sort_values("累计金额", ascending=False, kind="stable").head(20).copy()
    page["姓名"] = page["姓名"].str[0] + "**"
    page["手机"] = page["手机"].str[:3] + "****" + page["手机"].str[-4:]
    return len(found), page


def timed(call: Callable[[], object], times: int) -> tuple[float, float]:
    """Best wall and CPU time in ms."""
    best = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        best.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(w for w, _ in best) * 1000, min(c for _, c in best) * 1000


def row(
    name: str, raw: tuple[float, float], ready: tuple[float, float], mine: tuple[float, float]
) -> None:
    ratios = [theirs[i] / max(mine[i], 1e-3) for theirs in (raw, ready) for i in (0, 1)]
    print(f"{name:<14}{raw[0]:>10.1f}{ready[0]:>10.1f}{mine[0]:>10.2f}"
          f"{ratios[0]:>9.1f}×{ratios[1]:>7.1f}×{ratios[2]:>9.1f}×{ratios[3]:>7.1f}×")  # fmt: skip


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(n: int, times: int) -> None:
    frames = tiled(n)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "bench.crm"
        empty = shops.variant("tea", "2025010101", "O1")
        session = crm.Session(store.create(path, empty, student="2025010101", lab="O1"))
        session.login("店长")
        held, cpu = memory(), time.process_time()
        made = cards.Cards(_carded(with_figures(frames)))
        session.customers._cards = (0, made)  # as if read from the file, which holds a small shop
        print(f"\n{n:,} 位客户，{len(frames['orders']):,} 单；会员卡 {made.frame.memory_usage(deep=True).sum() / 1e6:.0f} MB，"
              f"由表算成会员卡 {time.process_time() - cpu:.2f} CPU 秒")  # fmt: skip
        print(
            f"{'':<14}{'pandas ms':>10}{'已有会员卡':>8}{'crmkit ms':>10}{'对 pandas（时间、CPU）':>15}{'对已有会员卡':>10}"
        )
        ready = made.frame
        sums = np.zeros((3, 2))
        for name, (asked, rule) in ASKED.items():

            def ask(asked: dict[str, Any] = asked) -> Any:
                return session.customers.lookup(**asked, sort=(("累计金额", False),))

            total, page = searched(ready, rule)
            mine = ask()
            assert mine.total == total, (name, mine.total, total)
            assert mine.frame["客户编号"].tolist() == page["客户编号"].tolist(), name
            gc.collect()
            a = timed(lambda r=rule: searched(with_figures(frames), r), 1 if n > 100_000 else 3)
            b, c = timed(lambda r=rule: searched(ready, r), times), timed(ask, times)
            sums += np.array([a, b, c])
            row(name, a, b, c)
        row("合计", *(tuple(s) for s in sums))
        print(f"内存：进程最多 {memory():.0f} MB，比建会员卡之前多 {memory() - held:.0f} MB")
        session.close()


def _carded(frame: pd.DataFrame) -> pd.DataFrame:
    """In the order of 客户编号, as the CRM's own cards are."""
    return frame.sort_values("客户编号", ignore_index=True)


def opening() -> None:
    """A shop made for the first time, and opened again, with its first search."""
    with tempfile.TemporaryDirectory() as place:
        crm.open_shop("tea", student="2025010101", lab="O0", folder=place).close()
        for name in ("第一次", "再次"):
            wall = time.perf_counter()
            session = crm.open_shop(
                "tea", student="2025010101", lab="O1", folder=place, role="店长"
            )
            opened = time.perf_counter() - wall
            session.customers.lookup(nick="茶")
            print(
                f"打开店铺（{name}）{opened * 1000:.0f} ms，第一次速查 {(time.perf_counter() - wall - opened) * 1000:.0f} ms"
            )
            session.close()


if __name__ == "__main__":
    opening()
    compare(5_000, 20)
    compare(500_000, 3)
