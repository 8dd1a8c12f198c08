"""From the store's columns to what people see: Chinese labels, words, yuan, dates, masks."""

from __future__ import annotations

import pandas as pd

from crmkit import schema
from crmkit.crm.storage import tables

_FORMATS = {"date": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M:%S"}


def labelled(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """A frame of one base table as students hold it (see `crmkit.schema`), with the CRM's own columns.

    Money in yuan, times as datetime64, flags as bool, codes in words; rev becomes 版本.
    """
    out = pd.DataFrame(index=frame.index)
    known = {c.name: c for c in schema.TABLES[table].columns}
    extra = tables.EXTRA.get(table, {})
    for name in frame.columns:
        values = frame[name]
        c = known.get(name)
        if c is None:
            label = "版本" if name == "rev" else extra[name][0] if name in extra else name
            out[label] = values
        elif c.type in _FORMATS:
            out[c.label] = pd.to_datetime(values, format=_FORMATS[c.type])
        elif c.type == "money":
            out[c.label] = values.astype("float64") / 100
        elif c.type == "bool":
            out[c.label] = values.astype("int64") == 1
        elif c.type == "code":
            out[c.label] = values.map(schema.CODES[c.codes])
        else:
            out[c.label] = values
    return out


def masked_name(name: str | None) -> str:
    """陈晓平 → 陈*平, 王芳 → 王*: as the platforms show names since 2021."""
    if not name:
        return ""
    return name[0] + "*" if len(name) <= 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def masked_mobile(mobile: str | None) -> str:
    """13800001234 → 138****1234."""
    if not mobile:
        return ""
    return mobile if len(mobile) < 8 else mobile[:3] + "*" * (len(mobile) - 7) + mobile[-4:]


def masked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with 姓名 and 手机 masked; other columns as they are."""
    out = frame.copy(deep=False)
    for label, mask in (("姓名", masked_name), ("手机", masked_mobile), ("收件人", masked_mobile)):
        if label in out.columns:
            shown = [mask(v) if isinstance(v, str) else "" for v in out[label].tolist()]
            out[label] = pd.Series(shown, index=out.index, dtype="str")
    return out
