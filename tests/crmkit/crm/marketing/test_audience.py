"""Rules: whom they find, and how they are shown."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from crmkit import shops
from crmkit.crm import errors
from crmkit.crm.campaigns import audience
from tests.crmkit.crm.marketing.shop import (
    REGULARS,
    Work,
    buying,
    raw,
)


@pytest.mark.parametrize("shop", list(shops.TITLES))
def test_a_rule_finds_whom_pandas_finds(work_in: Work, shop: str) -> None:
    crm, people = work_in(shop), buying(shop)
    days = (pd.Timestamp(crm.as_of) - people["last"].dt.normalize()).dt.days
    province = people["省份"].value_counts().idxmax()
    tags = raw(shop).tags
    tag = tags[tags["对象"] == "customer"]["标签"].value_counts().idxmax()
    tagged = people.index.isin(tags[tags["标签"] == tag]["对象编号"])

    def c(field: str, op: str, value: Any) -> dict[str, Any]:
        return {"field": field, "op": op, "value": value}

    for rule, right in (
        ({"all": []}, pd.Series(True, index=people.index)),
        ({"any": []}, pd.Series(False, index=people.index)),
        (REGULARS, (people["n"] >= 2) & (days <= 180)),
        (c("累计金额", "介于", [500, 900.5]), people["sum"].round(2).between(500, 900.5)),
        (c("省份", "属于", [province, "西藏"]), people["省份"].isin([province, "西藏"])),
        (c("省份", "不是", province), people["省份"].notna() & (people["省份"] != province)),
        (c("标签", "有", tag), pd.Series(tagged, index=people.index)),
        ({"not": c("标签", "有", tag)}, pd.Series(~tagged, index=people.index)),
        (c("距上次购买天数", "≠", 3), days.notna() & (days != 3)),
        (c("流失状态", "属于", ["活跃", "沉默"]), days <= 180),
        ({"any": [c("接受营销", "是", False), {"all": [c("累计订单数", "=", 1), c("性别", "是", "女")]}]},
         ~people["接受营销"] | ((people["n"] == 1) & (people["性别"] == "女"))),
    ):  # fmt: skip
        shown = crm.marketing.preview_rule(rule)
        assert set(shown.customers["客户编号"]) == set(people.index[right]), audience.words(rule)


def test_bought_goods_and_age(work_in: Work) -> None:
    crm, shop = work_in(), raw()
    lines = shop.order_items.merge(shops.valid_orders(shop.orders), on="订单编号")
    sku = lines["商品编码"].value_counts().idxmax()
    rule = {"field": "买过的商品", "op": "有", "value": sku}
    shown = crm.marketing.preview_rule(rule).customers
    assert set(shown["客户编号"]) == set(lines[lines["商品编码"] == sku]["客户编号"])
    groups = lines.merge(shop.products, on="商品编码")
    rule = {"field": "买过的类目", "op": "有", "value": "茶叶"}
    shown = crm.marketing.preview_rule(rule).customers
    assert set(shown["客户编号"]) == set(groups[groups["类目"].str.startswith("茶叶/")]["客户编号"])
    born = shop.customers.dropna(subset=["生日"])
    age = 2025 - born["生日"].dt.year  # on 31 December everybody has had the birthday
    shown = crm.marketing.preview_rule({"field": "年龄", "op": "<", "value": 25}).customers
    assert set(shown["客户编号"]) == set(born[age < 25]["客户编号"])


@pytest.mark.parametrize(
    "rule",
    ["累计订单数≥2", {}, {"field": "累计订单数"}, {"field": "没有", "op": "≥", "value": 1},
     {"field": "累计订单数", "op": "有", "value": 1}, {"field": "累计订单数", "op": "≥", "value": "2"},
     {"field": "累计订单数", "op": "≥", "value": True}, {"field": "累计金额", "op": "介于", "value": [2, 1]},
     {"field": "省份", "op": "属于", "value": []}, {"field": "接受营销", "op": "是", "value": "是"},
     {"all": {"field": "省份"}}, {"all": [], "any": []},
     {"all": [{"field": "省份", "op": "是", "value": "浙江"}] * 51},
     {"not": {"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}}],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_words(work_in: Work, rule: Any) -> None:
    with pytest.raises(errors.InvalidInput, match="人群规则") as refused:
        work_in().marketing.preview_rule(rule)
    assert set(refused.value.fields) == {"rule"}


def test_a_rule_is_shown_in_words_and_kept_as_data() -> None:
    rule = {"any": [REGULARS, {"not": {"field": "标签", "op": "有", "value": "送礼"}}]}
    assert (
        audience.words(rule) == "（累计订单数 ≥ 2 且 距上次购买天数 ≤ 180） 或 不是（标签 有 送礼）"
    )
    assert audience.read(audience.stored(rule)) == rule
    assert audience.read("累计订单数≥1 且 距上次购买≤90天") is None
