"""Words of the audit log and of the auditor's masked records."""

from __future__ import annotations

WHAT = {"": "全部", "look": "查看", "change": "办理和修改", "paper": "导出和打印", "sign": "登录"}
KINDS = {
    "card": "止付单",
    "tip": "线索",
    "claim": "领奖",
    "conversation": "会话",
    "media": "图片和文件",
    "order": "预警指令",
    "subject": "号码或网址",
    "payee": "收款人",
    "message": "消息",
    "staff": "人员",
    "verdict": "号码的结论",
    "drill": "演练",
    "month": "月报",
    "payment": "发放记录",
    "duty_plan": "值班表",
    "stand_in": "替班",
}
# What was done. An action that is not here is shown by its own name.
ACTIONS = {
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_out": "退出",
    "change_password": "改自己的密码",
    "take": "接手会话",
    "take_over": "接过会话",
    "hand_back": "会话交回机器人",
    "close": "结束会话",
    "reply": "回复居民",
    "resend": "重发消息",
    "label": "标注意思",
    "cards_take": "接手止付单",
    "cards_take_over": "接过止付单",
    "cards_release": "放回止付单",
    "cards_amend": "改止付单",
    "cards_set_state": "改止付单状态",
    "cards_merge": "合并止付单",
    "cards_task_done": "办完一件事",
    "card_paper": "生成止付单材料",
    "print_cards": "打印待办止付单",
    "print_card": "打印一张止付单",
    "tips_set_state": "改线索状态",
    "tip_take": "接手线索",
    "tip_assign": "分派线索",
    "tip_offer": "提出移交线索",
    "tip_amend": "更正线索",
    "tip_enter": "代登记线索",
    "tip_acts_answer": "答复移交",
    "tip_acts_link": "关联线索",
    "verdict": "给号码下结论",
    "claims_open_for": "开领奖单",
    "claim_task": "办完一件领奖的事",
    "payee_erased": "按期删除收款人",
    "claim_propose": "拟定奖励",
    "claim_verify": "审核奖励",
    "claim_approve": "审批奖励",
    "claim_send_back": "退回重拟",
    "claim_refuse": "不予奖励",
    "claim_notify": "通知举报人",
    "claim_extend": "延长期限",
    "claim_lapse": "逾期放弃",
    "claim_pay": "登记发放",
    "claim_archive": "归档",
    "claim_revoke": "撤销奖励",
    "claim_recover": "登记追回",
    "ledger_budget": "登记经费",
    "ledger_export": "导出账目",
    "figures_export": "导出统计",
    "import_orders": "导入预警指令",
    "order_enter": "录入预警指令",
    "order_amend": "更正预警指令",
    "order_sign": "签收预警指令",
    "order_attempt": "登记劝阻",
    "order_feedback": "预警反馈",
    "order_review": "预警评价",
    "order_text": "给预警对象发短信",
    "drill_start": "开始演练",
    "drill_end": "结束演练",
    "duty_plan": "换值班表或提醒阶梯",
    "duty_phone": "改值班手机号",
    "duty_stand_in": "登记替班",
    "duty_stand_in_revoked": "撤销替班",
    "duty_seen": "看到提醒",
    "staff_add": "添加人员",
    "staff_roles": "改角色",
    "staff_password": "重设密码",
    "staff_deactivate": "停用人员",
    "staff_activate": "启用人员",
    "staff_release": "放回别人手上的会话",
    "learning_export": "导出训练数据",
    "audit_verify": "核对日志",
    "audit_export": "导出日志",
    "month_make": "生成月报",
    "month_paper": "下载月报",
    "cli_reveal": "用命令看未隐去的记录",
    "cli_staff_add": "用命令添加人员",
    "cli_orders_import": "用命令导入预警指令",
    "cli_report": "用命令生成月报",
    "cli_ledger_budget": "用命令登记经费",
    "cli_duty_load": "用命令换值班表或提醒阶梯",
    "cli_drill": "用命令开始演练",
    "cli_learning_label": "用命令标注意思",
    "cli_learning_export": "用命令导出训练数据",
    "cli_staff_first": "建第一个登录",
}
CHECKED = "{count} 条，{faults} 处问题"
COUNT = "{count} 份"
LOOK = "查看{kind}"
SOMEBODY = "没有登录的人"
COMMAND = "命令行"
FROM = {"console": "工作台 {mark}", "cli": "命令行 {mark}"}
PROGRAM = "程序"
NO_SUCH_RECORD = "没有编号 {number}。"
WHOLE = "已核对最近 {count} 条：完整，没有改动、缺少或接不上的。最新一条的校验值：{last}:{newest}"
FAULTS = {"gap": "缺少第 {position} 条", "torn": "第 {position} 条和前一条接不上", "changed": "第 {position} 条被改过"}
LOOSE = "有 {position} 条不在链上"
BROKEN = "日志有问题：{faults}。请马上报告，不要再动数据库。"
FILE = "审计日志{day}.xlsx"
SHEET = "日志"
HEAD = ("序号", "时间", "人员", "角色", "来自", "操作", "对象", "编号", "说明", "校验值")
RECORDS = {"cards": "止付单", "orders": "预警指令", "tips": "线索", "conversations": "会话"}
FILE_KIND = "[文件]"
HIDDEN_LINK = "[网址]"
HIDDEN_FILE = "{kind}（没有显示）"
ADDED = "举报人补充"
CHANGED = "改了{fields}"
LABELS = {
    "state": "状态",
    "kind": "种类",
    "reported": "报案时间",
    "holder": "承办人",
    "phone": "回电电话",
    "victim": "转账人",
    "fraud": "类型",
    "story": "经过",
    "amount": "金额",
    "time": "转账时间",
    "method": "到账方式",
    "payer_bank": "付款银行或平台",
    "payer_account": "付款账号",
    "payee_name": "收款户名",
    "payee_account": "收款账号",
    "payee_bank": "收款银行",
    "order_number": "订单号",
    "registered": "登记时间",
    "received": "收到时间",
    "level": "级别",
    "village": "村（社区）",
    "name": "姓名",
    "mobile": "手机号",
    "address": "地址",
    "content": "内容",
    "outcome": "劝阻结果",
    "rating": "评价",
    "steps": "办理时间",
    "place": "地点",
    "happened": "时间",
    "evidence": "证据",
    "sender": "居民",
    "channel": "渠道",
    "opened": "开始",
    "first": "最早一条",
    "last": "最近一条",
    "finding": "核实结论",
    "people": "举报和报案的人数",
}
NAMED_IN = "出现在哪里"
BESIDE = "同时出现"
EVIDENCE = "{kind}，{size} 字节，SHA-256 {sha256}"
