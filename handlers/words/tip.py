"""Words for reporting a tip."""

import re

from tips.kinds import Kind

WELCOME = "谢谢您来举报。不用留姓名，我们会保密。"
ASK_STORY = "请说说是什么情况：谁、在做什么？"
ASK_SUBJECT = "有没有对方的电话、网址、账号或APP名？有哪个发哪个，没有就回“没有”。"
ASK_PLACE = "是在哪里、什么时候的事？不清楚回“不知道”。"
AGAIN_PLACE = "还差：{missing}。不清楚回“不知道”。"
KINDS = {
    Kind.PHONE: "诈骗电话",
    Kind.SMS: "诈骗短信",
    Kind.URL: "诈骗网址",
    Kind.APP: "诈骗APP",
    Kind.ACCOUNT: "诈骗账号",
    Kind.CARDS: "买卖银行卡、电话卡",
    Kind.DEN: "诈骗窝点",
    Kind.LURING: "拉人、引流",
    Kind.BORDER: "偷越国境",
    Kind.OTHER: "其他",
}
ASK_KIND = "这是哪一类？回个数字：" + " ".join(f"{number}{word}" for number, word in enumerate(KINDS.values(), start=1))
ASK_EVIDENCE = "有截图、照片或录音可以现在发来，发完回“好了”；没有回“没有”。"
ASK_EVIDENCE_SMS = "手里有截图、照片或录音请先保存好，不要删。还有要补充的请接着说，没有就回“没有”。"
DONE = (
    "登记好了，线索编号{number}。\n"
    "查询码{code}\n"
    "查询码只显示这一次，请抄下来、不要告诉别人。查进度、领奖励都要用它，忘了查不回来。"
)
LEFT = "您没有再说，我们先按您说过的登记了，想起什么接着说就行。\n" + DONE
ENOUGH = re.compile(r"^(?:谢谢|多谢|就这些|就这样|发完了|完了|说完了|好的?|行|可以了)[了啊吧。.!！]*$")
ASK_MORE = "线索{number}：请说新的情况，有图片也可以发来。说完回“好了”。"
MORE_KEPT = "记下了。还有就接着说，说完回“好了”。"
MORE_DONE = "好的，都加到线索{number}里了，谢谢您。"
EVIDENCE_KEPT = "收到，已存为证据。还有就接着发，发完回“好了”。"
RECEIVED = "收到，已存好。"
RECEIVED_VOICE = "语音收到了，工作人员会听。"
NOTHING_TOLD = "您还没有说是什么情况，所以没有登记。想起来随时来说，一句话、一个号码、一张图片都行。"
CANCELLED = "好的，这次不登记。以后想说随时来。"
LABELS = {"place": "地点", "happened": "时间"}
