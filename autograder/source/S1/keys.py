"""What the lists of lab S1 mean: causes by place in the pool, further right labels, right replies."""

from __future__ import annotations

CAUSES = (
    "商品质量", "描述不符", "物流配送", "包装破损", "服务态度", "价格与退款", "承诺未兑现", "信息与隐私",
)  # fmt: skip
# (cause, place) of complaints that two causes fit
ALSO = {
    (0, 5): "服务态度", (0, 7): "服务态度", (1, 3): "商品质量", (1, 5): "承诺未兑现", (2, 2): "承诺未兑现",
    (2, 4): "承诺未兑现", (3, 3): "物流配送", (3, 7): "物流配送", (4, 6): "信息与隐私", (5, 1): "承诺未兑现",
    (6, 2): "价格与退款", (6, 3): "价格与退款", (6, 6): "价格与退款", (1, 7): "承诺未兑现",
    (6, 7): "描述不符", (1, 4): "承诺未兑现",
}  # fmt: skip
ALSO = {k: v for k, v in ALSO.items() if v in CAUSES and v != CAUSES[k[0]]}
GOOD_REPLIES = {6: (0, 1)}  # by scene; the first reply everywhere else
DESKS = ("一线", "主管", "专项")
SERIOUS = ("人身伤害", "隐私泄露", "媒体曝光", "监管转办")
