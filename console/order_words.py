"""Words of the warning orders' pages that are not in a template."""

from __future__ import annotations

from stops.orders import words

STATES = {
    "received": "待签收",
    "signed": "已签收",
    "dissuaded": "已劝阻",
    "fed_back": "已反馈",
    "reviewed": "已评价",
}
STEPS = words.STEPS
WAYS = {"phone": "打电话", "visit": "上门", "sms": "短信"}
OUTCOMES = {
    "stopped": "劝住了，没有转账",
    "no_risk": "核实过，没有被骗",
    "paid": "钱已经转出",
    "doubtful": "联系上了，还不相信",
    "unreached": "没有联系上",
}
RATINGS = {"good": "有效", "fair": "基本有效", "poor": "效果不好"}
EVENTS = {
    "entered": "登记",
    "signed": "签收",
    "attempt": "劝阻",
    "texted": "发短信",
    "answered": "居民来短信",
    "fed_back": "反馈",
    "reviewed": "评价",
    "amended": "更正",
    "nearing": "快到时限：{step}",
    "missed": "已过时限：{step}",
}
CHANGED = "{field}：{before} → {after}"
AT_COMMAND_LINE = "导入程序"
HAPPENED = "实际时间 {time}"
STEP_DUE = "{step}时限"
IN_TIME, LATE, OPEN, PASSED_OVER = "按时", "超时", "未办", "未办到"
LEFT, OVER = "还剩 {time}", "已超过 {time}"
ALARM = "预警指令：{parts}"
ALARM_LATE, ALARM_SOON = "{count} 条已超时", "{count} 条快到时限"
ANSWERED = "居民有回复"
TEMPLATE_SENT = "运营商只准发固定模板，居民收到的不是这段话，请再打电话"
TEXTED = "{time} 发过短信。"
FIELDS = {
    "number": "指令编号（没有就留空）",
    "issued_at": "下发时间",
    "level": "预警级别",
    "fraud": "诈骗类型",
    "name": "姓名",
    "phone": "手机号",
    "village": "村或社区",
    "address": "地址",
    "content": "预警内容",
    "feedback_due": "反馈时限（指令上写明的）",
}
WRONG_FIELD = "{field}：{problem}"
EITHER = "手机号或地址"
SIGNED = "已签收，请尽快劝阻。"
ATTEMPT_NOTED = "劝阻情况已记下。"
CARD_OPENED = "已记下，并开了止付单 {number}，请马上办。"
CARD_NOT_OPENED = "已记下。没有手机号，开不了止付单：请让本人马上拨打110。"
AMENDED, UNCHANGED = "已更正。", "没有改动。"
FED_BACK = "反馈已记下。"
REVIEWED = "已评价，这条指令办结。"
ENTERED = "已登记。"
KNOWN = "编号 {number} 已经在册，没有改动。"
NO_FILE = "请先选一个文件。"
CHOOSE_OUTCOME = "请选方式和结果。"
RELOAD = "页面放得太久，请刷新后再试。"
BAD_TIME = "劝阻时间看不懂，请重新选。"
TEMPLATE_FILE = "预警指令导入模板.csv"
