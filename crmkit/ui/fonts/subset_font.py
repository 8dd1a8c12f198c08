"""Makes the course's font: Noto Sans CJK SC, cut down to what Chinese course material needs.

Run ``python subset_font.py``; it reads the fonts of Debian's package fonts-noto-cjk
(20220127+repack1-1) and the list in ``characters.txt`` and writes the same bytes every time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent
DEBIAN = Path("/usr/share/fonts/opentype/noto")
ORIGINAL = "Noto Sans CJK SC"
FAMILY = "CRM Course Sans SC"  # the licence reserves the original's names
WEIGHTS = ("Regular", "Bold")
SYMBOLS = (
    "‐‑–—―‘’“”†‡•…‰′″‹›※⁄€℃℉№™ℓΩ←↑→↓↔↕⇒⇔∀∂∃∅∆∇∈∏∑−∕√∝∞∠∩∪∫∴≈≠≡≤≥≪≫⊂⊃⊆⊇⊕⊥"
    "■□▪▫▲△▶▷▼▽◀◁◆◇○◎●◯★☆♀♂♠♣♥♦✓✔✕✗✘、。〈〉《》「」『』【】〒〔〕〖〗㎡㎏"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"
)


def characters() -> set[str]:
    """通用规范汉字表, GB 2312, Latin with accents (pinyin), punctuation and symbols."""
    lines = (HERE / "characters.txt").read_text(encoding="utf-8").splitlines()
    wanted = {c for line in lines if not line.startswith("#") for c in line}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            wanted |= set(bytes((row, cell)).decode("gb2312", "ignore"))
    for first, last in ((0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0xFF01, 0xFF5E)):
        wanted |= {chr(code) for code in range(first, last + 1)}
    return wanted | set(SYMBOLS)


def cut(font: TTFont, wanted: set[str]) -> None:
    """Keep the wanted characters; drop hinting and what only vertical setting needs."""
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in wanted])
    subsetter.subset(font)


def rename(font: TTFont, weight: str) -> None:
    """Give the font a family name of its own, in the name table and in the CFF table."""
    postscript = f"{FAMILY.replace(' ', '')}-{weight}"
    names = {1: FAMILY, 3: postscript, 4: f"{FAMILY} {weight}", 6: postscript}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = names[4], FAMILY
    for part in getattr(top, "FDArray", []):
        part.FontName = f"{postscript}-{part.FontName.rsplit('-', 1)[-1]}"


def make(source: Path, target: Path) -> list[Path]:
    """Write one .otf for each weight from the collections in `source`; returns the paths."""
    wanted = characters()
    written = []
    for weight in WEIGHTS:
        collection = TTCollection(source / f"NotoSansCJK-{weight}.ttc", recalcTimestamp=False)
        font = next(
            f for f in collection.fonts if (f["name"].getDebugName(1) or "").startswith(ORIGINAL)
        )
        cut(font, wanted)
        rename(font, weight)
        path = target / f"{FAMILY.replace(' ', '')}-{weight}.otf"
        font.save(path)
        written.append(path)
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=DEBIAN, help="folder of NotoSansCJK-*.ttc")
    parser.add_argument("--target", type=Path, default=HERE)
    arguments = parser.parse_args()
    for made in make(arguments.source, arguments.target):
        print(f"{made.stat().st_size / 1e6:.2f} MB  {made}")
