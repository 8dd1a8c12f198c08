"""What the sentences of two exercises are to be sorted into, by their place in the pool."""

from __future__ import annotations

TASKS = ("分类", "聚类", "关联", "预测", "孤立点")
# The pool goes round: classification, clustering, association, forecast, outliers.
TASK_OF = tuple(TASKS[i % 5] for i in range(25))

KINDS = ("联机分析处理", "数据挖掘")
KIND_OF = (KINDS[0],) * 9 + (KINDS[1],) * 9
