"""The Chinese an amount is explained in; for staff and auditors."""

from storage.chain import Break

PEOPLE = "人"
YUAN = "元"
BY = "依据：{name}（版本 {version}{start}）。"
SINCE = "，{day}起施行"
BARRED = "不予奖励：{why}。"
APPLIED = "适用“{name}”：{said}，计{sum}。"
NOT_APPLIED = "不适用“{name}”：{why}。"
QUESTION = "待查：{asked}"
DECISION = "待定：{asked}"
TOTAL = "合计：{total}。"
SHARE = "分给{key}：{sum}（{said}）。"
AT_LEAST = "{low}元以上，上限由审批机关酌定"

NOT_THIS_KIND = "这条线索不是这一类"
CONDITION_FAILED = "不具备条件：{conditions}"
EXCLUDED = "属于不奖励的情形：{exclusion}"
NUMBER_ZERO = "数目是0{unit}"
NUMBER_OPEN = "{each}，数目待定"
TIMES = "{each}×{number}{unit}={total}"
MEASURED = "{measure}{value}{unit}"
MEASURE_OPEN = "按{measure}分档，数目待定"
NO_BAND = "{shown}，没有达到起点，或不在任何一档内"
IN_BAND = "{shown}，在{edges}这一档，{payout}"
ON_EDGE = "{shown}，正好在两档的分界上，办法没有写含不含"
CAP_USED = "本案已达到每案最高{cap}元"
CAPPED = "，超过每案最高{cap}元{before}，按上限"
CAPPED_IN_ALL = "合计超过每案最高{cap}元{before}，按上限。"
BEFORE = "（本案此前已奖{before}元，还剩{left}元）"
NO_BASE = "只能在其他奖励之外另加，这里没有其他奖励"
BEATEN = "只取最高的一项（这一项：{said}）"
HIGHEST_ONLY = "几项都符合时只取最高的一项。"
ADD_UP = "几项都符合时相加。"
STACKING_OPEN = "几项都符合，办法没有写是相加还是取最高。"
ADDED_ON_TOP = "另加的奖励加在上面。"

ASK_KIND = "是不是“{name}”这一类线索？"
ASK_CONDITION = "是否具备条件：{condition}？"
ASK_CONDITION_OF = "“{name}”是否具备条件：{condition}？"
ASK_EXCLUSION = "是否属于不奖励的情形：{exclusion}？"
ASK_NUMBER = "“{name}”有多少{unit}？"
ASK_MEASURE = "“{name}”要按{measure}分档，是多少？"
ASK_EDGE = "“{name}”：{shown}正好在分界上，办法没有写含不含，算哪一档？"
ASK_AMOUNT = "“{name}”由审批机关酌定，给多少，理由是什么？"
ASK_STACKING = "几项都符合，办法没有写是相加还是取最高，怎么算？"
ASK_SEVERAL = "几个人举报同一线索，办法没有写怎么分，怎么分？"
ASK_SAME_MOMENT = "有人登记的时间完全相同，谁算最先？"
ASK_CONTRIBUTION = "按作用大小分，各人的作用占多少？"

ALONE = "一个人举报"
JOINT = "一起举报，平分一份"
FIRST = "最先登记"
LATER = "不是最先登记"
CONTRIBUTED = "作用占{whole}份中的{weight}份"
SHARE_OPEN = "怎么分待定"

ACCOUNTS = {
    "source": "拨款来源",
    "budget": "奖励经费",
    "reserved": "已拟定占用",
    "payable": "已批准待付",
    "paid": "已发放",
    "lapsed": "逾期放弃",
    "clawed_back": "追回",
}
NO_REFERENCE = "请填写文号。"
NOT_ENOUGH = "“{account}”的余额不够。"
NOT_ZERO = "各账户合计不是零，差{total}元"
CHAIN_BROKEN = "和前一笔接不上"
ENTRY_CHANGED = "内容和校验值不符"
BREAKS = {Break.GAP: "缺少第{position}笔", Break.TORN: CHAIN_BROKEN, Break.CHANGED: ENTRY_CHANGED}
CLAIM_ELSEWHERE = "{number} 的钱不在它的状态该在的账户里，或数目不符"

ACTS = {
    "request": "提出申请",
    "propose": "拟定",
    "verify": "审核通过",
    "approve": "审批同意",
    "send_back": "退回重拟",
    "refuse": "不符合",
    "notify": "已通知举报人",
    "claim": "凭查询码领取",
    "extend": "延长期限",
    "lapse": "逾期放弃",
    "pay": "登记发放",
    "archive": "归档",
    "revoke": "撤销",
    "recover": "登记追回",
}
TASKS = {
    "tell": "消息送不到举报人，请设法告知奖励已经批准、凭线索编号和查询码领取，告知后办“已通知举报人”",
    "notify_due": "通知举报人的期限快到了：还没批准的请抓紧办，已批准的请设法告知",
    "claim_due": "领取的期限快到了，举报人还没有来领",
    "pay_due": "发放的期限快到了",
    "overdue": "期限已过，还没有办",
    "lapsed": "超过期限没有领取，系统已按逾期放弃入账，请归档",
}
NO_TASK = "没有这项任务，或者已经办了。"
SAY_OUTCOME = "请写明结果，比如“已电话告知，本人知道了”。"

NO_CLAIM = "没有这条领奖记录。"
NOT_NOW = "当前状态下不能这样操作，请刷新页面再看。"
DONE_BEFORE = "{name}已经办了“{act}”，这一步不用再办，请刷新页面再看。"
PAID_BEFORE = "这条已经登记发放过：{name}和{second}经手，收据{receipt}，不能再登记。"
NOT_CONFIRMED = "这条线索还没有查实，或者查实的结论已经改了，不能办奖励。"
TIME_OVER = "期限已经过了，不能再延长。"
CLAIM_TIME_OVER = "领取的期限已经过了。"
GIVE_REASON = "请填写原因。"
NOT_YOUR_ROLE = "这一步要由{role}来办。"
ROLES = {"officer": "民警", "verifier": "审核人", "approver": "审批人", "finance": "财务"}
NOT_YOUR_PART = "拟定、审核、审批、发放不能由同一个人办，您已经办过这条的另一步。"
APPROVED_ALREADY = "您已经审批过这条，要由另一位审批人再批。"
NOT_ON_THE_LADDER = "这个金额要由{approver}审批。"
OUT_OF_RANGE = "金额要在{range}之内。"
NOT_AN_AMOUNT = "金额要大于 0，最多两位小数。"
STILL_OPEN = "还有没弄清的事，不能拟定：{asked}"
NOTHING_TO_PAY = "按办法这条没有奖励，请写明原因后办“不符合”。"
NO_SCHEME_THEN = "这条线索登记的时候没有生效的奖励办法，不能拟定金额。"
NOTHING_DUE = "这条现在没有期限，不用延长。"
UNTIL = "延到{day}"
LATER_ONLY = "新的期限要晚于原来的期限。"
METHOD_NOT_ALLOWED = "办法规定的发放方式是：{methods}。"
WRONG_COLLECTION = "领取号不对，请让领取人再核对一遍。"
RECEIPT_USED = "这个收据编号已经用过。"
NO_RECEIPT = "请填写收据编号。"
SECOND_OFFICER = "发放要两个人经手，请选另一位在岗的民警或财务。"
NEVER_PAID = "这条没有发放过，不能追回。"

SHEET_ACCOUNTS, SHEET_ENTRIES = "对账", "明细"
HEAD_ACCOUNTS = ["账户", "月初（元）", "本月转入（元）", "本月转出（元）", "月末（元）"]
HEAD_ENTRIES = ["序号", "时间", "从", "到", "金额（元）", "领奖", "文号、收据", "校验值"]
SHEET_RECEIPTS = "收据"
HEAD_RECEIPTS = ["时间", "领奖", "收据编号", "方式", "收据金额（元）", "账上金额（元）", "核对"]
AGREES = {True: "一致", False: "不一致"}
SUM = "合计"
