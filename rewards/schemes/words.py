"""The Chinese a scheme is told in, and what is wrong with a scheme file."""

from __future__ import annotations

from rewards.schemes.model import Condition, Exclusion, Measure

NO_SCHEME = (
    "本地目前没有登记公布的奖励办法，我们不能说有没有奖、有多少。您的线索照样会认真处理。"
    "请先把线索发给我们，会给您编号和查询码。"
)
NONE_IN_FORCE = "没有生效的奖励办法：居民询问时只说“目前没有公布”。有办法后，把文件路径填到 HOTLINE_REWARD_SCHEME。"
IN_FORCE = "生效的奖励办法：{name}（版本 {version}，自{start}起）。"

TITLE = "{name}（{issuer}，{start}起施行）"
TITLE_UNDATED = "{name}（{issuer}）"
SAMPLE = "【示例，不是本地规定，金额都是举例】"
IN_SHORT = "{name}：有奖励的线索有{rules}；条件是{conditions}。"
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
EVENTS = {
    "registered": "登记",
    "verified": "查实",
    "case_solved": "破案",
    "approved": "审批",
    "notified": "通知",
    "claimed": "领取",
}
UNITS = {"day": "天", "workday": "个工作日", "month": "个月"}

CONDITIONS = {
    Condition.VERIFIED: "查证属实",
    Condition.UNKNOWN_BEFORE: "公安机关事先不掌握",
    Condition.DISSUADED: "劝住受害人",
    Condition.FUNDS_INTERCEPTED: "拦下资金",
    Condition.CASE_FILED: "立案",
    Condition.CASE_SOLVED: "破案",
    Condition.ARRESTED: "抓获",
    Condition.ARREST_APPROVED: "批准逮捕",
}
EXCLUSIONS = {
    Exclusion.ON_DUTY_STAFF: "履行职责的工作人员",
    Exclusion.SUSPECT: "涉案人员",
    Exclusion.DETAINED: "在押、服刑人员",
    Exclusion.ALREADY_KNOWN: "已经掌握的线索",
    Exclusion.UNREACHABLE: "联系不上的",
    Exclusion.ALREADY_REWARDED: "已经奖励过的",
    Exclusion.OTHER: "其他不应奖励的情形",
}

PER = {"per_case": "每案", "per_person": "每人", "per_item": "每{unit}"}
MEASURES = {
    Measure.LOSS_AVERTED: "避免损失",
    Measure.FUNDS_INTERCEPTED: "拦下资金",
    Measure.AMOUNT_INVOLVED: "涉案金额",
    Measure.ARRESTED: "抓获人数",
    Measure.CARDS: "卡的数量",
    Measure.DEVICES: "设备数量",
}
METHODS = {"cash": "现金", "transfer": "转账", "proxy": "代领", "phone_credit": "话费"}
AFTER = "{conditions}后，"
ON_CONDITION = "（须：{conditions}）"
RANGE = "{low}至{high}元"
UP_TO = "最高{high}元"
EXACTLY = "{amount}元"
BY_CASE = "由审批机关酌定"
CAP = "，每案最高{amount}元"
CAP_OF_ALL = "；合计每案最高{amount}元"
ON_TOP = "（另加）"
BAND = "{edges}的{payout}"
BAND_ABOVE = "{low}以上"
BAND_BETWEEN = "{low}至{high}"
INCLUDED = {True: "（含）", False: "（不含）", None: ""}
AND = "、"

PROBLEM = "{file} 第{line}行{rule}：{text}"
IN_RULE = "（规则 {rule}）"
NO_FILE = "文件读不到"
NOT_UTF8 = "文件不是 UTF-8 文本"
NO_FILES = "这个文件夹里没有 *.yaml 文件"
EXAMPLE_IN_FORCE = "这是外地公布的办法，只作例子，不能直接启用。请另存一份，改成本地公布的内容，并写 kind: local"
SAMPLE_IN_FORCE = "虚构的示例只能在沙盒里用，正式运行请用本地公布的办法"
BOTH_IN_FORCE = "{earlier} 和 {later} 在 {day} 同时有效，同一天只能有一个版本"
FAULTS = {
    "too_long": "文件太长，最多 64 KB",
    "not_yaml": "格式读不懂，请检查这一行附近的缩进、冒号和括号",
    "alias": "不能用 & 和 * 引用，请把内容写全",
    "not_mapping": "要写成“键: 值”",
    "twice": "“{key}”写了两次",
}
TAGS = frozenset({"per_case", "per_person", "per_item", "amount_band", "count_band", "range", "discretionary"})
MISTAKE = "写法不对"
WHOLE = frozenset({"overlap", "gap", "edge_in_both", "edge_in_none", "half_said", "ladder_not_whole", "unsettled"})
MISTAKES = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请检查拼写",
    "enum": "没有这个词，只能是 {expected}",
    "literal_error": "没有这个词，只能是 {expected}",
    "union_tag_invalid": "basis 没有“{tag}”这个词，只能是 {expected_tags}",
    "union_tag_not_found": "缺少 basis",
    "greater_than": "要大于 0",
    "greater_than_equal": "数太小",
    "too_short": "至少写一个",
    "string_too_short": "不能空着",
    "string_too_long": "太长了",
    "string_type": "不能空着",
    "string_pattern_mismatch": "只能用小写字母、数字、- 和 _",
    "bool_parsing": "只能写 true 或 false",
    "tuple_type": "要写成列表，如 [verified]",
    "model_type": "要写成“键: 值”",
    "date_from_datetime_parsing": "日期要写成 2026-12-01",
    "date_parsing": "日期要写成 2026-12-01",
    "not_yuan": "“{said}”不是金额，要写元，最多两位小数，如 500 或 500.50",
    "not_whole": "“{said}”不是数目，要写整数，如 3",
    "not_one_way": "给多少只能写一种：amount，或 min、max，或 discretionary",
    "min_without_max": "写了 min 就要写 max",
    "min_above_max": "min 比 max 大",
    "included_without_edge": "写了 to_included 就要写 to",
    "empty_band": "这一档是空的：from 到 to 之间没有数",
    "overlap": "第{upper}档和第{lower}档重叠：有的数同时落在两档里",
    "gap": "第{lower}档和第{upper}档之间有空档：有的数哪一档也不算",
    "edge_in_both": "第{lower}档和第{upper}档的分界同时算进两档，只能一边写 true",
    "edge_in_none": "第{lower}档和第{upper}档的分界哪一档也不算，要有一边写 true",
    "half_said": "第{lower}档和第{upper}档的分界只有一边写了含不含，两边都要写",
    "edge_unsaid": "没有写分界含不含，要写 from_included 和 to_included",
    "unit_with_items": "unit（单位）只能、也必须和 per_item 一起写",
    "discretionary_basis": "酌定的要写 basis: discretionary",
    "range_without_max": "range 要写 max",
    "anonymous_without_code": "允许匿名就要写 code_digits（查询码至少 6 位）",
    "ends_before": "失效日期早于生效日期",
    "twice": "“{name}”写了两次",
    "ladder_not_whole": "审批权限要从 0 起，最后一级不写 to",
    "sample_unnamed": "虚构的示例，名称里要写“示例”",
    "unsettled": "要启用的办法必须写明 {field}",
}
