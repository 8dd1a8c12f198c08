"""Lab E3 in LibreOffice: filters, sorting, a pivot table, ranks, and a chart."""

from __future__ import annotations

from pathlib import Path

from tests.autograder.libreoffice.calc import (
    AS_FOUND,
    AS_TEXT,
    EQUAL,
    LEAST,
    MOST,
    Book,
    Office,
    Sheet,
)

TODAY = "DATE(2025;12;31)"
IDS = ("订单编号", "客户编号")
GROUPS = {
    "重要价值客户": (1, 1, 1), "重要发展客户": (1, 0, 1), "重要保持客户": (0, 1, 1), "重要挽留客户": (0, 0, 1),
    "一般价值客户": (1, 1, 0), "一般发展客户": (1, 0, 0), "一般保持客户": (0, 1, 0), "一般挽留客户": (0, 0, 0),
}  # fmt: skip
TIERS = (("重要客户", 1, 6), ("主要客户", 7, 30), ("普通客户", 31, 120), ("小客户", 121, 600))


def solve(office: Office, folder: Path) -> None:
    book = office.open(folder / "customer_file_full.xlsx")
    people = book.sheet("客户档案")
    file = folder / "orders.csv"
    names = file.read_text(encoding="utf-8-sig").partition("\n")[0].split(",")
    kinds = [AS_TEXT if name in IDS else AS_FOUND for name in names]
    orders = book.take_over(office.open_text(file, kinds), "订单")
    last_days(people, orders)
    lists(book, people)
    provinces = pivot(book, people)
    details(book, people, provinces)
    scores(book)
    report(book, people)
    chart(book, people, provinces)
    book.save(folder / "客户档案分析.xlsx")
    book.close()


def last_days(people: Sheet, orders: Sheet) -> None:
    """The day of each customer's last paid order, as a formula; then kept as a value."""
    state, rows = orders.area("订单状态"), people.rows
    formula = (
        f"=INT(MAXIFS({orders.area('下单时间')};{orders.area('客户编号')};"
        f'{people.column("客户编号")}2;{state};"<>等待付款";{state};"<>未付款关闭"))'
    )
    at = people.add_column("最近下单日", formula)
    people.put(f"{at}2", people.values(f"{at}2:{at}{rows}"))


def lists(book: Book, people: Sheet) -> None:
    men = book.add("男性客户")
    people.filter_to(men, ("性别", EQUAL, "男"))
    men.sort(("累计金额", False), ("客户编号", True))
    dealt = book.add("已成交")
    people.filter_to(dealt, ("交易状态", EQUAL, "已成交"))
    dealt.sort(("最近下单日", False), ("客户编号", True))
    people.filter_to(
        book.add("目标客户"), ("性别", EQUAL, "男"), ("交易状态", EQUAL, "已成交"),
        ("年龄", LEAST, 25.0), ("年龄", MOST, 34.0),
    )  # fmt: skip
    everybody = book.add("排序")
    everybody.put("A1", people.values(people.everything()))
    everybody.sort(("省份", True), ("累计金额", False), ("客户编号", True))


def pivot(book: Book, people: Sheet) -> list[str]:
    """A pivot table, its numbers pasted below names as the task wants them; the provinces."""
    made = book.add("数据透视")
    people.pivot(made, "省份", "性别", {"客户编号": "COUNT", "累计金额": "SUM"})
    lines = made.values(made.everything())
    head = next(n for n, line in enumerate(lines) if line[0] == "省份")
    genders = [*map(str, lines[head][2:-1]), "总计"]
    table, province = {}, ""
    for label, measure, *numbers in lines[head + 1 :]:  # two lines a province: people and amounts
        total = any(name in str(label) for name in ("客户编号", "累计金额"))
        province = "总计" if total else str(label) or province
        which = 0 if "客户编号" in (str(label) if total else str(measure)) else 1
        table.setdefault(province, [[], []])[which] = numbers
    names = [f"{gender} {measure}" for measure in ("人数", "金额") for gender in genders]
    rows = [[name, *people_of, *amounts] for name, (people_of, amounts) in table.items()]
    book.add("透视表").put("A1", [["省份", *names], *rows])
    return [name for name in table if name != "总计"]


def details(book: Book, people: Sheet, provinces: list[str]) -> None:
    """The women of the province whose customers are worth most, of those with twenty or more."""
    page = book.add("各省")
    page.put("A1", [["省份"], *([p] for p in provinces)])
    province, amount = people.area("省份"), people.area("累计金额")
    page.add_column("客户数", f"=COUNTIF({province};A2)")
    page.add_column("人均", f"=AVERAGEIF({province};A2;{amount})")
    means, sizes = page.area("人均"), page.area("客户数")
    page.type("E1", f'=INDEX({page.area("省份")};MATCH(MAXIFS({means};{sizes};">=20");{means};0))')
    best = page.range("E1").String
    people.filter_to(book.add("明细"), ("省份", EQUAL, best), ("性别", EQUAL, "女"))


def scores(book: Book) -> None:
    """How many are worse is the rank less one: equal values have the same rank."""
    dealt, page = book.sheet("已成交"), book.add("RFM")
    page.put("A1", [["客户编号"], *dealt.values(dealt.area("客户编号", absolute=False))])
    n = page.rows - 1
    place = {
        name: f"$'已成交'.{dealt.column(name)}2"
        for name in ("最近下单日", "累计订单数", "累计金额")
    }
    page.add_column("天数", f"={TODAY}-{place['最近下单日']}")
    page.add_column("次数", f"={place['累计订单数']}")
    page.add_column("金额", f"={place['累计金额']}")
    for name, source, order in (("R", "天数", 0), ("F", "次数", 1), ("M", "金额", 1)):
        cell = f"{page.column(source)}2"
        page.add_column(name, f"=1+INT(5*(RANK({cell};{page.area(source)};{order})-1)/{n})")


def report(book: Book, people: Sheet) -> None:
    amount, rfm = people.area("累计金额"), book.sheet("RFM")
    top = f"SUMPRODUCT(LARGE({amount};ROW($1:$120)))/SUM({amount})"
    rows = [("E3-07", "", f"={top}")]
    for name, high in GROUPS.items():
        parts = (f'{rfm.area(c)};"{">=" if h else "<"}4"' for c, h in zip("RFM", high, strict=True))
        rows.append(("E3-09", name, f"=COUNTIFS({';'.join(parts)})"))
    page = book.add("答案")
    page.put("A1", [["题号", "名称", "值"], *([item, name, ""] for item, name, _ in rows)])
    for n, (_, _, formula) in enumerate(rows, start=2):
        page.type(f"C{n}", formula)
    tiers = book.add("金字塔")
    tiers.put(
        "A1", [["层级", "客户数", "金额占比"], *([name, b - a + 1.0, ""] for name, a, b in TIERS)]
    )
    for n, (_, a, b) in enumerate(TIERS, start=2):
        tiers.type(f"C{n}", f"=SUMPRODUCT(LARGE({amount};ROW(${a}:${b})))/SUM({amount})")


def chart(book: Book, people: Sheet, provinces: list[str]) -> None:
    page = book.add("柱形图")
    page.put("A1", [["省份"], *([p] for p in provinces)])
    page.add_column("客户数", f"=COUNTIF({people.area('省份')};A2)")
    page.bar_chart(page.everything(), "各省客户数", "省份", "客户数（人）")
