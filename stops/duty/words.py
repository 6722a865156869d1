"""What is said to staff who are reached, and what is wrong with a roster or ladder.

Texts that leave the house carry no personal data: the card's number, its kind and a time. They keep the style of
12381: no links, no numbers but 110, 96110 and the hotline's own.
"""

from __future__ import annotations

KINDS = {"loss": "有人刚被骗转账", "dissuade": "有人正要给骗子转账"}
TEXTS = {
    "first": "值班提醒：{kind}，止付单 {number} 等您接手，最好在 {deadline} 前办。请马上打开工作台接手。",
    "next": "值班提醒：止付单 {number} 还没有人接手，轮到您了，最好在 {deadline} 前办。请马上打开工作台接手。",
    "everybody": "全体值班：止付单 {number} 一直没有人接手，最好在 {deadline} 前办。请马上打开工作台，谁看到谁接手。",
    "fallback": "紧急：止付单 {number} 仍没有人接手。请马上打开工作台，按单上的文字转区县反诈中心或拨打110。",
    "nobody": "现在无人值班。{kind}，止付单 {number} 没有值班人员可派，最好在 {deadline} 前办。请马上打开工作台接手。",
    "stop_ends": "到期提醒：止付单 {number} 的止付将在 {until} 到期。请打开工作台，决定续止付、转冻结或到期解除。",
    "stop_ended": "到期确认：止付单 {number} 的止付到 {until} 已满48小时。请在工作台写明：续止付、转冻结，还是已解除。",
}
DRILL = "【演练】"  # every text about a drill begins so
TO = "请看：{names}"  # whom a message to a whole group is for
AND = "、"
WHEN = "{moment:%m-%d %H:%M}"

PROBLEM = "{file} 第 {line} 行{rule}：{text}"
IN_RULE = "（“{rule}”）"
WHAT_IS_IT = "开头要有 what: roster（值班表）或 what: ladder（提醒阶梯）"
NOT_THIS = "这是另一种文件，请检查 what"
FAULTS = {
    "too_long": "文件太长，最多 64 KB",
    "not_yaml": "格式读不懂，请检查这一行附近的缩进和冒号",
    "alias": "不能用 & 和 * 引用，请把内容写全",
    "not_mapping": WHAT_IS_IT,
    "twice": "“{key}”写了两次",
}
MISTAKE = "写法不对"
MISTAKES = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请检查拼写",
    "value_error": "{error}",
    "enum": "只能是 {expected}",
    "literal_error": "只能是 {expected}",
    "int_parsing": "要写整数",
    "greater_than_equal": "数太小",
    "less_than_equal": "数太大",
    "too_short": "至少写一个",
    "too_long": "太多了",
    "string_too_short": "不能空着",
    "string_too_long": "太长了",
    "string_pattern_mismatch": "要写登录名（小写字母开头）",
    "tuple_type": "要写成列表，如 [li, zhao]",
    "dict_type": "要写成“键: 值”",
    "model_type": "要写成“键: 值”",
    "date_from_datetime_parsing": "日期要写成 2026-12-01",
    "date_parsing": "日期要写成 2026-12-01",
}
NOT_A_CLOCK = "时间要写成 08:00"
PERSON_TWICE = "同一班里有人写了两次"
SHIFT_TWICE = "班次“{name}”写了两次"
NO_SHIFT = "{date} 的班次“{name}”不在 shifts 里"
DATE_TWICE = "{date} 的班次“{name}”写了两次"
OWN_SUBSTITUTE = "“{login}”不能自己顶替自己"
NOT_AT_ONCE = "第一步的 after 要是 0：新单马上提醒第一个人"
NOT_IN_ORDER = "各步的 after 要一步比一步大"
NO_FALLBACK = "最后一步（也只有最后一步）要是 say: fallback"
CASE = "{card}、{day}、{hours}"
NOT_COVERED = "没有一条规则管{case}"
COVERED_TWICE = "{names}都在管{case}，只能有一条"
CARDS = {"loss": "已转出", "dissuade": "正要转"}
DAYS = {"workday": "工作日", "weekend": "周末", "holiday": "节假日"}
HOURS = {"day": "白天", "night": "夜间"}
UNKNOWN_LOGIN = "没有登录名 {login}"
NOT_ACTIVE = "{login} 已停用"
NOT_AN_OFFICER = "{login} 没有民警角色，接不了止付单"

# What is wrong with a stand-in or a phone; for the screen.
NO_SUCH_PERSON = "没有这个人。"
OWN_STAND_IN = "不能自己顶替自己。"
ENDS_BEFORE = "结束时间要晚于开始时间。"
IS_OVER = "这段时间已经过去了。"
NOT_A_PHONE = "请填 11 位手机号。"
