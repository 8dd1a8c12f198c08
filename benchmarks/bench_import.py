"""Import of a large customer workbook beside reading it with openpyxl: `make bench` runs this.

The workbook (CRMKIT_BENCH_ROWS customers, default 200,000, 14 columns) is written once into a
temporary folder. Cell by cell is what a plain script does: load_workbook(path), then ws.cell(r, c)
for every row and column; row by row is the same with read_only=True. Reading alone and the whole import (read, judge row by row, write with the log of
every change) are each a process of their own, so that memory is that of one of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

HEADER = (
    "客户编号 昵称 姓名 性别 生日 手机 省份 城市 来源 渠道编号 注册日期 会员等级 接受营销 备注"
).split()
DATES = (4, 10)  # columns with Excel's day numbers
SHOP: Any = None
ROWS = int(os.environ.get("CRMKIT_BENCH_ROWS", "200000"))
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def customer(k: int) -> list[object]:
    return [
        f"N{k:07d}", f"茶友{k:06d}", "王李张刘陈"[k % 5] + "晓小文"[k % 3] + "平芳伟"[k % 7 % 3],
        "男女"[k % 2], 30_000 + k % 12_000, f"139{k:08d}", "浙江 江苏 广东 北京".split()[k % 4],
        f"城市{k % 50}", "搜索 直播 短视频".split()[k % 3], f"T0{1 + k % 3}", 45_300 + k % 700,
        "普通会员", "是否"[k % 2], "" if k % 10 else "老客介绍",
    ]  # fmt: skip


def write_workbook(path: Path, rows: int) -> None:
    """As Excel writes it: shared strings, dates as numbers with a format."""
    shared: dict[str, int] = {}
    letters = "ABCDEFGHIJKLMN"

    def cells(number: int, values: list[object]) -> str:
        out = []
        for place, value in enumerate(values):
            at = f'r="{letters[place]}{number}"'
            if isinstance(value, int):
                out.append(f'<c {at} s="1"><v>{value}</v></c>')
            elif value:
                out.append(f'<c {at} t="s"><v>{shared.setdefault(str(value), len(shared))}</v></c>')
        return f'<row r="{number}">{"".join(out)}</row>'

    def part(name: str, text: str) -> None:
        book.writestr(name, _HEAD + text)

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        parts = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "styles": "styles",
                 "sharedStrings": "sharedStrings"}  # fmt: skip
        listed = "".join(
            f'<Override PartName="/xl/{n}.xml" ContentType="{_TYPE}.{t}+xml"/>'
            for n, t in parts.items()
        )
        part("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">'
             '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
             f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>')  # fmt: skip
        part("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
             f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>')  # fmt: skip
        part("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
             '<sheet name="顾客" sheetId="1" r:id="r1"/></sheets></workbook>')  # fmt: skip
        relations = "".join(
            f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}.xml"/>'
            for n, (kind, target) in enumerate(
                {"worksheet": "worksheets/sheet1", "styles": "styles",
                 "sharedStrings": "sharedStrings"}.items(), start=1)
        )  # fmt: skip
        part("xl/_rels/workbook.xml.rels",
             f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>')  # fmt: skip
        part("xl/styles.xml", f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
             '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
             '<fonts count="1"><font><sz val="11"/></font></fonts>'
             '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
             '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
             '<cellXfs count="2"><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>')  # fmt: skip
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{cells(1, list(HEADER))}'.encode()
            )
            for k in range(rows):
                sheet.write(cells(k + 2, customer(k)).encode())
            sheet.write(b"</sheetData></worksheet>")
        part("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">'
             + "".join(f"<si><t>{text}</t></si>" for text in shared) + "</sst>")  # fmt: skip


# --- what is measured, each in a process of its own ----------------------------------------------
def cell_by_cell(path: str) -> int:
    import openpyxl

    warnings.simplefilter("ignore")
    sheet = openpyxl.load_workbook(path).active
    last, width = sheet.max_row, sheet.max_column
    return len([[sheet.cell(r, c).value for c in range(1, width + 1)] for r in range(2, last + 1)])


def row_by_row(path: str) -> int:
    import openpyxl

    warnings.simplefilter("ignore")
    sheet = openpyxl.load_workbook(path, read_only=True).active
    return len([[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)])


def reading(path: str) -> int:
    from crmkit import workbook

    return len(workbook.read_customers(path).frame)


def importing(path: str) -> int:
    told: list[int] = []
    plan = SHOP.customers.import_file(path)
    SHOP.customers.apply_import(plan, progress=lambda done, total: told.append(done))
    assert plan.counts["新增"] == told[-1] and len(told) > 1
    return told[-1]


MEASURED = {
    "openpyxl 逐格（ws.cell）": cell_by_cell, "openpyxl 逐行（iter_rows 只读）": row_by_row,
    "crmkit 读入、清洗、报告": reading, "crmkit 整个导入（含写入和日志）": importing,
}  # fmt: skip


def measure(name: str, path: str) -> None:
    """Print rows, wall and CPU seconds and the largest memory in MB."""
    import resource

    global SHOP  # opening the shop and importing libraries are not what is measured
    from crmkit import crm, workbook

    with tempfile.TemporaryDirectory() as folder:
        SHOP = crm.open_shop("tea", student="2025010101", lab="O1", folder=folder, role="店长")
        workbook.read_customers("昵称,手机\n甲,13900000000\n".encode())
        wall, cpu = time.perf_counter(), time.process_time()
        rows = MEASURED[name](path)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        SHOP.close()
    print(rows, wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "顾客.xlsx"
        write_workbook(path, ROWS)
        print(f"{ROWS:,} 行 × {len(HEADER)} 列，{path.stat().st_size / 1e6:.0f} MB")
        print(
            f"{'':<30}{'秒':>8}{'CPU 秒':>8}{'内存 MB':>9}{'快几倍（对逐格、对逐行；时间 / CPU）':>24}"
        )
        base: list[tuple[float, float]] = []
        for name in MEASURED:
            done = subprocess.run(
                [sys.executable, __file__, name, str(path)], check=True, capture_output=True, text=True,
                encoding="utf-8",
            )  # fmt: skip
            rows, wall, cpu, memory = map(float, done.stdout.split())
            assert rows == ROWS, (name, rows)
            ratios = "   ".join(f"{w / wall:.1f}× / {c / cpu:.1f}×" for w, c in base[:2])
            print(
                f"{name:<30}{wall:>8.1f}{cpu:>8.1f}{memory:>9.0f}   {ratios if len(base) > 1 else ''}"
            )
            base.append((wall, cpu))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(*sys.argv[1:])
    else:
        main()
