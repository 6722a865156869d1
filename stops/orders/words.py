"""Words of the warning orders that staff read in files and errors, and the one text that goes to residents."""

from __future__ import annotations

# What the columns of a list may be called; the first name is the one we show.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("指令编号", "预警编号", "预警指令编号", "指令号", "指令单号", "编号", "单号"),
    "issued_at": ("下发时间", "指令时间", "预警时间", "推送时间", "下达时间"),
    "level": ("预警级别", "预警等级", "风险等级", "级别", "等级"),
    "fraud": ("诈骗类型", "疑似诈骗类型", "疑似类型", "预警类型", "案件类型", "类型"),
    "name": ("姓名", "当事人", "当事人姓名", "预警对象", "潜在受害人", "受害人姓名"),
    "phone": ("手机号", "手机号码", "手机", "联系电话", "电话号码", "电话", "被害人电话"),
    "village": ("村或社区", "村社区", "村社", "村", "社区", "所属村", "辖区"),
    "address": ("地址", "住址", "现住址", "居住地址", "联系地址", "详细地址"),
    "content": ("预警内容", "内容", "简要情况", "情况", "说明", "备注"),
    "feedback_due": ("反馈时限", "反馈截止时间", "反馈期限", "截止时间", "办结时限"),
}
ROW = "文件“{file}”第 {row} 行“{column}”：{problem}"
WHOLE = "整行"
MISSING = "没有填"
TOO_LONG = "太长了，最多 {limit} 个字"
NOT_A_PHONE = "不是电话号码，请核对"
NOT_A_TIME = "看不懂这个时间，请写成 2026-03-01 14:05 这样"
IN_THE_FUTURE = "时间在将来，请核对"
DIGITS_LOST = "被表格软件改成了数字，末尾几位可能已经丢失；请把这一列设成“文本”后重新填"
NO_WAY_THERE = "手机号和地址至少要填一项"
UNREADABLE_FORMULA = "是公式，没有算好的值；请粘贴为数值"

EMPTY_FILE = "文件“{file}”是空的。"
NO_HEADER = "文件“{file}”前 {rows} 行里没有找到“指令编号”这一列，请核对表头。"
TWICE = "文件“{file}”里有两列都是“{column}”，请只留一列。"
NOT_A_TABLE = "文件“{file}”打不开：只能导入 CSV 或 XLSX 表格，旧的 XLS 请另存为 XLSX。"
NOT_READABLE = "文件“{file}”不是 UTF-8 也不是 GB18030 编码，请另存为 XLSX 再导入。"
TOO_BIG = "文件“{file}”太大：最多 {rows} 行，文件不超过 {size} MB。"
NO_ROWS = "文件“{file}”只有表头，没有内容。"

GONE = "没有这条预警指令。"
SIGN_FIRST = "请先签收，再办后面的事。"
NOT_NOW = "这条指令刚刚有人办过，请看最新情况再办。"
CLOSED = "这条指令已经评价办结，不能再改。"
NOTE_NEEDED = "请写几句话说明情况。"
NO_ATTEMPT = "还没有劝阻记录，请先劝阻再反馈。"
RATING_NEEDED = "请选一项评价。"
TIME_WRONG = "劝阻时间要在收到指令之后、现在之前。"
NOT_MOBILE = "没有手机号，发不了短信，请打电话或上门。"
UNSUBSCRIBED = "这个号码退订过提醒短信，请打电话或上门。"
SMS_EMPTY = "请先写短信内容。"
SMS_LONG = "短信太长：最多 {limit} 个字。"
REASON_NEEDED = "请写明为什么更正。"
WRONG_FIELD = "{field}：{problem}"
CHANGED_MEANWHILE = "还没有保存：{field}刚刚被别人改成“{value}”。请按“不改了”，看清新的再改。"
EMPTY = "空"
STEPS = {"sign": "签收", "dissuade": "劝阻", "feedback": "反馈", "review": "评价"}
# What whoever is on duty gets, on the console, by SMS and in the groups: no personal data.
ALERTS = {
    "nearing": "预警提醒：指令 {number} {more}的{step}还没有办，时限 {due}。请打开工作台办理。",
    "missed": "预警超时：指令 {number} {more}的{step}已过时限 {due}。请马上打开工作台办理。",
}
AND_OTHERS = "等 {count} 条"
NOBODY = "现在无人值班。"
ANY_FRAUD = "电信诈骗"
SOME_FRAUD = "“{name}”诈骗"

# National 12381 style: no links, no numbers but 110, 96110 and our own, nothing asked for.
SMS = (
    "{name}提醒：您可能正遇到{kind}。请马上停止转账，挂断电话，关掉屏幕共享，先和家人商量。"
    "民警会跟您联系。拿不准请打96110；钱已经转了，马上打110。有情况可以直接回复本短信。"
)
