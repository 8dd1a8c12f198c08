"""渠道关系: the shop's sales channels, how they sell, and which have fallen asleep."""

from __future__ import annotations

import pandas as pd

from crmkit.crm import tables
from crmkit.crm.errors import InvalidInput
from crmkit.crm.frames import labelled
from crmkit.crm.module import Module
from crmkit.schema import CODES

CHANNELS = tables.metadata.tables["channels"]
STATUS = {word: code for code, word in CODES["channel_status"].items()}


class Channels(Module):
    """The seven functions of 渠道关系."""

    key = "channels"

    def list(self) -> pd.DataFrame:
        """渠道列表: every channel with platform, opening date, state, person in charge and fee."""
        with self.session.reading("channels.list") as op:
            return labelled(self.store.frame(CHANNELS, op.connection), "channels")

    def update(
        self, channel_id: str, *, status: str | None = None, contact: str | None = None,
        fee_rate: float | None = None, note: str | None = None, expect: int | None = None,
    ) -> None:  # fmt: skip
        """Maintain one channel; what is None stays as it is.

        Parameters
        ----------
        status
            营业中 or 已关闭.
        fee_rate
            Share of the sales the platform keeps, 0 to 1.
        expect
            The 版本 the caller saw; Conflict when somebody changed the channel since.
        """
        given = {"status": status, "contact": contact, "fee_rate": fee_rate, "note": note}
        to = {k: v for k, v in given.items() if v is not None}
        with self.session.writing("channels.list", "维护渠道", 渠道编号=channel_id, **to) as op:
            op.object = channel_id
            wrong = {}
            if status is not None:
                if status not in STATUS:
                    wrong["status"] = f"状态只能是：{'、'.join(STATUS)}"
                to["status"] = STATUS.get(status)
            if fee_rate is not None and not 0 <= fee_rate < 1:
                wrong["fee_rate"] = "费率要在 0 和 1 之间，例如 0.05 表示 5%"
            if contact is not None and not contact.strip():
                wrong["contact"] = "负责人不能是空的"
            if wrong:
                raise InvalidInput("；".join(wrong.values()), wrong)
            op.update(CHANNELS, channel_id, to=to, expect=expect)
