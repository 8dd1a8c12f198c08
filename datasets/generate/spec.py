"""What a shop is: the numbers its world is made from, and the shapes of its records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from .regions import City

FIRST_DAY = dt.date(2024, 1, 1)
AS_OF = dt.date(2025, 12, 31)
DAYS = (AS_OF - FIRST_DAY).days + 1
START = dt.datetime(2024, 1, 1)
END = START + dt.timedelta(days=DAYS)  # exclusive

Fen = int  # money is whole fen while it is computed with


@dataclass(frozen=True)
class Product:
    sku: str
    name: str
    category: str  # 大类/小类
    price: Fen
    cost: Fen
    weight: float  # how much it is liked, see baskets
    listed: str = "2023-06-01"
    last_sold: str = ""  # after this day nobody buys it any more
    seasonal: tuple[int, ...] = ()  # months in which its weight is tripled
    packaging: str = ""
    discounted: bool = True

    @property
    def section(self) -> str:
        return self.category.split("/")[0]


@dataclass(frozen=True)
class Channel:
    id: str
    name: str
    platform: str
    opened: str
    contact: str
    weight: float
    status: str = "open"
    last_order: str = ""  # a channel that went quiet after this day


@dataclass(frozen=True)
class Festival:
    name: str
    first: str
    last: str
    factor: float


@dataclass(frozen=True)
class Affinity:
    """Who buys `first` also takes `then` with this probability (when the money allows it)."""

    first: str
    then: str
    probability: float


@dataclass(frozen=True)
class Campaign:
    id: str
    name: str
    kind: str
    starts: str
    ends: str
    budget: Fen
    coupon: Fen
    rule: str
    tag: str
    audience: tuple[int, int | None, int | None]  # orders at least; days since the last, from, to
    size: int = 320
    holdout: float = 0.25
    pull: float = 0.0  # chance that a send brings the next purchase forward into the campaign


@dataclass(frozen=True)
class SurveyItem:
    name: str
    expectation: float
    experience: float
    importance: float


@dataclass(frozen=True)
class CallLog:
    """A hotline: Poisson arrivals by hour, exponential handling and patience, first come first served."""

    first_day: str
    days: int
    hourly: dict[int, float]  # hour → mean calls that begin in it
    handle_s: float
    patience_s: float
    agents: dict[int, int]  # hour → people on duty
    skills: tuple[tuple[str, str, float], ...]  # IVR path, skill, share


@dataclass(frozen=True)
class Shop:
    name: str
    title: str
    letter: str
    platform: str
    buyers: int
    visitors: int  # registered, never bought
    bgnbd: tuple[float, float, float, float]  # r, alpha (weeks), a, b
    spending: tuple[float, float, float]  # gamma-gamma p, q, v (yuan)
    months: tuple[float, ...]
    festivals: tuple[Festival, ...]
    products: tuple[Product, ...]
    affinities: tuple[Affinity, ...]
    channels: tuple[Channel, ...]
    sources: dict[str, float]
    ages: tuple[tuple[int, int, float], ...]
    female: float
    nick_words: tuple[tuple[str, ...], tuple[str, ...]]
    favoured: dict[str, float]
    gift_wrap: str  # sku of the gift packaging
    gift_share: float
    gift_months: tuple[int, ...]
    discount_share: float
    free_freight: Fen
    freight: Fen
    return_rate: float
    return_reasons: dict[str, float]
    reason_sections: dict[str, tuple[str, ...]]  # reasons that only some sections know
    breakage: dict[str, float]  # packaging → chance that a line arrives broken
    stars: dict[int, float]
    agents: tuple[str, ...]
    topics: dict[str, float]
    contacts_per_order: float
    calls_by_section: dict[str, float]
    survey: tuple[SurveyItem, ...]
    campaigns: tuple[Campaign, ...]
    call_log: CallLog
    levels: tuple[tuple[str, Fen], ...]  # member level, cumulative amount from which it is reached
    customer_tags: tuple[tuple[str, float], ...]
    burst_day: str
    reviews: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Which of a few streams of chance the purchases take: one whose sample is typical of the
    # parameters, so that a class that fits the model does not meet a two-sigma accident.
    stream: str = "purchases"

    def product(self, sku: str) -> Product:
        return next(p for p in self.products if p.sku == sku)


@dataclass
class Customer:
    id: str
    nick: str
    name: str
    sex: str  # what the generator knows
    gender: str  # what the shop knows
    birthday: dt.date | None
    mobile: str
    city: City
    source: str
    channel: str
    registered: dt.date
    consent: bool
    note: str = ""
    level: str = ""
    dealt: bool = False


@dataclass
class Line:
    sku: str
    qty: int
    unit: Fen

    @property
    def amount(self) -> Fen:
        return self.qty * self.unit


@dataclass
class Order:
    customer: Customer
    at: dt.datetime
    target: Fen  # what the gamma-gamma process asked for
    paid: bool
    channel: str = ""
    id: str = ""
    lines: list[Line] = field(default_factory=list)
    gift: bool = False
    coupon: Fen = 0
    freight: Fen = 0
    discount: Fen = 0
    amount: Fen = 0
    status: str = ""
    paid_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    closed_reason: str = ""
    plant: str = ""

    @property
    def goods(self) -> Fen:
        return sum(line.amount for line in self.lines)

    def shares(self) -> list[Fen]:
        """What was paid for each line: pro rata to its goods, the remainder on the last line."""
        goods = self.goods
        parts = [self.amount * line.amount // goods for line in self.lines[:-1]]
        return [*parts, self.amount - sum(parts)]


@dataclass
class Return:
    order: Order
    line: int
    kind: str
    reason: str
    applied_at: dt.datetime
    finished_at: dt.datetime | None
    amount: Fen
    status: str
    id: str = ""
