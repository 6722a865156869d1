"""Words of the figures' page that are not in a template."""

from __future__ import annotations

CARDS = "每{unit}止付单"
SERIES_CARDS = ("资料齐全", "已转出但不齐", "劝阻")
MINUTES = "中位用时（分钟）"
SERIES_MINUTES = ("到接手", "到资料齐全")
MONEY = "金额（元）"
SERIES_MONEY = ("报案", "止付", "返还")
GROUPS = ("按诈骗类型", "按村（社区）", "按年龄段")
DAY, MONTH = "天", "月"
NONE = "—"
SHARE = "{percent}%"
SPAN = "{median} / {p95}"
STEP = "{done} 条，按时 {share}"
STEP_UNTIMED = "{done} 条"
OUTCOME = "{name} {count}"
BAR = "{key} {name}：{value}"
TEN_THOUSAND = "{amount:g}万"
FILE = "figures-{first}-{last}.json"
