"""Words of the monthly report's page that are not in a template or on the paper."""

from __future__ import annotations

SERIES_VILLAGES = ("线索", "查实", "劝阻")
SERIES_FRAUDS = ("已转出", "劝阻")
OWED = "{month}月的月报还没有生成，{day}日前要报。"
LATE = "{month}月的月报还没有生成，已到{day}日，请马上办。"
MADE = "已生成。"
