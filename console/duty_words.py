"""Every word of the duty pages and of what is shown of a card's ladder that is not in a template."""

from __future__ import annotations

DAYS = {"workday": "工作日", "weekend": "周末", "holiday": "节假日"}
WEEKDAYS = "一二三四五六日"
DAY = "{month}月{day}日 周{weekday}"
SPAN = "{start}–{end}"
NEXT_DAY = "次日 "
ALL_DAY = "全天"
NOBODY = "现在没有人值班"
NOBODY_MEANS = "新的止付单会马上提醒带班领导和全体民警。"
NO_ROSTER = "还没有值班表"
UNKNOWN_YEAR = (
    "{year} 年的放假安排还不在日历里，暂按周几算。国务院通知出来后，请在值班表的 days 里补上放假和调休的日子。"
)
GAP = "{start} 到 {end}"
WHO = {"first": "当班第一人", "next": "下一位", "shift": "全体当班", "leader": "带班领导", "officers": "全体民警"}
WAYS = {"console": "工作台", "sms": "短信", "wecom": "企业微信群", "dingtalk": "钉钉群"}
SAYS = {"first": "提醒接手", "next": "提醒接手", "everybody": "全体提醒", "fallback": "转区县反诈中心或110"}
AT_ONCE = "马上"
AFTER_MINUTES = "{minutes} 分钟没人接手"
AFTER_SECONDS = "{seconds} 秒没人接手"
NOTES = {
    "nobody": "当时没有人值班，改为提醒领导和全体民警",
    "no_next": "当班没有下一位，改为提醒领导",
    "drill": "演练：不转区县反诈中心，也不打110",
}
STEP_STATES = {"waiting": "未到时间", "fired": "已提醒", "cancelled": "不再需要"}
REACH_STATES = {
    "queued": "等待发出",
    "sending": "正在发",
    "accepted": "已发出",
    "failed": "没发成",
    "unknown": "不知道到没到",
    "needless": "已有人接手，没有再发",
}
SHOWN, SEEN, DELIVERED = "已显示", "本人看到了", "已送达"
CODES = {
    "no_phone": "没有登记手机号",
    "drill_template": "短信模板里写不了“演练”，没有发",
    "not_set": "没有设置",
    "not_connected": "连不上",
    "read_timeout": "对方没有回应",
    "interrupted": "发送时中断",
    "not_delivered": "运营商说没送到",
    "45009": "群消息太频繁",
    "130101": "群消息太频繁",
    "93000": "机器人地址失效",
    "300001": "机器人地址失效",
    "310000": "签名、关键词或地址不符",
}
CODE = "代码 {code}"
TRIES = "试了 {count} 次"
ROUND = "第 {round} 轮，{start} 开始"
ROUND_OVER = "第 {round} 轮，{start} 到 {end}"
HAND_OFF = "一直没有人接手。请现在就由一个人打电话转出去，打通后在这里接手并写明转给了谁。"
HAND_OFF_TO = "先打区县反诈中心：{contact}；打不通就打 110。"
HAND_OFF_110 = "请打 110。"
HAND_OFF_TEXT = "这里是{hotline}。有一起电信网络诈骗，需要紧急止付，请接手。"
ALARMS = {
    "first": "当班提醒：止付单 {number} 等您接手",
    "next": "轮到您了：止付单 {number} 还没有人接手",
    "everybody": "止付单 {number} 一直没有人接手",
    "fallback": "止付单 {number} 一直没人接手，请转区县反诈中心或110，要说的话在单上",
    "other": "止付单 {number}：有事请您处理",
}
BY_COMMAND = "命令行"
BUILT_IN = "默认（程序自带）"
IN_FORCE = "正在用"
PLAN_LOADED = "已保存“{name}”，从 {day} 起用。"
PLAN_GOOD = "没有问题，可以保存。"
STAND_IN_ADDED = "已登记。"
STAND_IN_REVOKED = "已取消。"
PHONE_SAVED = "{name}的手机号已保存。"
PHONE_REMOVED = "{name}的手机号已删除。"
NO_STAND_IN = "按值班表的规定"
FILES = {"roster": "值班表", "ladder": "提醒阶梯"}
