"""Role play: a scene at a time, choose a reply; every choice is written to a log.

In code: ``play.choose("场景1", "B")``, ``play.choices``, ``play.log``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

_NONE = "（还没有选）"


class RolePlay:
    """Scenes with replies to choose from.

    Parameters
    ----------
    table
        场景, 情形, 代号, 应答: one row for every reply.
    log
        Where every choice is appended (次序, 场景, 代号), the last one of a scene counts.
    """

    def __init__(self, table: pd.DataFrame, log: str | Path = "out/角色扮演.csv") -> None:
        self._path = Path(log)
        self._says: dict[str, str] = {}
        self._replies: dict[str, dict[str, str]] = {}
        for row in table.to_dict("records"):
            self._says[row["场景"]] = row["情形"]
            self._replies.setdefault(row["场景"], {})[row["代号"]] = row["应答"]
        self.log: list[tuple[int, str, str]] = []

    @property
    def choices(self) -> dict[str, Any]:
        """The last choice of every scene; ``...`` where there is none yet."""
        last = {scene: letter for _, scene, letter in self.log}
        return {scene: last.get(scene, ...) for scene in self._says}

    def choose(self, scene: str, letter: str) -> None:
        """Choose a reply and write it down.

        Raises
        ------
        KitError
            There is no such scene or reply.
        """
        if scene not in self._replies or letter not in self._replies[scene]:
            known = "、".join(self._replies.get(scene, self._replies))
            raise KitError(f"没有「{scene}」的应答「{letter}」；可选：{known}。")
        self.log.append((len(self.log) + 1, scene, letter))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("次序", "场景", "代号"), *self.log])

    def play(self) -> Any:
        """The scenes as a form: one list of replies below each."""
        import ipywidgets as widgets

        cards = []
        for scene, says in self._says.items():
            options = [
                (_NONE, ""),
                *((f"{k}　{text}", k) for k, text in self._replies[scene].items()),
            ]
            now = self.choices[scene]
            box = widgets.RadioButtons(
                options=options, value="" if now is ... else now,
                layout=widgets.Layout(width="100%"),
            )  # fmt: skip

            def chosen(change: Mapping[str, Any], scene: str = scene) -> None:
                if change["new"]:
                    self.choose(scene, change["new"])

            box.observe(chosen, names="value")
            cards += [widgets.Label(f"{scene}　{says}"), box]
        return widgets.VBox(cards)
