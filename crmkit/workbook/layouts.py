"""The files the kit knows: their columns, spellings and types.

Platform exports grew over the years, so a column is found by its name (stripped, NFKC), never by
its place. Frames keep the platform's names; customer files get the names of `crmkit.schema`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from crmkit.schema import CODES, CUSTOMER_FILE, TABLES
from crmkit.schema import Table as SchemaTable
from crmkit.workbook.cleaning import match_key


@dataclass(frozen=True)
class Field:
    """A column: its name in frames, type (see values.CONVERTERS) and other spellings."""

    name: str
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None  # accepted spelling (match key) → canonical word


@dataclass(frozen=True)
class Layout:
    """A kind of file. All of `required` must be there; rows without `key` are refused."""

    name: str
    fields: tuple[Field, ...]
    required: tuple[str, ...]
    key: str = ""
    reader: str = "read_table"
    unique: bool = False  # the key occurs once

    @cached_property
    def by_key(self) -> dict[str, Field]:
        """Match key of every accepted spelling → field; a field's own name wins."""
        found: dict[str, Field] = {}
        for field in self.fields:
            for alias in field.aliases:
                found.setdefault(match_key(alias), field)
        for field in self.fields:
            found[match_key(field.name)] = field
        return found

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}


def _fields(kind: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name in names)


def _names(text: str) -> list[str]:
    return text.split()


# ── Taobao / Tmall: one row per order ────────────────────────────────────────────────────────

_ORDERS_2016 = _names(
    "订单编号 买家会员名 买家支付宝账号 买家应付货款 买家应付邮费 买家支付积分 总金额 返点积分 "
    "买家实际支付金额 买家实际支付积分 订单状态 买家留言 收货人姓名 收货地址 运送方式 联系电话 联系手机 "
    "订单创建时间 订单付款时间 宝贝标题 宝贝种类 物流单号 物流公司 订单备注 宝贝总数量 店铺Id 店铺名称 "
    "订单关闭原因 卖家服务费 买家服务费 发票抬头 是否手机订单 分阶段订单信息 特权订金订单id 定金排名 "
    "修改后的sku 修改后的收货地址 异常信息 天猫卡券抵扣 集分宝抵扣 是否是O2O交易"
)


def _inserted(base: Sequence[str], before: str, new: str) -> list[str]:
    place = list(base).index(before)
    return [*base[:place], *new.split(), *base[place:]]


_ORDERS_2017 = [
    *_inserted(_ORDERS_2016, "定金排名", "是否上传合同照片 是否上传小票 是否代付"),
    *_names("退款金额 预约门店"),
]
_ORDERS_2018 = [
    *_ORDERS_2017,
    *_names(
        "新零售交易类型 新零售导购门店名称 新零售导购门店id 新零售发货门店名称 新零售发货门店id"
    ),
    *_names("确认收货时间 打款商家金额 含应开票给个人的个人红包"),
]
_ORDERS_2020 = [
    *_inserted(_ORDERS_2018, "买家应付货款", "支付单号 支付详情"),
    *_names("是否信用购 体验期结束时间 前N有礼 配送类型 主订单编号"),
]
_ORDERS_2021 = [
    *_ORDERS_2020,
    *_names("满返红包金额 直播返现状态 返现金额"),
    *_names("新零售成交门店昵称 新零售成交门店id 新零售成交经销商id"),
]
_ORDERS_LATER = [*_ORDERS_2021, *_names("延迟发货自动赔付金额 预售订单 发货时间 商家备忘")]

# Newest first: the first whose every column is there names the era of a file.
TAOBAO_ERAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "2021 年以后": tuple(_ORDERS_LATER),
        "2021 年前后": tuple(_ORDERS_2021),
        "2020 年前后": tuple(_ORDERS_2020),
        "2018–2019 年": tuple(_ORDERS_2018),
        "2017 年": tuple(_ORDERS_2017),
        "2016 年": tuple(_ORDERS_2016),
    }
)

# The state words carry a full-width comma; some programs turn it into a half-width one.
TAOBAO_STATES = (
    "等待买家付款",
    "买家已付款，等待卖家发货",
    "卖家部分发货",
    "部分发货",
    "卖家已发货，等待买家确认",
    "交易成功",
    "交易关闭",
)

_ORDER_KINDS: dict[str, str] = {
    **dict.fromkeys(
        _names(
            "订单编号 支付单号 主订单编号 物流单号 特权订金订单id 店铺Id 新零售导购门店id 新零售发货门店id "
            "新零售成交门店id 新零售成交经销商id"
        ),
        "id",
    ),
    **dict.fromkeys(
        _names("买家会员名 买家支付宝账号 收货人姓名 收货地址 修改后的收货地址"), "person"
    ),
    "联系电话": "phone",
    "联系手机": "mobile",
    **dict.fromkeys(
        _names(
            "买家应付货款 买家应付邮费 总金额 买家实际支付金额 卖家服务费 买家服务费 天猫卡券抵扣 集分宝抵扣 "
            "退款金额 打款商家金额 含应开票给个人的个人红包 满返红包金额 返现金额 延迟发货自动赔付金额"
        ),
        "money",
    ),
    **dict.fromkeys(_names("买家支付积分 返点积分 买家实际支付积分 宝贝种类 宝贝总数量"), "int"),
    **dict.fromkeys(
        _names("订单创建时间 订单付款时间 确认收货时间 体验期结束时间 发货时间"), "time"
    ),
}
_ORDER_ALIASES = {
    "买家会员名": ("买家昵称", "买家旺旺"),
    "订单付款时间": ("付款时间", "订单付款时间 "),
    "订单创建时间": ("创建时间",),
    "宝贝标题": ("商品标题",),
    "宝贝总数量": ("商品总数量",),
    "收货地址": ("收货人地址",),
}


def _words(states: Sequence[str]) -> dict[str, str]:
    return {match_key(state): state for state in states}


def _order_field(name: str) -> Field:
    words = _words(TAOBAO_STATES) if name == "订单状态" else None
    return Field(name, _ORDER_KINDS.get(name, "text"), _ORDER_ALIASES.get(name, ()), words)


# OAID and open_uid replace name and mobile in masked exports.
_IDENTITY = (Field("OAID", "id"), Field("open_uid", "id", ("openuid", "ouid", "买家openuid")))

TAOBAO_ORDERS = Layout(
    "淘宝订单",
    (*map(_order_field, _ORDERS_LATER), *_IDENTITY),
    ("订单编号", "买家实际支付金额", "订单状态", "订单创建时间"),
    "订单编号",
    "read_orders",
    unique=True,
)

# ── Taobao / Tmall: one row per order line (宝贝报表) ────────────────────────────────────────

LINE_COLUMNS = tuple(
    _names(
        "订单编号 标题 价格 购买数量 外部系统编号 商品属性 套餐信息 备注 订单状态 商家编码 创建时间"
    )
)
TAOBAO_LINES = Layout(
    "淘宝宝贝报表（订单明细）",
    (
        Field("订单编号", "id", ("主订单编号",)),
        Field("标题", aliases=("宝贝标题", "商品标题")),
        Field("价格", "money", ("商品价格", "单价")),
        Field("购买数量", "int", ("数量",)),
        Field("外部系统编号", "id"),
        *_fields("text", "商品属性", "套餐信息", "备注"),
        Field("订单状态", words=_words(TAOBAO_STATES)),
        Field("商家编码", "id"),
        Field("创建时间", "time", ("订单创建时间",)),
    ),
    ("订单编号", "价格", "购买数量"),
    "订单编号",
    "read_order_lines",
)

# ── JD: one row per order line ───────────────────────────────────────────────────────────────

JD_ORDERS = Layout(
    "京东订单",
    (
        *_fields("id", "订单号", "商品ID"),
        Field("商品名称"),
        Field("订购数量", "int"),
        Field("支付方式"),
        Field("下单时间", "time"),
        *_fields("money", "京东价", "订单金额", "结算金额", "余额支付", "应付金额"),
        *_fields("text", "订单状态", "订单类型"),
        Field("下单帐号", "person", ("下单账号",)),
        *_fields("person", "客户姓名", "客户地址"),
        Field("联系电话", "phone"),
        *_fields("text", "订单备注", "发票类型", "发票抬头", "发票内容", "商家备注"),
        Field("商家备注等级(1–5，由高到低)", "int", ("商家备注等级", "商家备注等级(1-5,由高到低)")),
        Field("运费金额", "money"),
        Field("付款确认时间", "time"),
        Field("增值税发票"),
        Field("货号", "id"),
        Field("订单完成时间", "time"),
        *_fields("text", "订单来源", "订单渠道"),
        Field("仓库id", "id"),
        Field("仓库名称"),
    ),
    ("订单号", "订购数量", "京东价"),
    "订单号",
    "read_jd",
)

# ── Customers ────────────────────────────────────────────────────────────────────────────────


def _schema_kind(name: str, type: str) -> str:
    if type == "text":
        if name in ("昵称", "姓名"):
            return "person"
        if name == "手机":
            return "mobile"
        return "id" if name.endswith(("编号", "编码")) else "text"
    return "text" if type == "code" else type


_CUSTOMER_ALIASES = {
    "客户编号": ("会员编号", "客户id", "会员id", "顾客编号"),
    "昵称": ("买家昵称", "会员名", "买家会员名", "用户名", "客户昵称"),
    "姓名": ("客户姓名", "真实姓名", "收货人姓名"),
    "生日": ("出生日期", "出生年月日"),
    "手机": ("手机号", "手机号码", "联系手机", "移动电话", "电话"),
    "省份": ("省", "所在省份"),
    "城市": ("市", "所在城市"),
    "来源": ("客户来源",),
    "注册日期": ("注册时间", "入会时间"),
    "累计订单数": ("交易笔数", "订单数", "累计订单"),
    "累计金额": ("交易金额", "累计消费金额", "累计消费"),
    "会员等级": ("等级", "会员级别"),
}


def _customer_fields() -> tuple[Field, ...]:
    table = TABLES["customers"]
    kinds = {c.label: _schema_kind(c.label, c.type) for c in table.columns}
    kinds |= {"渠道": "text", "累计订单数": "int", "累计金额": "money"}
    ordered = [*CUSTOMER_FILE, *(name for name in kinds if name not in CUSTOMER_FILE)]
    english = {c.label: c.name for c in table.columns}
    return tuple(
        Field(
            name,
            kinds[name],
            (*_CUSTOMER_ALIASES.get(name, ()), *([english[name]] if name in english else [])),
        )
        for name in ordered
    )


_MEMBER_EXTRAS = (
    *_fields("int", "年龄", "购买件数", "交易关闭笔数"),
    *_fields("money", "平均客单价", "交易关闭金额"),
    Field("上次交易时间", "time", ("最近交易时间", "最后交易时间")),
    *_fields("text", "分组", "关系来源", "状态", "年龄段"),
)

CUSTOMERS = Layout(
    "客户档案",
    (*_customer_fields(), *_MEMBER_EXTRAS, *_IDENTITY),
    (),
    "",
    "read_customers",
)
# A customer file needs at least one of these to say who a row is.
CUSTOMER_IDENTITY = ("客户编号", "昵称", "手机", "OAID", "open_uid")


# ── The kit's own tables ─────────────────────────────────────────────────────────────────────


def _schema_layout(table: SchemaTable) -> Layout:
    def field(c: object) -> Field:
        name, label, type, codes = (getattr(c, a) for a in ("name", "label", "type", "codes"))
        words = None
        if codes:
            words = _words(tuple(CODES[codes].values()))
            words |= {match_key(code): word for code, word in CODES[codes].items()}
        return Field(label, _schema_kind(label, type), (name,), words)

    fields = tuple(field(c) for c in table.columns)
    return Layout(f"课程数据：{table.label}", fields, tuple(f.name for f in fields))


KNOWN_LAYOUTS = (TAOBAO_ORDERS, TAOBAO_LINES, JD_ORDERS, CUSTOMERS)


def all_layouts() -> tuple[Layout, ...]:
    """Every known layout, the kit's own tables first: they need all their columns."""
    return (*(_schema_layout(table) for table in TABLES.values()), *KNOWN_LAYOUTS)
