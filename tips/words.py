"""Words of the tips for staff. Those for residents: ``step_words.yml``."""

from __future__ import annotations

KINDS = {
    "phone": "诈骗电话",
    "sms": "诈骗短信",
    "url": "诈骗网址",
    "app": "诈骗APP",
    "account": "诈骗账号",
    "cards": "两卡买卖",
    "den": "窝点",
    "luring": "引流",
    "border": "偷越国境",
    "other": "其他",
}

# What is wrong with a list of villages.
PROBLEM = "{file} 第 {line} 行{village}：{text}"
IN_VILLAGE = "（“{village}”）"
NO_FILE = "打不开这个文件"
NOT_UTF8 = "不是 UTF-8 文本"
SAMPLE_IN_FORCE = "这是虚构的样例，只能在沙箱里用；请换成本地名单"
FAULTS = {
    "too_long": "文件太长，最多 64 KB",
    "not_yaml": "格式读不懂，请检查这一行附近的缩进和冒号",
    "alias": "不能用 & 和 * 引用，请把内容写全",
    "not_mapping": "开头要有 what: villages",
    "twice": "“{key}”写了两次",
}
MISTAKE = "写法不对"
MISTAKES = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请检查拼写",
    "literal_error": "开头要有 what: villages",
    "too_short": "至少写一个",
    "string_too_short": "至少两个字",
    "string_too_long": "太长了，最多 64 个字",
    "too_few_letters": "名字至少两个字，一个字到处都会认成它",
    "name_twice": "“{name}”写了两次，居民这样说就分不清是哪一个",
    "tuple_type": "要写成列表，如 [东村, 西村]",
    "model_type": "要写成“键: 值”",
    "bool_parsing": "只能是 true 或 false",
}

# What happened to a tip, as its history says it; ``state`` is named by the state itself.
EVENTS = {
    "registered": "登记",
    "state": "",
    "added": "举报人补充",
    "taken": "接手",
    "assigned": "分派",
    "taken_over": "接过来办",
    "put_back": "放回待分派",
    "offered": "提出移交",
    "accepted": "接收移交",
    "refused": "退回移交",
    "withdrawn": "撤回移交",
    "amended": "更正",
    "duplicate": "关联为重复线索",
    "unduplicate": "取消重复关联",
    "joined": "登记为联名举报",
    "left": "退出联名举报",
}
HANDED = "{before} → {after}：{reason}"
GONE = "{name}已停用"
FIELDS = {"kind": "类型", "village": "村（社区）"}
CHANGED = "{field}：{before} → {after}"
NOTHING = "空"

# What is not possible, for the screen.
NO_TIP = "没有这条线索。"
UNKNOWN_NUMBER = "没有编号 {number} 的线索。"
HELD_BY = "这条线索由{name}在办。"
CLOSED = "这条线索已经办结。"
GIVE_REASON = "请填写原因。"
NOT_NOW = "当前状态下不能这样操作，请刷新页面再看。"
STATE_NOW = "{name}已改为“{state}”，请刷新页面再看。"
NO_OFFICER = "请选一位在职的民警。"
TO_WHOM = "请选一位民警，或者写一个单位，两样选一样。"
TO_ONESELF = "不能移交给自己。"
STILL_PENDING = "上一次移交还没有答复，先等答复或撤回。"
NO_TRANSFER = "没有这次移交。"
NOT_YOURS_TO_ANSWER = "这次移交不由您答复。"
ANSWERED_ALREADY = "{name}已经答复过：{what}。"
ITSELF = "这是同一条线索。"
DUPLICATE_ALREADY = "{number}已经关联为重复线索。"
JOINT_ALREADY = "{number}是联名举报的一份，先退出联名再关联。"
NOT_A_DUPLICATE = "这条线索没有关联为重复。"
DUPLICATE_FIRST = "其中有重复线索，先取消重复关联。"
JOINED_ALREADY = "这两条已经是同一次联名举报。"
NOT_JOINT = "这条线索不是联名举报。"
NO_SUCH_KIND = "没有这个类型。"
NO_SUCH_VILLAGE = "名单里没有这个村（社区）。"
NOTHING_TOLD = "请写明情况，或者写上号码、网址、账号。"
TOO_MANY_REPORTERS = "联名举报最多 {most} 人。"
CHANGED_MEANWHILE = "别人刚改过，请刷新页面再看。"
CHANGED_BY = "{name}刚改过（{change}），请刷新页面再看。"
STATES = {
    "registered": "已登记",
    "checking": "核查中",
    "confirmed": "查实",
    "unfounded": "查不实",
    "closed": "已办结",
}

# What was done, for the screen.
TAKEN = "已接手，由您办理。"
ASSIGNED = "已分派。"
OFFERED = "已提出移交，对方接收以前还由您办理。"
ANSWERED = "已记下。"
AMENDED = "已更正。"
UNCHANGED = "没有改动。"
LINKED = "已记下。"
BAD_DAY = "日期没看懂，这一项没有用上。"
SHORT_PLACE = "地点至少写两个字，这一项没有用上。"
