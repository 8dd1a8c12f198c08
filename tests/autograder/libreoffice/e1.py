"""Lab E1 in LibreOffice: the rules of entry as formulas, the rows filtered by them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.autograder.libreoffice.calc import (
    AS_TEXT,
    DAY,
    EQUAL,
    MONEY,
    NOT_EQUAL,
    WORDS,
    Book,
    Office,
    Sheet,
)

COLUMNS = [
    "客户编号",
    "昵称",
    "姓名",
    "生日",
    "手机",
    "省份",
    "城市",
    "来源",
    "渠道",
    "注册日期",
    "累计订单数",
    "累计金额",
]
DAYS, NUMBERS = ("生日", "注册日期"), ("累计订单数", "累计金额")
TODAY = "DATE(2025;12;31)"
IMPOSSIBLE = ("手机格式", "生日晚于今日", "缺昵称")


def solve(office: Office, folder: Path) -> None:
    book = office.open_text(folder / "new_customers.csv", [AS_TEXT] * 12)
    raw = book.sheet()
    raw.name = "原始"
    check(raw)
    good, bad = book.add("合格"), book.add("退回的行")
    raw.filter_to(good, ("核对", EQUAL, "合格"))
    raw.filter_to(bad, ("核对", NOT_EQUAL, "合格"))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    enter(book.add("客户档案"), card, good)
    kept = [bad.header.index(name) for name in ("序号", "手机", "核对")]
    rows = [[row[n] for n in kept] for row in bad.values(bad.everything())[1:]]
    book.add("退回").put("A1", [["序号", "手机", "原因"], *rows])
    report(book, raw)
    book.save(folder / "customer_file.xlsx")
    book.close()


def check(raw: Sheet) -> None:
    """Why a row is refused, as a formula; then kept as a value."""
    mobile, born, nick = (f"{raw.column(name)}2" for name in ("手机", "生日", "昵称"))
    above = f"{mobile[0]}$1:{mobile[0]}1"
    formula = (
        f'=IF(NOT(AND(LEN({mobile})=11;LEFT({mobile};1)="1";ISNUMBER(VALUE({mobile}))));"手机格式";'
        f'IF(IF({born}="";0;DATEVALUE({born}))>{TODAY};"生日晚于今日";'
        f'IF(TRIM({nick})="";"缺昵称";IF(SUMPRODUCT(--({above}={mobile}))>0;"重复";"合格"))))'
    )
    rows = raw.rows
    at = raw.add_column("核对", formula)
    raw.put(f"{at}2", raw.values(f"{at}2:{at}{rows}"))


def enter(page: Sheet, card: dict[str, str], good: Sheet) -> None:
    """The card in row 2, the sound rows below; days and numbers out of texts by formulas."""
    last = good.rows + 1
    page.put("A1", [COLUMNS])
    page.fill("A", '="C"&TEXT(ROW()-1;"000000")', last)
    for n, name in enumerate(COLUMNS[1:], start=1):
        at, source = chr(65 + n), f"$'{good.name}'.{good.column(name)}2"
        if name in DAYS:
            page.type(f"{at}2", card[name])
            page.fill(at, f'=IF({source}="";"";DATEVALUE({source}))', last, first=3)
            page.show_as(f"{at}2:{at}{last}", DAY)
        elif name in NUMBERS:
            page.type(f"{at}2", card[name])
            page.fill(at, f"=VALUE({source})", last, first=3)
        else:
            page.show_as(f"{at}2:{at}{last}", WORDS)
            page.type(f"{at}2", card[name])
            page.put(f"{at}3", good.values(good.area(name, absolute=False)))
    page.show_as(f"L2:L{last}", MONEY)
    page.freeze(0, 1)
    page.book.press(page, page.everything(), "DataFilterAutoFilter")


def report(book: Book, raw: Sheet) -> None:
    said, registered = raw.area("核对"), raw.area("注册日期")
    rows = raw.rows - 1
    count = {r: f'COUNTIF({said};"{r}")' for r in ("合格", "重复", *IMPOSSIBLE)}
    six = f"$'{raw.name}'.${raw.column('昵称')}$2:${raw.column('城市')}${raw.rows}"
    age = f"({TODAY}-DATEVALUE({registered}))"
    answers = [
        ("E1-09", "added", count["合格"]),
        ("E1-09", "duplicated", count["重复"]),
        ("E1-09", "invalid", "+".join(count[r] for r in IMPOSSIBLE)),
        ("E1-10", "准确性", f"1-{count['手机格式']}/{rows}"),
        ("E1-10", "有效性", f"{count['合格']}/{rows}"),
        ("E1-10", "及时性", f"SUMPRODUCT(({age}>=0)*({age}<=365))/{rows}"),
        ("E1-10", "完备性", f'SUMPRODUCT(--({six}<>""))/({rows}*6)'),
    ]
    page = book.add("答案")
    page.put("A1", [["题号", "名称", "值"], *([item, name, ""] for item, name, _ in answers)])
    for n, (_, _, formula) in enumerate(answers, start=2):
        page.type(f"C{n}", f"={formula}")
