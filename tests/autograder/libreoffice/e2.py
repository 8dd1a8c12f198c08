"""Lab E2 in LibreOffice: four columns by formulas, a page for each source, lists and links."""

from __future__ import annotations

from pathlib import Path

from tests.autograder.libreoffice.calc import AS_DAY, AS_TEXT, EQUAL, Book, Office, Sheet

MEMBERS_DAY, EDGE = "DATE(2026;3;1)", "DATE(2025;12;31)-180"
BANDS = ((24, "≤24"), (34, "25-34"), (44, "35-44"), (54, "45-54"))


def solve(office: Office, folder: Path) -> None:
    book = office.open(folder / "customer_file_clean.xlsx")
    master = book.sheet("客户档案")
    gender = book.take_over(office.open_text(folder / "gender.csv", [AS_TEXT] * 2), "性别表")
    orders = office.open_text(folder / "last_orders.csv", [AS_TEXT, AS_DAY])
    last = book.take_over(orders, "最近下单")
    add_columns(master, gender)
    found = master.values(master.area("来源", absolute=False))
    sources = list(dict.fromkeys(str(row[0]) for row in found))
    for source in sources:
        master.filter_to(book.add(source), ("来源", EQUAL, source))
    directory(book, master, sources)
    report(book, master, last)
    book.save(folder / "客户档案归类.xlsx")
    book.close()


def add_columns(master: Sheet, gender: Sheet) -> None:
    rows, key = master.rows, f"{master.column('客户编号')}2"
    born, orders = f"{master.column('生日')}2", f"{master.column('累计订单数')}2"
    found = f"INDEX({gender.area('性别')};MATCH({key};{gender.area('客户编号')};0))"
    at = master.add_column("性别", f'=IFERROR({found};"未知")', rows)
    master.drop_down(f"{at}2:{at}{rows}", ("男", "女", "未知"))
    age = master.add_column("年龄", f'=IF({born}="";"";DATEDIF({born};{MEMBERS_DAY};"y"))', rows)
    at = master.add_column("交易状态", f'=IF({orders}>=1;"已成交";"未成交")', rows)
    master.drop_down(f"{at}2:{at}{rows}", ("已成交", "未成交"))
    band = '"≥55"'
    for most, name in reversed(BANDS):
        band = f'IF({age}2<={most};"{name}";{band})'
    master.add_column("年龄段", f'=IF({age}2="";"未知";{band})', rows)


def directory(book: Book, master: Sheet, sources: list[str]) -> None:
    page = book.add("目录")
    page.put("A1", [["页名", "客户数", "链接"], *([source, "", ""] for source in sources)])
    page.fill("B", f"=COUNTIF({master.area('来源')};A2)", len(sources) + 1)
    for n, source in enumerate(sources, start=2):
        page.link(f"C{n}", "打开", f"#{source}.A1")


def report(book: Book, master: Sheet, last: Sheet) -> None:
    orders, registered = master.area("累计订单数"), master.area("注册日期")
    bought = last.area("最近下单日期")
    states = [
        ("潜在客户", f'=COUNTIFS({orders};"<1";{registered};"<"&{EDGE})'),
        ("目标客户", f'=COUNTIFS({orders};"<1";{registered};">="&{EDGE})'),
        ("现实客户", f'=COUNTIF({bought};">="&{EDGE})'),
        ("流失客户", f'=COUNTIF({bought};"<"&{EDGE})'),
    ]
    page = book.add("答案")
    page.put("A1", [["题号", "名称", "值"], *(["E2-09", name, ""] for name, _ in states)])
    for n, (_, formula) in enumerate(states, start=2):
        page.type(f"C{n}", formula)
