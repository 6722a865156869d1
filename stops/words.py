"""Words of the queue that staff read: on papers, in tasks, beside what looks odd."""

from __future__ import annotations

STATES = {
    "new": "新建",
    "accepted": "已接手",
    "forwarded": "已转派出所",
    "initiated": "已发起止付",
    "succeeded": "止付成功",
    "partial": "部分止付",
    "failed": "止付未成",
    "extended": "已续止付",
    "frozen": "已转冻结",
    "lapsed": "止付自动解除",
    "returned": "资金返还",
    "closed": "结案",
}
UNKNOWN = "未知"
KINDS = {"loss": "已转出", "dissuade": "劝阻（正要转）"}
PAYEES = {"personal": "个人", "corporate": "对公"}
METHODS = {
    "realtime": "实时到账",
    "normal": "普通到账",
    "next_day": "次日到账",
    "atm": "ATM转账",
    "counter": "柜台转账",
    "cash": "现金",
    "scan": "扫码付款",
}
FIELDS = {
    "victim_name": "受害人姓名",
    "callback_phone": "联系电话",
    "fraud_type": "诈骗类型",
    "story": "简要案情",
    "third_party": "他人代报",
    "confirmed": "本人已核对",
    "amount_fen": "金额",
    "amount_said": "金额（原话）",
    "approximate": "金额是大概数",
    "transferred_at": "转账时间",
    "time_said": "时间（原话）",
    "time_approximate": "时间是大概数",
    "method": "到账方式",
    "payer_bank": "付款银行或平台",
    "payer_account": "付款账号",
    "payee_name": "收款户名",
    "payee_account": "收款账号",
    "payee_bank": "收款银行",
    "payee_kind": "账户类型",
    "order_number": "订单号",
    "evidence_id": "截图",
}
# What looks odd, by the code of the flag.
FLAGS = {
    "phone_unread": "不像电话号码",
    "name_unread": "不像姓名",
    "amount_zero": "金额不对",
    "amount_huge": "金额大得不合常理",
    "amount_unread": "金额没有读出来，见原话",
    "time_future": "时间还没有到",
    "account_check": "卡号校验不过，请逐位核对",
    "account_is_order": "像订单号，不像账号",
    "account_is_phone": "像手机号，不像账号",
    "account_unread": "不像账号",
    "bank_differs": "卡号开头像是另一家银行的卡",
}
EVENTS = {
    "opened": "居民报案，自动登记",
    "told": "居民补充",
    "told_otherwise": "居民说的与民警填的不同",
    "became_loss": "居民说钱已经转出",
    "doubted": "居民说是误会，请电话核实",
    "complete": "信息齐全",
    "reminded": "提醒居民补充",
    "amended": "民警修改",
    "merged": "并入另一张单子",
    "merged_away": "并到另一张单子",
    "task_done": "办完一件事",
    "state": "办理",
    "taken": "接手",
    "taken_over": "接过来办",
    "released": "放回队列",
    "holder_silent": "3分钟没有动静，放回队列",
    "holder_gone": "人员停用，放回队列",
    "expiry_36": "止付还剩12小时",
    "expiry_44": "止付还剩4小时",
    "expiry_47": "止付还剩1小时",
    "expiry_48": "止付已到期，请确认",
}
TASKS = {
    "tell": "打电话告诉居民",
    "doubt": "居民说是误会：打电话核实",
    "expiry": "止付快到期：续止付或转冻结",
    "lapsed": "止付已到期：请确认续办、冻结还是自动解除",
}
ACTORS = {"bot": "系统", "resident": "居民", "staff": "民警"}
STOP_COUNT = "第{count}次/共2次"


class Paper:
    """Words that stand on papers only."""

    drill = "【演练】"
    drill_only = "演练材料，不是真实案情，不得报送银行，不得拨打110"
    application = "紧急止付申请表"
    summary = "案件情况摘要"
    number = "单号"
    reported = "报案时间"
    deadline = "黄金时间截止"
    unit = "申请单位"
    victim = "一、受害人"
    identity = "证件类型及号码"
    transfers = "二、转账及止付账户"
    nth = "第{ordinal}笔"
    currency = "币种"
    yuan = "人民币"
    case = "三、简要案情"
    stop = "四、止付"
    kind_of_case = "案件类别"
    fraud = "电信网络诈骗"
    urgency = "紧急程度"
    urgent = "加急"
    count = "止付次数"
    start = "止付起始时间"
    end = "止付截止时间"
    to_fill = "（待补）"
    by_hand = "（民警填写）"
    about = "约"
    money = "{yuan}元"
    check = "（{flag}）"
    signs = ("报案人签名", "经办民警签名", "单位盖章", "日期")
    notice = "以上内容由报案人提供并核对，任何一项与银行记录不符都可能导致止付不成功。"
    unconfirmed = "报案人还没有核对过以上内容。"
    state = "当前状态"
    holder = "经办人"
    lost = "报案金额"
    stopped = "止付金额"
    returned = "返还金额"
    course = "办理经过"
    columns = ("时间", "谁", "做了什么", "文号、金额、说明")
    evidence = "证据"
    evidence_columns = ("时间", "种类", "文件", "SHA-256")
    no_evidence = "没有证据文件。"
    reference = "文号{reference}"
    happened = "办理时间{time}"
    change = "{field}：{before} → {after}"
    told = "{field}：{after}"
    yes, no = "是", "否"
    empty = "空"
    drawn = "制表时间"


class Bundle:
    """Words of the evidence bundle."""

    drill = "【演练】以下是演练材料，不是真实案情，不得报送银行。"
    talk = "聊天记录.txt"
    list = "清单.txt"
    sums = "SHA256SUMS"
    head = "单号{number}的证据清单，制作时间{time}"
    line = "{name}\t{sha256}\t{size}字节\t收到时间{time}"
    lost = "{name}\t文件取不到（{reason}）\t收到时间{time}"
    altered = "（与登记的校验值不符）"
    resident = "居民"
    bot = "机器人"
    staff = "工作人员"
    kinds: dict[str, str] = {"image": "图片", "voice": "语音", "video": "视频", "location": "位置"}  # noqa: RUF012
