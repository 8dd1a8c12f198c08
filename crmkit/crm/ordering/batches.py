"""Doing the same to many orders: rows from a list or a workbook, a result for every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.crm.audit import Operation
from crmkit.crm.errors import CrmError, InvalidInput

if TYPE_CHECKING:
    import pandas as pd

ALREADY = "已经通知过，没有再发"
SHIPPING_COLUMNS = ("订单编号", "快递公司", "运单号")


def each(
    op: Operation, rows: Sequence[tuple[str, ...]], change: Callable[..., str]
) -> pd.DataFrame:
    """`change` every row (its first value is the order); 行 订单编号 结果 说明.

    A refusal is a row of the result and of the log, not the end: `change` must refuse before it
    writes anything.
    """
    import pandas as pd

    result, refused = [], []
    for n, row in enumerate(rows, start=1):
        try:
            said = change(*row)
            result.append((n, row[0], "跳过" if said == ALREADY else "成功", said))
        except CrmError as error:
            result.append((n, row[0], "拒绝", str(error)))
            refused.append({"订单": row[0], "原因": str(error)})
    op.detail.update({"成功": sum(r[2] == "成功" for r in result), "拒绝": len(refused)})
    if refused:
        op.detail["拒绝的行"] = refused
    op.object = "、".join(row[0] for row in rows[:3]) + ("…" if len(rows) > 3 else "")
    return pd.DataFrame(result, columns=["行", "订单编号", "结果", "说明"])


def parcels(rows: Any) -> list[tuple[str, str, str]]:
    """订单编号, 快递公司, 运单号 of every row of a workbook, a frame or a list of dicts."""
    import pandas as pd

    if isinstance(rows, (str, Path)):
        from crmkit.workbook import read_table

        rows = read_table(rows).frame
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    missing = [c for c in SHIPPING_COLUMNS if c not in frame.columns]
    if missing:
        raise InvalidInput(
            f"发货表缺少列：{'、'.join(missing)}。需要：{'、'.join(SHIPPING_COLUMNS)}",
            {"rows": f"缺少列 {'、'.join(missing)}"},
        )
    wanted = frame[list(SHIPPING_COLUMNS)]
    text = wanted.astype(object).where(wanted.notna(), "")
    return [(str(a).strip(), str(b).strip(), str(c).strip()) for a, b, c in text.to_numpy()]
