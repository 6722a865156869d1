"""Every word of the console that is not in a template."""

from __future__ import annotations

from stops import words as stop_words
from tips import words as tip_words

CHANNELS = {"wechat": "微信", "sms": "短信"}
ROLES = {
    "agent": "接待员",
    "officer": "民警",
    "verifier": "审核人",
    "approver": "审批人",
    "finance": "财务",
    "auditor": "审计",
    "admin": "管理员",
}
ROLE_HINTS = {
    "agent": "看会话、回复居民",
    "officer": "还能办止付单、线索，拟定奖励",
    "verifier": "审核拟定的奖励；同一条不能又拟定又审核",
    "approver": "审批奖励、延期、撤销；同一条不能办过别的步骤",
    "finance": "登记发放和经费；同一条不能办过别的步骤",
    "auditor": "看日志、账目和隐去个人信息的记录，什么都不能改",
    "admin": "管理人员和密码；看不到案件，只看得到隐去个人信息的学习内容",
}
TABS = {"waiting": "等待中", "mine": "我的", "all": "全部"}
EMPTY_TABS = {
    "waiting": "没有人在等。",
    "mine": "您手上没有会话。到“等待中”接手一个吧。",
    "all": "还没有会话。",
}
REASONS = {
    "urgent_loss": "紧急止付",
    "seek_help": "求助",
    "handover": "转人工",
    "fault": "系统没处理好",
    "staff_gone": "原处理人已停用",
    "staff_away": "原处理人不在",
}
INTENTS = {
    "urgent_loss": "紧急止付",
    "seek_help": "求助",
    "claim_reward": "问奖励",
    "check_progress": "查进度",
    "report_tip": "举报线索",
    "check_suspicious": "辨真假",
    "consult": "咨询",
    "handover": "转人工",
    "unsubscribe": "退订",
    "cancel": "取消",
    "affirm": "肯定",
    "deny": "否定",
    "greet": "问好",
    "thank_bye": "道谢告别",
    "out_of_scope": "无关内容",
}
KINDS = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "location": "[位置]",
    "link": "[链接]",
    "event": "[操作]",
    "unknown": "[不支持的消息]",
    "unreadable": "[无法读取的消息]",
}
EVENTS = {
    "subscribe": "关注了公众号",
    "unsubscribe": "取消了关注",
    "click": "点了菜单",
    "scan": "扫码进入",
    "view": "打开了菜单链接",
    "location": "上报了位置",
}
DELIVERY = {
    "passive": "发送中",
    "queued": "发送中",
    "sending": "发送中",
    "sent": "已发出",
    "delivered": "已送达",
    "failed": "未发出",
    "unknown": "送达情况不明",
    "held": "额度用完，等居民再来消息时发出",
}
FAILURES = {
    "superseded": "有更新的消息，这条不再发",
    "window_over": "距居民上次来消息太久，微信不让回复，请打电话",
    "budget_used": "回复条数用完了，要等居民再来消息",
    "too_long": "太长，请分成几条",
    "not_following": "居民没有关注公众号，请打电话",
    "unfollowed": "居民已取消关注，请打电话",
    "no_provider": "没有设置短信运营商，请联系管理员",
    "openid_invalid": "微信找不到这位用户，请打电话",
    "user_refuses": "居民不接收消息，请打电话",
    "user_blocks": "居民关闭了接收，请打电话",
    "ip_not_allowed": "系统地址不在公众号白名单里，请联系管理员",
    "not_connected": "连不上运营商",
    "read_timeout": "对方没有回应",
}
FAILED_OTHERWISE = "原因代码 {code}"
FAILED_UNEXPLAINED = "原因不明"
EVIDENCE = {
    "pending": "正在取回文件…",
    "refused": "文件没有保存：格式或大小不允许",
    "gone": "文件已取不回来",
    "missing": "文件在存储里找不到了",
}
BOT = "机器人"
SYSTEM = "系统"
RESIDENT = "居民"
UNLIMITED = "短信不限条数"
BUDGET = "剩余 {count} 条 / {time}"
BUDGET_GONE = "额度已用完：现在发的要等居民再来消息才送到"
HELD_BY = "这个会话由{name}在处理"
HELD_BY_ME = "您在处理"
HELD_BY_BOT = "机器人在接待"
WAITING_LONG = "已等 {time}，请尽快接手"
WAITING = "等了 {time}"
HELD_SINCE = "从 {time} 起"
CLOSED = "已结束"
EMPTY_REPLY = "请先写几个字再发送。"
LONG_REPLY = "太长了：最多 {limit} 个字，请分成几条。"
CHANGED_AFTER_SENDING = "上一条已经发出，您后来改的内容没有发。需要的话请再发一次。"
MODEL_MISSING = "模型未应答，按规则判断"
PARTIAL = "短信没有收全"
FORMS = {"urgent_loss": "止付登记", "report_tip": "线索登记", "code": "查询码核对"}
FORM_STATES = {"open": "正在问", "suspended": "先放一放", "done": "问完了", "cancelled": "已取消"}
# The order in which collected values are shown.
FORM_LABELS = {
    "callback_phone": "回电电话",
    "victim_name": "转账人",
    "third_party": "替别人报",
    "amount": "金额",
    "time_said": "时间",
    "method": "到账方式",
    "payee_account": "收款账号",
    "payee_name": "收款户名",
    "payee_bank": "收款银行",
    "order_number": "订单号",
    "payer_bank": "付款银行或平台",
    "payer_account": "付款账号",
    "screenshot": "转账截图",
    "story": "经过",
    "subjects": "涉及",
    "place": "地点",
    "happened": "时间",
    "evidence": "证据",
    "purpose": "要办的事",
    "number": "线索编号",
    "code": "查询码",
    "confirmed": "居民已核对",
}
PURPOSES = {"progress": "查进度", "claim": "领奖励"}
METHODS = {
    "realtime": "实时到账",
    "normal": "普通到账",
    "next_day": "次日到账",
    "atm": "ATM 转账",
    "counter": "柜台转账",
    "cash": "现金",
    "scan": "扫码付款",
}
YES, NO = "是", "否"
ABOUT = "约 "
YUAN = "{amount} 元"
RECEIVED = "已收到"
ITEMS = "{count} 份"
SUBJECTS = {"phone": "电话", "url": "网址", "bank_card": "银行卡", "app": "APP", "qq": "QQ号", "wechat": "微信号"}
FINDINGS = {"fraud": "已核实与诈骗有关", "cleared": "已核实没有问题"}
FINDING_STEPS = {"fraud": "与诈骗有关", "cleared": "没有问题"}
SOURCES = {"tip": "线索", "card": "止付单", "check": "居民询问"}
TOLD = {
    "unknown": "告诉他：没有人举报过",
    "reported": "告诉他：有人举报过",
    "fraud": "告诉他：与诈骗有关",
    "cleared": "告诉他：没有发现问题",
}
RELATED_TIPS = "与另外 {count} 条线索相关"
RELATED_CARDS = "与另外 {count} 张止付单相关"
RELATED_CHECKS = "居民问过 {count} 次"
DRILL = "演练"
DRILL_FIRST = "演练单：不要报给银行，不要打110，也不要给任何居民打电话。"
DRILL_MARK = "【演练】"
CARD_KINDS = {"loss": "已转出", "dissuade": "正要转"}
CARD_STATES = {
    "new": "新建",
    "accepted": "已接手",
    "forwarded": "已转派出所",
    "initiated": "已发起止付",
    "succeeded": "止付成功",
    "partial": "部分止付",
    "failed": "止付未成",
    "extended": "已续止付",
    "frozen": "已冻结",
    "lapsed": "止付到期解除",
    "returned": "资金返还",
    "closed": "已结案",
}
CARD_TABS = {"running": "待办", "later": "后续", "all": "全部"}
EMPTY_CARDS = {
    "running": "没有等着办的止付单和预警指令。新的一来，这里马上出现；新止付单有提示音。",
    "later": "没有已发起止付、还未结案的单子。",
    "all": "还没有止付单。",
}
CARD_UNHELD = "还没有人接手"
CARD_CLOSED_BY = "{name}办结"
CARD_MINE = "您在办"
CARD_HELD = "{name}在办"
CARD_TAKEN_AT = "，{time} 接手"
# The same states as words on the button that leads there.
CARD_STEPS = {
    "accepted": "接手",
    "forwarded": "转派出所",
    "initiated": "已发起止付",
    "succeeded": "止付成功",
    "partial": "部分止付",
    "failed": "没有止付成",
    "extended": "已续止付",
    "frozen": "已转冻结",
    "lapsed": "止付已到期",
    "returned": "资金已返还",
    "closed": "结案",
}
CARD_EVENTS = stop_words.EVENTS
CARD_NEEDS = {
    "callback_phone": "回电电话",
    "payee_account": "收款账号",
    "payee_name": "收款户名",
    "payee_bank": "收款银行",
    "amount": "准确金额",
    "transferred_at": "转账时间",
}
FIELDS = {
    "number": "单号",
    "reported_at": "报案时间",
    "callback_phone": "回电电话",
    "victim_name": "转账人",
    "fraud": "类型",
    "payee_account": "收款账号",
    "payee_name": "收款户名",
    "payee_kind": "个人或对公",
    "payee_bank": "收款银行",
    "amount": "金额",
    "transferred_at": "转账时间",
    "method": "到账方式",
    "payer_bank": "付款银行或平台",
    "payer_account": "付款账号",
    "order_number": "订单号",
}
SAID = "原话：{said}"
ROUGHLY = "大概"
PAYMENT = "转账"
NTH = "第 {ordinal} 笔"
LACKING = "还缺：{names}"
PAYEE_KINDS = {"personal": "个人账户", "corporate": "对公账户"}
NO_AMOUNT = "金额未知"
LEFT = "还剩 {time}"
ONLY_LEFT = "只剩 {time}"
MANY = "超过 {count}"
OVERDUE = "已超过 {time}"
TIP_STATES = tip_words.STATES
TIP_STEPS = {"checking": "开始核查", "confirmed": "查实", "unfounded": "查不实", "closed": "办结"}
CLAIM_STATES = {
    "requested": "待拟定",
    "proposed": "待审核",
    "verified": "待审批",
    "approved": "已批准，待通知",
    "notified": "已通知，待领取",
    "claimed": "已领取，待发放",
    "paid": "已发放",
    "archived": "已归档",
    "refused": "不符合",
    "lapsed": "逾期放弃",
    "revoked": "已撤销",
}
LEARNING_TABS = {"unsure": "拿不准", "corrected": "认错的", "unlabelled": "未标注", "labelled": "已标注"}
LEARNING_HINTS = {
    "unsure": "机器人没把握、反问过居民的话。请点居民真正的意思；已经标过的不再出现。",
    "corrected": "机器人当时认错、后来标了正确意思的话。",
    "unlabelled": "还没有人标注的话，新的在前。",
    "labelled": "标注过的话，会导出成训练数据。标错了再点一次就行。",
}
EMPTY_LEARNING = {
    "unsure": "没有要看的了。",
    "corrected": "还没有认错的。",
    "unlabelled": "都标注过了。",
    "labelled": "还没有标注过。",
}
UNUSABLE = "不用来训练"
LABELLED = "已标为“{intent}”。"
LABEL_MARK = "人工标注：{intent}"
LABEL_SIGNED = "{mark} · {name} {at}"
BY_COMMAND = "命令行"
GUESSED = "机器人认为：{intent}"
SURE_BY = "{percent}%"
BY_RULES = "按规则判断"
MODEL_NAME = "模型 {model}"
RESIDENT_CHOSE = "居民自己选了：{intent}"
NOT_UNDERSTOOD = "未判断"
DONE = "办好了。"
TAKEN = "已接手，机器人不再回复。"
TAKEN_OVER = "已从{name}那里接过来，由您回复。"
TAKE_OVER_REASONS = {
    "off_duty": "下班或休假",
    "no_answer": "叫不应",
    "urgent": "情况紧急",
    "agreed": "已和本人说好",
}
REFERENCE = "文号 {number}"
ACTED_AT = "办理时间 {time}"
HANDLING = {"take": "接手会话", "take_over": "接过会话", "hand_back": "会话交回机器人", "close": "结束会话"}
TAKEN_FROM = "{before} → {after}：{reason}"
RELEASED = "{count} 个会话已放回等待列表。"
HANDED_BACK = "已交回机器人。"
CONVERSATION_CLOSED = "会话已结束。"
CARD_TAKEN = "{number} 已接手，由您办理。"
CARD_RELEASED = "{number} 已放回队列，等别人接手。"
CARD_MERGED = "已并入这张单子。"
TASK_ABOUT = "{task}：{state}"
CARD_AMENDED = "已保存。"
CARD_UNCHANGED = "没有改动。"
STALE = "还没有保存。{changes}。请核对，以您的为准就再点一次保存。"
CHANGED_BY = "{who} {time} 改了 {changes}"
ONE_CHANGED = "{label}：{before} → {after}"
ONE_TOLD = "{label}：{after}"
SOMEBODY = "别人"
BAD_AMOUNT = "金额请写数字，最多两位小数，比如 32000 或 8820.50。"
BAD_MOMENT = "时间不对，请写到几点几分。"
STATE_SET = "已改为“{state}”。"
NOT_FOUND = "没有找到。"
NOTHING = "空"
UNKNOWN_NUMBER = "没有编号 {number}。请核对后再查。"
WRONG_SIGN_IN = "登录名或密码不对。"
TOO_MANY_TRIES = "试的次数太多了，请 10 分钟后再试。"
CHANGED_OWN = "密码已修改，其他设备上的登录已退出。"
TYPED_TWICE_DIFFERENTLY = "两次输入的新密码不一样。"
STAFF_ADDED = "已添加{name}。"
STAFF_CHANGED = "{name}的角色已修改。"
STAFF_OUT = "{name}已停用，不能再登录。{count} 个会话已放回等待列表。"
STAFF_IN = "{name}已启用。"
NOT_YOURSELF = "不能停用自己。"
DRILL_TIMES = ("到建单", "到接手", "到资料齐全", "到发起止付")
DRILL_PLAYS, DRILL_OVER = "正在开始", "已结束"
NOT_REACHED = "—"
SECONDS = "{seconds} 秒"
MINUTES = "{minutes} 分 {seconds} 秒"
DRILL_STARTED = "演练已经开始，单子马上出现在止付单里，标着“演练”。"
DRILL_ENDED = "演练已经结束，演练单已结案。"
DRILL_LEADERS_ONLY = "只有带班领导和管理员能开始或结束演练。"
ERRORS = {
    400: ("请刷新再试", "页面放得太久，或者内容不完整。请刷新后再试一次。"),
    401: ("请重新登录", "登录已过期，请重新登录。"),
    403: ("没有权限", "您的角色不能看这一页。需要的话请联系管理员。"),
    404: ("没有这一页", "可能已经换了地址，请从上面的菜单进入。"),
    405: ("不能这样打开", "请从上面的菜单进入。"),
    409: ("现在不能这样办", "请刷新页面再看。"),
    413: ("内容太长", "请缩短后再试。"),
    429: ("请稍等", TOO_MANY_TRIES),
    500: ("系统出了问题", "已经记录下来。请稍后再试；一直不行请联系管理员。"),
    503: ("暂时连不上", "数据库暂时连不上，数据没有丢。请过一会儿再试。"),
}
# What the scripts say.
SCRIPT = {
    "left": "还剩 {time}",
    "soon": "只剩 {time}",
    "over": "已超过 {time}",
    "hours": "{hours} 小时 {minutes} 分",
    "minutes": "{minutes} 分 {seconds} 秒",
    "offline": "没有连上，正在重试。您写的内容还在。",
    "signedOut": "登录已过期。请在新窗口重新登录，再回到这里继续；您写的内容还在。",
    "notSent": "没有发出去。请检查网络后再点一次，不会重复发送。",
    "copied": "已复制",
    "soundOn": "提示音：开",
    "soundOff": "提示音：关",
    "soundAsleep": "打开声音",
    "noticeNew": "有止付单等人接手",
    "noticeGoing": "您手上的止付单要交给别人了",
    "noticeDrill": "【演练】{title}",
    "noticeText": "请打开反诈专线工作台。",
    "changedByOther": "别人刚改的，已换成新的",
    "changedToo": "别人刚改成：{value}。您填的还没有保存，请核对",
}
