"""Chinese in charts on a machine without any Chinese font: no glyph is missing.

The charts are drawn in a process of its own whose matplotlib knows only the fonts it brings
along, with every warning an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont

from crmkit.ui import theme

ROOT = Path(__file__).resolve().parents[3]
# Folders whose texts may end up in a chart; `tests` writes odd characters on purpose.
TEXTS = ("crmkit", "autograder", "chapters", "labs", "datasets")
TEXT_FILES = (".csv", ".md", ".yaml", ".toml", ".py", ".js", ".ipynb")
NOT_OURS = ("node_modules", ".ipynb_checkpoints", "static", "exports", "out", "reports", "voila")

HIDE_OTHER_FONTS = """
import warnings, matplotlib
matplotlib.use("agg")
from matplotlib import font_manager
own = matplotlib.get_data_path()
font_manager.fontManager.ttflist = [
    f for f in font_manager.fontManager.ttflist if f.fname.startswith(own)]
warnings.simplefilter("error")
import io
import matplotlib.pyplot as plt
import pandas as pd
"""
DRAW = """
def draw():
    figure, axes = plt.subplots()
    axes.bar(["茶叶", "瓷器", "数码"], [3.2, -1.5, 2.0], label="环比")
    axes.set_title("销售额 ¥ 与客单价：−3 % → ≥ 5 ‰ ①②③ ✓", weight="bold")
    axes.set_ylabel("金额（万元）")
    axes.legend()
    for kind in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=kind)
"""


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Matplotlib's folder for the processes below; its list of fonts takes long to make."""
    folder = tmp_path_factory.mktemp("matplotlib")
    for made in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(made, folder)
    (folder / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    return folder


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDE_OTHER_FONTS + DRAW + code],
        env={
            **os.environ,
            "FONTCONFIG_FILE": str(folder / "fonts.conf"),
            "MPLCONFIGDIR": str(folder),
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def glyphs() -> set[int]:
    """Code points that both weights of the font have."""
    fonts = [TTFont(path).getBestCmap() for path in sorted(theme.FONTS.glob("*.otf"))]
    assert len(fonts) == 2
    return set(fonts[0]) & set(fonts[1])


def test_without_the_theme_glyphs_are_missing(private: Path) -> None:
    """Proves that the machine's fonts are hidden, so that the tests below can fail."""
    found = run("draw()", private)
    assert found.returncode != 0
    assert "missing from font" in found.stderr


def test_chinese_charts_draw_without_a_warning(private: Path) -> None:
    """Also when the theme is used twice, and again after a seaborn style call."""
    code = """
from crmkit.ui import theme
theme.use()
theme.use("tea")
draw()
import seaborn
seaborn.set_theme(style="dark")
theme.use()
draw()
"""
    found = run(code, private)
    assert found.returncode == 0, found.stderr


def test_charts_of_the_kit_draw_without_a_warning(private: Path) -> None:
    code = """
from crmkit.ui import charts, theme
theme.use("ceramics")
frame = pd.DataFrame({
    "日期": pd.date_range("2025-01-31", periods=4, freq="ME"),
    "销售额": [80_000.0, -5_000.0, 120_000.0, 96_500.0],
    "商品名称": ["影青花瓶", "柴烧主人杯", "青花盖碗", "粉彩茶具六件套"]})
charts.trend(frame, title="月销售额", shop="ceramics")
axes = charts.ranking(frame, title="商品排行")
charts.percent_axis(plt.subplots()[1], label="复购率")
html = charts.described(axes.figure, "青花盖碗卖得最好。").data
assert 'alt="青花盖碗卖得最好。"' in html
"""
    found = run(code, private)
    assert found.returncode == 0, found.stderr


def test_font_has_the_whole_list_of_common_characters(glyphs: set[int]) -> None:
    lines = (theme.FONTS / "characters.txt").read_text(encoding="utf-8").splitlines()
    listed = "".join(line for line in lines if not line.startswith("#"))
    assert len(listed) == len(set(listed)) == 8105
    assert [c for c in listed if ord(c) not in glyphs] == []


def course_texts() -> Iterator[Path]:
    for name in TEXTS:
        for path in (ROOT / name).rglob("*"):
            if path.suffix in TEXT_FILES and not set(path.parts) & set(NOT_OURS):
                yield path


def test_font_has_every_character_of_the_course(glyphs: set[int]) -> None:
    """Names, products and texts of the course, whatever its authors write next."""
    where: dict[str, Path] = {}
    for path in course_texts():
        for character in set(path.read_text(encoding="utf-8-sig")):
            where.setdefault(character, path.relative_to(ROOT))
    # Only letters and ideographs: DejaVu, the second family, draws odd signs.
    letters = {c for c in where if unicodedata.category(c).startswith("L") and ord(c) > 0x2E7F}
    assert len(letters) > 1000
    missing = {c: str(where[c]) for c in sorted(letters) if ord(c) not in glyphs}
    assert missing == {}


def test_font_is_renamed_as_its_licence_asks() -> None:
    for path in sorted(theme.FONTS.glob("*.otf")):
        names = TTFont(path)["name"]
        assert names.getDebugName(1) == theme.FAMILY
        assert not any(
            "Noto" in str(record) or "Source" in str(record)
            for record in names.names
            if record.nameID in (1, 3, 4, 6, 16)
        )
        assert "SIL Open Font License" in names.getDebugName(13)
    assert "SIL OPEN FONT LICENSE" in (theme.FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_importing_the_theme_loads_no_plotting_library() -> None:
    code = "import sys, crmkit.ui.theme, crmkit.ui.charts; print('matplotlib' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert found.stdout.strip() == "False"
