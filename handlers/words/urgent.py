"""Words of the urgent path. The first text is fixed: it needs no model, no Redis and no staff.

Order and content follow the national advice: stop, hang up, 110, the bank's own line, keep the evidence.
"""

ADVICE = (
    "先别再转钱，挂断电话，关掉屏幕共享。\n"
    "马上拨打110，说“我被电信诈骗，要紧急止付”；再打付款银行或支付平台的客服。\n"
    "聊天记录和转账凭证都留着，不要删。\n"
    "您的情况已经登记，正在通知值班人员。本专线不能代替110，也无权止付。"
)
ABOUT_TO_PAY = (
    "先停下，一分钱都不要转。挂断电话，关掉屏幕共享，验证码谁都不要给。\n"
    "催您马上转账、不让告诉家人的，都是诈骗。\n"
    "您的情况已经登记，正在通知值班人员给您打电话。拿不准就打96110；钱已经转了，马上打110。"
)
ADVICE_UNSTORED = (
    "先别再转钱，挂断电话，关掉屏幕共享。\n"
    "马上拨打110，说“我被电信诈骗，要紧急止付”；再打付款银行或支付平台的客服。\n"
    "聊天记录和转账凭证都留着，不要删。\n"
    "您的话已经收下，系统忙，稍后会有人看到。请不要等我们，现在就打110。"
)
ASK_CALLBACK = "请留一个马上能接通的电话，方便民警回电。"
ASK_CALLBACK_THIRD = "请留一个马上能接通的电话，最好是转账人本人的，方便民警回电。"
ASK_CALLBACK_SMS = "民警打您现在发短信的这个号码（尾号{tail}）能接通吗？能就回“是”，不能请发另一个号码。"
AGAIN_CALLBACK = "没看清电话号码。请发11位手机号，或带区号的座机。"
ASK_PAYEE = "钱转到哪里了？请发对方的收款账号、户名和开户银行。也可以直接发转账记录的截图。"
ASK_PAYEE_SMS = "钱转到哪里了？请发对方的收款账号、户名和开户银行，有几样发几样。"
AGAIN_PAYEE = "收款方还差：{missing}。转账记录里能看到，知道就发来，不知道回“不知道”。"
BAD_ACCOUNT = "这个收款账号可能有一位不对，银行对不上就停不了。请照转账记录再核对一遍，把完整账号发来。"
ORDER_NOT_ACCOUNT = (
    "收到的是订单号，已记下。还差：{missing}。转账记录或账单详情里能看到，也可以发截图；找不到就回“不知道”。"
)
# What cannot be right is asked about once, and kept as it was said if it stays so.
RECHECK = {
    "phone_unread": "这个号码好像打不通。请再发一遍11位手机号，或带区号的座机；就是这个号码就回“是”。",
    "account_check": BAD_ACCOUNT,
    "account_is_phone": "收款账号好像是个手机号。是支付宝或微信账号就说一声；银行卡号请照转账记录把完整账号发来。",
    "account_is_order": BAD_ACCOUNT,
    "account_unread": BAD_ACCOUNT,
    "amount_zero": "金额好像不对。实际转了多少元？请照转账记录发数字。",
    "amount_huge": "金额好像不对。实际转了多少元？请照转账记录发数字。",
    "amount_unread": "一共转了多少元？请照转账记录发数字，记不清就说个大概。",
    "time_future": "这个时间还没有到。是什么时候转的？请照转账记录发几点几分。",
}
ASK_CLOCK = "具体是哪天几点几分转的？转账记录里能看到，不知道回“不知道”。"
ASK_FURTHER = "第{ordinal}笔（{yuan}元）是什么时候转的？转到同一个账号吗？不是的话把账号、户名、银行也发来。"
REMIND = "您还在吗？早一分钟补上，多一分把握。\n{question}"
ASK_PAYMENT = "转了多少钱？什么时候转的？到账方式是实时、普通、次日，还是ATM?"
AGAIN_PAYMENT = "还差：{missing}。大概记得多少说多少，不知道回“不知道”。"
EXACT_AMOUNT = "准确金额是多少？银行要一分不差才能对上。"
ASK_PAYER = "您是从哪家银行或哪个支付平台付的？付款卡号的后四位记得也发来。"
ASK_PAYER_SMS = "您是从哪家银行或哪个支付平台付的？"
ASK_STORY = "请用一句话说说经过：对方冒充谁、用什么理由让转的钱？"
ASK_STORY_BEFORE_PAYING = "请用一句话说说：对方自称是谁、要您转到哪里、用什么理由？"
ASK_NAME = "转账的人叫什么名字？"
AGAIN_NAME = "请发转账人的姓名，不方便可以回“跳过”。"
READ_BACK = "请核对一下：\n{lines}\n都对请回“对”；哪一项不对，直接发正确的。"
WHICH_WRONG = "哪一项不对？直接发正确的内容，比如“金额是三万二”。"
TAKEN = "记下了。"
TAKEN_FACTS = "记下了：{facts}。不对就直接发正确的。\n"
NTH = "第{ordinal}笔"
CARD_OF = "{value}（卡号开头像{bank}的卡，请核对）"
DONE = (
    "都记好了，单号{number}。值班人员会尽快打{phone}给您，请保持电话畅通。\n"
    "110还没打的，现在就打。能不能止付由公安机关办理，有结果会告诉您。\n"
    "说交钱就能帮您追回的，是第二次诈骗，不要信。"
)
DONE_BEFORE_PAYING = (
    "都记好了，单号{number}。值班人员会尽快打{phone}给您。\n"
    "接到电话前，一分钱都不要转；对方催就挂断。钱已经转了，马上打110，再告诉我们一声。"
)
TAIL = "尾号{tail}的电话"
PHONE = "电话"
ADDED = "已补充到单号{number}，值班人员能看到。"
STILL_OPEN = "您的情况已经在单号{number}里，值班人员能看到。还没打110的，请马上打。"
DOUBTED = (
    "好的。为防有人教您这样说，单号{number}先保留，民警会打电话跟您确认一下。"
    "在那之前，请不要转账，也不要告诉任何人验证码。"
)
LEFT_OUT = "没关系，先跳过。"
LABELS = {
    "payee_account": "收款账号",
    "payee_name": "收款户名",
    "payee_bank": "收款银行",
    "screenshot": "转账截图",
    "amount": "金额",
    "time_said": "时间",
    "method": "到账方式",
    "payer_bank": "付款银行或平台",
    "victim_name": "转账人",
    "callback_phone": "回电电话",
}
METHODS = {
    "realtime": "实时到账",
    "normal": "普通到账",
    "next_day": "次日到账",
    "atm": "ATM转账",
    "counter": "柜台转账",
    "cash": "现金",
    "scan": "扫码付款",
}
MAY_CANCEL = "普通到账或次日到账的，有时还能在银行撤销，请马上打付款银行客服问。"
EVIDENCE_KEPT = "截图收到了，已存为证据。"
ABOUT = "约"
YUAN = "元"
