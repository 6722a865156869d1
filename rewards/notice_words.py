"""What the reporter is told unasked. No amount, and nothing of the case: whoever reads it has not shown the code."""

APPROVED = "奖励{number}已经批准。请发“领奖”和线索编号、查询码，我们给您领取号{limit}。领取不收任何费用。"
LIMIT = "（{deadline}）"
REMIND = "奖励{number}还没有领，最迟{month}月{day}日。请发“领奖”和线索编号、查询码。领取不收任何费用。"
LAPSED = "奖励{number}过了期限没有领取，已按放弃处理。有疑问回“人工”。"
# A text message lies open on anybody's phone.
APPROVED_SMS = "您之前反映的事有新进展。请回复“领奖”和线索编号、查询码，或打电话来问。办事的人不会要您转钱。"
REMIND_SMS = "您之前反映的事有一项快到期限：最迟{month}月{day}日。请回复“领奖”和线索编号、查询码，或打电话来问。"
LAPSED_SMS = "您之前反映的事有一项已过期限。有疑问回“人工”，或打电话来问。"
TOLD_BY = {"wechat": "微信消息已发出", "sms": "短信已发出"}
READ_BY_CODE = "举报人凭线索编号和查询码查到"
LAPSED_BY_TIME = "超过领取期限，系统按期限入账"
