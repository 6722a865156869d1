"""The Chinese a scheme is told in."""

from __future__ import annotations

from rewards.schemes.model import Condition, Exclusion, Outcome

NO_SCHEME = (
    "本地目前没有登记公布的奖励办法，我们不能说有没有奖、有多少。您的线索照样会认真处理。"
    "请先把线索发给我们，会给您编号和查询码。"
)
NONE_IN_FORCE = "没有生效的奖励办法：居民询问时只说“目前没有公布”。有办法后，把文件路径填到 HOTLINE_REWARD_SCHEME。"
IN_FORCE = "生效的奖励办法：{name}（版本 {version}，自{start}起）。"

TITLE = "{name}（{issuer}，{start}起施行）"
SAMPLE = "【示例，不是本地规定，金额都是举例】"
REWARDED = "有奖励的线索：{rules}。"
BASIS = "条件：{conditions}。不奖励：{exclusions}。"
BASIS_OPEN = "条件：{conditions}。"
SEVERAL = "多人举报同一线索：{same_clue}；一起举报的合领一份。"
SAME_CLUE = {"first_registered": "奖励最先登记的", "by_contribution": "按作用大小分"}
ANONYMOUS = "可以匿名，凭编号和至少{digits}位的查询码领取，没有码不能领。"
NAMED = "需要留下真实姓名才能领取。"
DEADLINES = "时限：{deadlines}。"
DEADLINE = "{after}后{number}{unit}内{step}"
NEXT = "金额由工作人员核定，不收任何费用。请直接把线索发给我们。"

STEPS = {"notify": "通知您", "claim": "来领取", "pay_out": "发放"}
EVENTS = {"registered": "登记", "verified": "查实", "approved": "审批", "notified": "通知", "claimed": "领取"}
UNITS = {"day": "天", "workday": "个工作日", "month": "个月"}

CONDITIONS = {
    Condition.VERIFIED: "查证属实",
    Condition.UNKNOWN_BEFORE: "公安机关事先不掌握",
    Condition.OUTCOME: "取得规定的成效",
}
EXCLUSIONS = {
    Exclusion.ON_DUTY_STAFF: "履行职责的工作人员",
    Exclusion.SUSPECT: "涉案人员",
    Exclusion.ALREADY_KNOWN: "已经掌握的线索",
    Exclusion.UNREACHABLE: "联系不上的",
    Exclusion.ALREADY_REWARDED: "已经奖励过的",
}
OUTCOMES = {
    Outcome.VERIFIED: "查实",
    Outcome.DISSUADED: "劝住受害人",
    Outcome.FUNDS_INTERCEPTED: "拦下资金",
    Outcome.CASE_FILED: "立案",
    Outcome.ARRESTED: "抓获",
    Outcome.ARREST_APPROVED: "批准逮捕",
}

PER = {"per_case": "每案", "per_person": "每人", "per_item": "每{unit}"}
MEASURES = {
    "loss_averted": "避免损失",
    "funds_intercepted": "拦下资金",
    "amount_involved": "涉案金额",
    "arrested": "抓获人数",
    "cards": "卡的数量",
    "devices": "设备数量",
}
RANGE = "{low}至{high}元"
UP_TO = "最高{high}元"
EXACTLY = "{amount}元"
BY_CASE = "由审批机关酌定"
CAP = "，每案最高{amount}元"
ON_TOP = "（另加）"
BAND = "{edges}的{payout}"
BAND_ABOVE = "{low}以上"
BAND_BETWEEN = "{low}至{high}"
INCLUDED = {True: "（含）", False: "（不含）"}
