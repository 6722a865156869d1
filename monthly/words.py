"""Words of the monthly report."""

from __future__ import annotations

TITLE = "反诈专线{year}年{month}月月报"
FILE = "反诈专线月报{month}.{ending}"
UNFILLED = "未填写"
UNRANKED = "—"
NO_FRAUD = "未判断"
OVERVIEW = "概况"
VILLAGES = "村（社区）排名"
FRAUDS = "诈骗类型"
HEAD_OVERVIEW = ("项目", "数")
HEAD_VILLAGES = (
    "名次",
    "村（社区）",
    "线索",
    "查实",
    "发放奖励",
    "奖励金额（元）",
    "已转出报案",
    "报案金额（元）",
    "收到预警",
    "劝阻成功",
)
HEAD_FRAUDS = ("类型", "止付单", "已转出", "报案金额（元）")
ITEMS = {
    "tips": "收到线索（条）",
    "verified": "查实线索（条）",
    "unfounded": "查不实线索（条）",
    "rewards": "发放奖励（笔）",
    "rewarded": "奖励金额（元）",
    "cards": "止付单（张）",
    "losses": "其中已转出（张）",
    "lost": "报案金额（元）",
    "stopped": "止付金额（元）",
    "returned": "返还金额（元）",
    "warned": "收到预警指令（条）",
    "dissuaded": "劝阻成功（人次）",
}
TOTAL = "合计"
NOTE = (
    "按北京时间统计；演练和并入别张的止付单不算。线索、止付单、预警按收到的日子算，查实、发放、劝阻按办成的日子算，"
    "止付和返还金额是止付单到生成时的数。名次先比查实，再比线索，再比劝阻；一样的名次相同，没有填村的不排名。"
)
MADE = "{name}于{at}生成，校验值 {digest}。"
CHART_VILLAGES = "各村线索、查实、劝阻"
CHART_FRAUDS = "各类型止付单"
BAR = "█"
EMPTY = "这个月没有记录。"
NOT_OVER = "这个月还没有过完，月底以后再生成。"
BY_COMMAND = "命令行"
