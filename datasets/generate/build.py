"""All files of the course data, by their names below datasets/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import (
    airline,
    ceramics,
    cosmetics,
    dictionary,
    electronics,
    exports,
    meta,
    pools,
    tables,
    tea,
    world,
)
from .spec import Shop

SHOPS: tuple[Shop, ...] = (tea.SHOP, ceramics.SHOP, electronics.SHOP)
_OURS = ("tables", "exports", "workbooks")


def shop_files(shop: Shop) -> tuple[dict[str, bytes], dict[str, Any], dict[str, Any]]:
    """Files of one shop, its truth, its planted facts."""
    made = world.build(shop)
    handed, found = exports.files(made)
    parts = {**tables.files(made), **handed}
    files = {f"{shop.name}/{name}": data for name, data in parts.items()}
    return files, meta.truth(made), {**made.planted, "raw_files": found}


def everything() -> dict[str, bytes]:
    """File name → bytes, meta.yaml and the data dictionary included."""
    files: dict[str, bytes] = {}
    truths: dict[str, Any] = {}
    planted: dict[str, Any] = {}
    for shop in SHOPS:
        made, truths[shop.name], planted[shop.name] = shop_files(shop)
        files |= made
    pool, planted["excel"], truths["excel"] = pools.files()
    files |= {f"excel/{name}": data for name, data in pool.items()}
    log, truths["airline"] = airline.files()
    files |= {f"calls/{name}": data for name, data in log.items()}
    twin, truths["cosmetics"] = cosmetics.files()
    files |= {f"cases/{name}": data for name, data in twin.items()}
    files["README.md"] = dictionary.document(SHOPS)
    files["meta.yaml"] = meta.document(files, truths, planted, SHOPS)
    return files


def stale(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Files in the folders written here that are no longer among those written."""
    found = []
    for shop in SHOPS:
        for part in _OURS:
            for path in sorted((folder / shop.name / part).rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and name not in files:
                    found.append(name)
    return found
