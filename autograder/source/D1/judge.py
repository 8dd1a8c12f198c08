"""Judge of lab D1, 客户关系管理数据仓库实验: build, load and ask a small warehouse."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.D1 import comparing
from autograder.source.D1.keys import ROLES, role
from autograder.source.D1.reference import (
    COUNTS,
    GRAIN,
    KEY,
    MART,
    Tables,
    World,
    cleaned,
    grains,
    loaded,
    market,
    returns_fact,
    snowflake,
    star,
    stores,
    versions,
    views,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks, forms
from crmkit.lab.inputs import d1

lab = LabSpec("D1", "客户关系管理数据仓库实验", world=World)


# ------------------------------------------------------------------ 1 fact, measures, dimensions


def _roles(w: World, change: dict[str, str] | None = None) -> dict[str, str]:
    which, drawn = d1.process(w.student)
    right = {number: role(which, i) for number, i in drawn.items()}
    return {k: (change or {}).get(v, v) for k, v in right.items()}


@lab.item("D1-01", points=8, core=True, title="事实、度量和维",
          need="在业务的 15 个候选里指出哪个是事实（一行代表什么）、哪些是度量、哪些是维度、哪些都不用",
          public=checks.Mapping(keys=tuple(f"F{k:02d}" for k in range(1, d1.FIELDS + 1)), options=ROLES),
          compare=compare.labels())  # fmt: skip
def roles(w: World) -> dict[str, str]:
    return _roles(w)


@roles.mistake("度量和维度写反了：可以加总的数是度量，按它分组去看的是维度", share=0.3)
def roles_swapped(w: World) -> dict[str, str]:
    return _roles(w, {"度量": "维度", "维度": "度量"})


@roles.mistake("把办业务才用的字段也收进了维度：没有人会按它分组，个人信息更不该进仓库", share=0.6)
def roles_greedy(w: World) -> dict[str, str]:
    return _roles(w, {"都不用": "维度"})


# ------------------------------------------------------------------ 2–4 models

STAR = (
    "fact_sales: 订单编号 商品编码 客户编号 渠道编号 日期键 数量 销售额", "dim_customer: 客户编号 省份 会员等级",
    "dim_product: 商品编码 商品名称 大类 小类", "dim_date: 日期键 年 季度 月", "dim_channel: 渠道编号 平台",
)  # fmt: skip


@lab.item("D1-02", points=12, core=True, title="星型模型",
          need="由操作表建出 fact_sales 和四张维表：有效订单的每一行、金额一分不差、主键不重复、外键都找得到",
          public=checks.Tables(STAR), compare=comparing.star)  # fmt: skip
def model(w: World) -> Tables:
    return star(w)


@model.mistake("没有付款的订单也算成了事实：先去掉「等待付款」和「未付款关闭」的订单", share=0.5)
def model_unpaid(w: World) -> Tables:
    return star(w, unpaid=True)


@model.mistake(
    "把整单的实付金额写到了每一行，一张三行的订单就算了三遍：销售额用数量 × 单价", share=0.6
)
def model_whole(w: World) -> Tables:
    return star(w, whole_orders=True)


@model.mistake("日期键用了下单时间：销售算在付款那一天", share=0.8)
def model_ordered(w: World) -> Tables:
    return star(w, by_order_day=True)


@lab.item("D1-03", points=8, title="雪花型模型",
          need="从 dim_product 拆出 dim_category（类目编号、大类、小类），按大类汇总的销售额与星型相同",
          public=checks.Tables(("dim_product: 商品编码 类目编号", "dim_category: 类目编号 大类 小类", "汇总: 大类 销售额")),
          compare=comparing.snowflake)  # fmt: skip
def snow(w: World) -> Tables:
    return snowflake(w)


@snow.sign("dim_category 一件商品一行：先去掉重复的（大类、小类），一对只留一行", share=0.6)
def snow_doubled(w: World, got: Any) -> bool:
    return bool(forms.tables(got)["dim_category"].duplicated(["大类", "小类"]).any())


@snow.sign("dim_product 里还留着大类、小类：拆出去以后，商品维只留类目编号", share=0.6)
def snow_kept(w: World, got: Any) -> bool:
    return bool({"大类", "小类"} & set(forms.tables(got)["dim_product"].columns))


@lab.item("D1-04", points=8, title="星座型模型",
          need="第二张事实表 fact_return：退款成功的每一条退换，与 fact_sales 共用客户、商品、渠道、日期四个维",
          public=checks.Table(columns=("订单编号", "商品编码", "客户编号", "渠道编号", "日期键", "退款金额"),
                              key="退换编号", least=5, most=400), compare=comparing.galaxy)  # fmt: skip
def returned(w: World) -> pd.DataFrame:
    return returns_fact(w)


@returned.mistake("没有退成的也算进来了：只收「退款成功」的，被拒绝、关闭、还在办的不算", share=0.4)
def returned_all(w: World) -> pd.DataFrame:
    return returns_fact(w, finished=False)


@returned.mistake("日期键用了申请时间：钱退出去的那天才是事实发生的日子，用完成时间", share=0.75)
def returned_applied(w: World) -> pd.DataFrame:
    return returns_fact(w, applied=True)


# ------------------------------------------------------------------ 5–7 load, history, cleaning


@lab.item("D1-05", points=8, core=True, title="非易失：只追加的装载",
          need="把第二个月的抽取追加到已装载的表后面：旧行一个字不动，重复送来的跳过，新行写上批次",
          public=checks.Table(columns=("订单编号", "商品编码", "日期键", "数量", "销售额", "装载批次"), least=20),
          compare=comparing.loading)  # fmt: skip
def appended(w: World) -> pd.DataFrame:
    return loaded(w)


@appended.mistake("旧行被抽取里的新值盖掉了：来源改过也不改旧行，只跳过、记下来等人处理", share=0.4)
def appended_over(w: World) -> pd.DataFrame:
    return loaded(w, overwrite=True)


@appended.mistake("重复送来的行又加了一遍：追加之前，先去掉主键已经在表里的行", share=0.4)
def appended_twice(w: World) -> pd.DataFrame:
    return loaded(w, twice=True)


@lab.item("D1-06", points=8, title="随时间变化：等级的历史",
          need="由变更记录建出会员等级的历史（有效自、有效至），任何一天都能查到当时的等级",
          public=checks.Table(columns=("客户编号", "会员等级", "有效自", "有效至"), least=40, most=300),
          compare=comparing.history)  # fmt: skip
def levels(w: World) -> pd.DataFrame:
    return versions(w)


@levels.mistake(
    "只留下了现在的等级（类型 1）：每一段都要有自己的一行，写明有效自和有效至", share=0.2
)
def levels_current(w: World) -> pd.DataFrame:
    return versions(w, current=True)


@levels.mistake("同一天有两条记录时，用了先来的那条：后一条才是当天最后的样子", share=0.5)
def levels_first(w: World) -> pd.DataFrame:
    return versions(w, first_of_day=True)


@levels.mistake("有效自晚了一天：变更当天就按新等级算", share=0.5)
def levels_late(w: World) -> pd.DataFrame:
    return versions(w, late=True)


@lab.item("D1-07", points=10, core=True, title="抽取与清洗的账",
          need="按规则清洗一份导出，报出读入、各种丢弃、修改、装入的行数和装入金额",
          public=checks.Mapping(keys=COUNTS, low=0, high=1_000_000), compare=compare.mapping(0.011))  # fmt: skip
def counts(w: World) -> dict[str, float]:
    return cleaned(w)


@counts.mistake(
    "去重比的是整行：同一笔的金额写法不同，就漏掉了；要按订单编号和商品编码比", share=0.5
)
def counts_rows(w: World) -> dict[str, float]:
    return cleaned(w, whole_rows=True)


@counts.mistake("重复的一行也没有留：第一行要留下，只丢后面的", share=0.5)
def counts_none(w: World) -> dict[str, float]:
    return cleaned(w, none_kept=True)


@counts.mistake("被丢掉的行也数进了修改：只数最后装入的行里改过写法的", share=0.8)
def counts_changed(w: World) -> dict[str, float]:
    return cleaned(w, all_changed=True)


# ------------------------------------------------------------------ 8–11 analysis


@lab.item("D1-08", points=12, core=True, title="五种 OLAP 操作",
          need="切片、切块、下钻、上卷、旋转各一张表",
          public=checks.Tables(("切片: 大类 销售额", "切块: 平台 季度 销售额", "下钻: 年 小类 销售额", "上卷: 省份 销售额", "旋转: 季度")),
          compare=comparing.five_views)  # fmt: skip
def olap(w: World) -> Tables:
    return views(w)


@olap.mistake("切块没有限定年份：数据卡上的两个平台、那一年，两个条件都要", share=0.8)
def olap_year(w: World) -> Tables:
    return views(w, dice_year=False)


@olap.mistake("切块只取了一个平台：切块是取一段值，数据卡上的两个平台都要", share=0.8)
def olap_one(w: World) -> Tables:
    return views(w, one_platform=True)


@olap.mistake("上卷还停在城市：要聚集到省份，每个省一行", share=0.8)
def olap_city(w: World) -> Tables:
    return views(w, city=True)


@olap.mistake("旋转没有转过来：季度要在行上，大类在列上", share=0.8)
def olap_unturned(w: World) -> Tables:
    return views(w, turned=False)


@lab.item("D1-09", points=8, core=True, title="粒度：日与月",
          need="按日和按月存各有多少行、相差几倍，哪一问只有日粒度答得了",
          public=checks.Mapping(keys=GRAIN, low=0, high=100_000), compare=compare.mapping(0.005))  # fmt: skip
def grain(w: World) -> dict[str, float]:
    return grains(w)


@grain.mistake("没有按渠道分：一行是一天（月）、一件商品、一个渠道", share=0.4)
def grain_channel(w: World) -> dict[str, float]:
    return grains(w, channel=False)


@grain.mistake("倍数倒过来了：日粒度行数 ÷ 月粒度行数", share=0.75)
def grain_inverse(w: World) -> dict[str, float]:
    return grains(w, inverse=True)


@grain.mistake("数的是有几天、几个月：一行还要分商品和渠道", share=0.25)
def grain_days(w: World) -> dict[str, float]:
    return grains(w, days_only=True)


@grain.mistake("选的那一问用月粒度也能答：找一找哪一问提到了某一天、几号或星期几", share=0.75)
def grain_coarse(w: World) -> dict[str, float]:
    return grains(w, coarse=True)


@lab.item("D1-10", points=6, title="ODS 与快照",
          need="同样的变更，ODS 就地更新成一单一行的现状，仓库每晚留下一张快照",
          public=checks.Tables(("ods: 订单编号 订单状态", "snapshot: 快照日期 订单编号 订单状态")),
          compare=comparing.two_stores)  # fmt: skip
def both(w: World) -> Tables:
    return stores(w)


@both.mistake("ODS 用了文件里排在最后的那条：先按更新时间排，再取每张订单的最后一条", share=0.6)
def both_file_order(w: World) -> Tables:
    return stores(w, file_order=True)


@both.mistake("快照里只有当天变过的订单：快照是那天晚上的全部订单，没有变的也要照进去", share=0.6)
def both_changed(w: World) -> Tables:
    return stores(w, only_changed=True)


@both.mistake("每天的快照都是最后的状态：12 月 2 日的快照只能用到 12 月 2 日为止的变更", share=0.6)
def both_final(w: World) -> Tables:
    return stores(w, all_final=True)


@lab.item("D1-11", points=6, title="从属的营销集市",
          need="只从仓库取数，一位买家一行：省份、订单数、销售额、最近购买日、首选大类",
          public=checks.Table(columns=MART, key=KEY, least=50, most=160), compare=comparing.mart)  # fmt: skip
def mart(w: World) -> pd.DataFrame:
    return market(w.star)


@mart.follow_through("D1-02")
def mart_of_own(w: World, earlier: Any) -> pd.DataFrame:
    own = forms.tables(earlier)
    fact = own["fact_sales"].assign(
        销售额=[forms.number(x) for x in own["fact_sales"]["销售额"]],
        日期键=[int(comparing.label(x)) for x in own["fact_sales"]["日期键"]],
    )
    return market({**w.star, "fact_sales": fact})


@mart.mistake("数的是明细行，不是订单：同一个订单编号只算一单", share=0.8)
def mart_lines(w: World) -> pd.DataFrame:
    return market(w.star, by_lines=True)


@mart.mistake(
    "绕过仓库，从操作表取了数，没付款的订单也算了进来：从属的集市只用仓库里的表", share=0.4
)
def mart_unpaid(w: World) -> pd.DataFrame:
    return market(star(w, unpaid=True))


lab.manual(
    "D1-12", points=6, title="数据仓库与数据库",
    need="150–250 字，用自己的话说明数据仓库与数据库的差别：目的、数据、变更、用户四个方面，各举本实验里的一处",
    rubric=(
        Level(6, "四个方面都说到，每个方面有本实验里的例子，没有概念错误"),
        Level(5, "四个方面都说到，例子不足四个"),
        Level(4, "说到三个方面，有例子"),
        Level(2, "说到一两个方面，或只抄教材的表"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
