"""Words for everything that is neither an urgent loss nor a tip."""

MENU = "您可以直接说：被骗了、我要举报、帮我看看是不是诈骗、查进度、举报有奖吗，或者回“人工”。"
GREETING = "您好，这里是{name}。" + MENU + "\n钱刚转出去的，马上打110，同时告诉我们。"
OUR_NUMBER = "也可以打{number}。"
FOLLOWED = (
    "谢谢关注{name}。这里可以：\n"
    "1 钱被骗走了，马上登记止付\n"
    "2 举报诈骗线索，可以不留姓名\n"
    "3 问问是不是诈骗\n"
    "4 查进度、问奖励\n"
    "5 转人工\n"
    "直接打字说就行。钱刚转出去的，先打110。"
)
MENU_NUMBERS = {"1": "urgent_loss", "2": "report_tip", "3": "check_suspicious", "4": "check_progress", "5": "handover"}
URGENT_ASK = "您的钱是不是已经转出去了？请简单说说：转了多少、转给谁。"
THANKS = "不客气。有拿不准的随时来问，遇到要转账的先停一停。"
OUT_OF_SCOPE = "这个我帮不上。这里只管防诈骗的事。" + MENU
UNCLEAR = "我没完全明白，您是想：\n1 {first}\n2 {second}\n回1或2，或者换个说法。"
UNCLEAR_AGAIN = "还是没弄明白。回“人工”，我请工作人员来。"
WHAT = {
    "urgent_loss": "钱被骗了，要登记止付",
    "seek_help": "遇到麻烦，想请人帮忙",
    "claim_reward": "问举报奖励",
    "check_progress": "查之前的进度",
    "report_tip": "举报线索",
    "check_suspicious": "看看是不是诈骗",
    "consult": "问防诈骗的知识",
    "handover": "找工作人员",
}
OFFERED = frozenset(WHAT)
ASK_QUESTION = "您想问什么？直接打字，比如：刷单是不是诈骗、96110是什么电话、银行卡被冻结怎么办。"
NO_ANSWER = "这个问题我答不准，不想乱说。回“人工”，我请工作人员来答；急的话打96110。"
HANDED_OVER = "已转工作人员，{place}。您接着说，他们都能看到。"
NEXT_IN_LINE = "前面没有人等"
BEFORE_YOU = "前面还有{count}位"
OFFICE_HOURS = "工作时间：{hours}。"
ALREADY_WAITING = "已经在等工作人员了，{place}。您可以先把情况写下来。"
EMERGENCY = "有人身危险或钱正在转，请直接打110。"
HELP_FIRST = "别着急，先把情况说清楚，不要转钱，也不要删记录。"
UNSUBSCRIBED = "好的，不再给您发提醒。正在办的事不受影响，需要时随时来。"
CANCELLED = "好的，不办了。需要时随时来。"
NOTHING_TO_CANCEL = "好的。现在没有在办的事，需要时随时说。"
GOOD = "好的。" + MENU
DENIED = "好的，没事就好。遇到要转账、要验证码的，先来问一声。"
BACK_AFTER_LONG = "上次说到一半，接着说。"
BACK_TO_IT = "接着刚才的。"
KEPT_IMAGE = "图片收到了，已存好。请用一句话说说是什么情况，好帮您看。"
KEPT_VOICE = "语音收到了，工作人员会听。您也可以打字说一遍，这样更快。"
KEPT_VIDEO = "视频收到了，已存好。请用一句话说说是什么情况。"
KEPT_LOCATION = "位置收到了。请说说那里发生了什么。"
KEPT_OTHER = "收到了。请用文字说说是什么情况，好帮您看。"
TOO_FAST = "您发得太快了，话都已存好，工作人员能看到。请停一分钟再发。钱刚转出去的，马上打110。"
EMPTY = "没收到内容，请再发一次。"
BROKEN = "您的话已经收到并保存，工作人员会看。钱正在转或刚转出去的，请马上打110。"
PARTIAL = "（您的短信没有收全，缺的部分请再发一次。）"
NO_STATUS_BY_SMS = "为了安全，短信里不查办理情况。请用微信公众号发线索编号和查询码，或者打电话来问。"
ASK_CODE = "请发线索编号（XS开头）和查询码。"
ASK_CODE_TOO = "要查举报线索，请发线索编号（XS开头）和查询码。"
AGAIN_CODE = "没看到{missing}。请把线索编号和查询码一起发来，比如：XS100000 加查询码。"
HIDDEN_CODE = "••••"
CODE_LABELS = {"number": "线索编号", "code": "查询码"}
WRONG_CODE = "编号和查询码对不上，请照登记时的那条消息再核对一遍。"
TRIED_TOO_OFTEN = "试的次数太多了，请一小时后再试，或者回“人工”。"
TIP_STATUS = "线索{number}：{state}。{date}登记。有新情况可以接着发给我们。"
CARD_STATES = {
    "new": "已登记，等待民警接手",
    "accepted": "民警已接手",
    "forwarded": "已转派出所",
    "initiated": "公安机关已提出止付",
    "succeeded": "公安机关反馈：止付办理成功",
    "partial": "公安机关反馈：部分止付",
    "failed": "公安机关反馈：没有止付成功",
    "extended": "公安机关已办理续止付",
    "frozen": "公安机关已办理冻结",
    "lapsed": "止付期限已过",
    "returned": "资金返还办理中",
    "closed": "已办结",
}
CARD_STATUS = "单号{number}：{state}。有疑问回“人工”。"
NO_SCHEME = "本地的奖励办法还没有登记到本专线，奖不奖、奖多少以公安机关公布的为准。"
HOW_TO_CLAIM = "要领奖，请发线索编号（XS开头）和查询码，工作人员会核对。"
HOW_TO_CLAIM_SMS = "要领奖，请发线索编号和查询码。短信里不说金额，领多少请用微信公众号或打电话来问。"
CLAIMED = "已收到您的领奖申请，编号{number}。工作人员核对后会通知您。"
CLAIMED_BEFORE = "这条线索已经申请过，编号{number}：{state}。"
CLAIM_STATES = {
    "requested": "等待核对",
    "proposed": "正在审核",
    "verified": "正在审批",
    "approved": "已批准，等待通知领取",
    "notified": "可以领取",
    "claimed": "已登记领取，等待发放",
    "paid": "已经发放",
    "archived": "已经办结",
    "refused": "不符合奖励条件",
    "lapsed": "超过期限没有领取，已按放弃处理",
    "revoked": "已撤销",
}
CLAIM_STATUS = "奖励{number}：{state}。"
CLAIM_NOW = "请发“领奖”和线索编号、查询码领取{until}。"
CLAIM_UNTIL = "，最迟{month}月{day}日"
COLLECT = (
    "奖励{number}可以领取了。您的领取号：{code}，只显示这一次，请记好。凭领取号到公安机关指定的地点领取，不收任何费用。"
)
COLLECT_AMOUNT = "金额{amount}元。"
COLLECT_UNTIL = "最迟{month}月{day}日发放。"
COLLECTED = "这条奖励已经登记领取，领取号只显示过一次。领取号丢了，请回“人工”。"
ALREADY_PAID = "这条奖励已经领过了，不能再领。有疑问回“人工”。"
LAPSED = "这条奖励超过期限没有领取，已按放弃处理。有疑问回“人工”。"
CLAIM_REFUSED = "这条线索不符合奖励条件，谢谢您的举报。有疑问回“人工”。"
CLAIM_REVOKED = "这条奖励已经撤销。有疑问回“人工”。"
ASK_SUSPICIOUS = "请把可疑的短信、网址、电话号码或APP名发来，我帮您看。没弄清楚前，先不要转钱、不要点链接、不给验证码。"
REPORTED_BEFORE = "已有{count}人举报过这个{what}。"
FOUND_FRAUD = "工作人员核实过：这个{what}和诈骗有关。"
FOUND_CLEARED = "有人反映过这个{what}，工作人员核对后没有发现问题；拿不准还是不要转钱。"
CORRECTIONS = {
    "fraud": "您之前问过的一个号码、网址或账号，工作人员后来核实和诈骗有关：请不要再联系、不要转钱。"
    "已经转了钱的，马上打110并回复我们。",
    "cleared": "您之前问过的一个号码、网址或账号，我们说过有人举报；后来核对没有发现问题，特此更正。拿不准的随时来问。",
}
NOT_REPORTED = "还没有人向我们举报过这个{what}，这不代表它可靠。"
SUBJECTS = {"phone": "号码", "url": "网址", "bank_card": "账号", "qq": "QQ号", "wechat": "微信号"}
