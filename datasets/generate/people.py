"""Customers: made-up names, nicks and mobiles, a real city, and what the shop knows of them."""

from __future__ import annotations

import datetime as dt

from faker import Faker

from . import regions
from .draws import SEED, Draws, Weighted
from .spec import AS_OF, FIRST_DAY, Customer, Shop

# Characters that simple fonts and old code pages tend to miss; all of them are in GBK.
RARE = "喆堃玥犇淼昶翀祎赟珺翊旻璟晔骁"
_RARE_SHARE = 0.02
_PREFIXES = (
    "130 131 132 133 135 136 137 138 139 147 150 151 152 153 155 156 157 158 159 "
    "166 176 177 178 180 181 182 183 185 186 187 188 189 191 198 199"
).split()
# How likely a platform's customers are to come by a source, against the shop's average.
_FIT = {
    "门店": {
        "线下活动": 9.0,
        "老客推荐": 2.0,
        "自然搜索": 0.0,
        "聚划算": 0.0,
        "直播间": 0.0,
        "短视频": 0.3,
    },
    "抖音": {"直播间": 4.0, "短视频": 4.0, "聚划算": 0.0, "自然搜索": 0.4, "线下活动": 0.1},
    "微信": {"老客推荐": 4.0, "聚划算": 0.0, "直播间": 0.5, "线下活动": 2.0},
    "京东": {"自然搜索": 1.6, "聚划算": 0.0, "直播间": 0.4, "线下活动": 0.1},
    "天猫": {"线下活动": 0.3},
    "淘宝": {"线下活动": 0.3},
}
_NOTES = (
    "电话请下午打",
    "企业客户，需开票",
    "不接受电话回访",
    "对包装要求高",
    "常送礼",
    "老板的朋友",
    "发货前先确认",
)


class Names:
    """Names of one shop: faker's Chinese family and given names, with some rare characters."""

    def __init__(self, shop: str) -> None:
        self._faker = Faker("zh_CN")
        self._draws = Draws(shop, "names")
        self._faker.seed_instance(f"{SEED}|{shop}|faker")

    def name(self, sex: str) -> str:
        given = self._faker.first_name_male() if sex == "男" else self._faker.first_name_female()
        if self._draws.chance(_RARE_SHARE):
            given = given[:-1] + self._draws.pick(RARE)
        return self._faker.last_name() + given


def _nick(shop: Shop, draws: Draws, taken: set[str]) -> str:
    heads, tails = shop.nick_words
    while True:
        style = draws.random()
        if style < 0.25:
            nick = f"tb{draws.integer(100000, 999999999)}"
        elif style < 0.6:
            nick = draws.pick(heads) + draws.pick(tails)
        else:
            nick = f"{draws.pick(heads)}{draws.pick(tails)}{draws.integer(1, 9999)}"
        if nick not in taken:
            taken.add(nick)
            return nick


def mobile(draws: Draws, taken: set[str]) -> str:
    while True:
        number = draws.pick(_PREFIXES) + f"{draws.integer(0, 99999999):08d}"
        if number not in taken:
            taken.add(number)
            return number


def birthday(draws: Draws, ages: Weighted[tuple[int, int]]) -> dt.date:
    low, high = draws.weighted(ages)
    years = draws.integer(low, high)
    return AS_OF - dt.timedelta(days=int(years * 365.2425) + draws.integer(0, 364))


def customers(shop: Shop, firsts: list[dt.datetime]) -> tuple[list[Customer], list[Customer]]:
    """Buyers (one for each first purchase) and visitors, numbered in the order they registered."""
    draws = Draws(shop.name, "people")
    names = Names(shop.name)
    ages = Weighted(((low, high), weight) for low, high, weight in shop.ages)
    sources = {
        platform: Weighted((s, weight * fit.get(s, 1.0)) for s, weight in shop.sources.items())
        for platform, fit in _FIT.items()
    }
    channels = Weighted((c, c.weight) for c in shop.channels)
    nicks: set[str] = set()
    mobiles: set[str] = set()

    def one(registered: dt.date) -> Customer:
        sex = "女" if draws.chance(shop.female) else "男"
        while True:
            home = draws.weighted(channels)
            closed = dt.date.fromisoformat(home.last_order) if home.last_order else AS_OF
            if dt.date.fromisoformat(home.opened) <= registered <= closed:
                break
        return Customer(
            id="",
            nick=_nick(shop, draws, nicks),
            name=names.name(sex),
            sex=sex,
            gender=sex if draws.chance(0.91) else "",
            birthday=birthday(draws, ages) if draws.chance(0.88) else None,
            mobile=mobile(draws, mobiles),
            city=regions.city(draws, shop.favoured),
            source=draws.weighted(sources[home.platform]),
            channel=home.id,
            registered=registered,
            consent=draws.chance(0.84),
            note=draws.pick(_NOTES) if draws.chance(0.06) else "",
        )

    buyers = []
    for first in firsts:
        wait = int(draws.exponential(18)) if draws.chance(0.3) else 0
        buyers.append(one(max(first.date() - dt.timedelta(days=wait), FIRST_DAY)))
    visitors = [
        one(FIRST_DAY + dt.timedelta(days=draws.integer(0, (AS_OF - FIRST_DAY).days)))
        for _ in range(shop.visitors)
    ]
    for number, who in enumerate(
        sorted([*buyers, *visitors], key=lambda c: (c.registered, c.mobile)), start=1
    ):
        who.id = f"C{number:06d}"
    return buyers, visitors
