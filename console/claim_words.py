"""Words of the pages of rewards, and who may do which step."""

from __future__ import annotations

from rewards.models import Act, ClaimState

WORKERS = frozenset({"officer", "verifier", "approver", "finance"})  # who only audits reads without names and numbers
READERS = WORKERS | {"auditor"}

ACTS = {
    Act.REQUEST: "提出申请",
    Act.PROPOSE: "拟定",
    Act.VERIFY: "审核通过",
    Act.APPROVE: "审批同意",
    Act.SEND_BACK: "退回重拟",
    Act.REFUSE: "不符合",
    Act.NOTIFY: "已通知举报人",
    Act.CLAIM: "凭查询码领取",
    Act.EXTEND: "延长期限",
    Act.LAPSE: "逾期放弃",
    Act.PAY: "登记发放",
    Act.ARCHIVE: "归档",
    Act.REVOKE: "撤销",
    Act.RECOVER: "登记追回",
}
# Buttons by state: the act, the role that may, and whether something must be written.
BUTTONS: dict[ClaimState, tuple[tuple[Act, frozenset[str], bool], ...]] = {
    ClaimState.REQUESTED: ((Act.REFUSE, frozenset({"officer"}), True),),
    ClaimState.PROPOSED: (
        (Act.VERIFY, frozenset({"verifier"}), False),
        (Act.SEND_BACK, frozenset({"verifier"}), True),
        (Act.REFUSE, frozenset({"verifier"}), True),
    ),
    ClaimState.VERIFIED: (
        (Act.APPROVE, frozenset({"approver"}), False),
        (Act.SEND_BACK, frozenset({"approver"}), True),
        (Act.REFUSE, frozenset({"approver"}), True),
    ),
    ClaimState.APPROVED: ((Act.NOTIFY, frozenset({"officer"}), True), (Act.REVOKE, frozenset({"approver"}), True)),
    ClaimState.NOTIFIED: ((Act.LAPSE, frozenset({"officer"}), True), (Act.REVOKE, frozenset({"approver"}), True)),
    ClaimState.CLAIMED: ((Act.REVOKE, frozenset({"approver"}), True),),
    ClaimState.PAID: (
        (Act.ARCHIVE, frozenset({"officer", "finance"}), False),
        (Act.REVOKE, frozenset({"approver"}), True),
    ),
    ClaimState.REFUSED: ((Act.ARCHIVE, frozenset({"officer", "finance"}), False),),
    ClaimState.LAPSED: ((Act.ARCHIVE, frozenset({"officer", "finance"}), False),),
    ClaimState.ARCHIVED: ((Act.REVOKE, frozenset({"approver"}), True),),
    ClaimState.REVOKED: ((Act.RECOVER, frozenset({"finance"}), True),),
}
DUE_STEPS = {"notify": "通知举报人", "claim": "举报人领取", "pay_out": "发放"}
NOT_A_NUMBER = "“{name}”要填数目。"
NOT_A_DAY = "请选日期。"
PROPOSED = "已拟定{amount}元，等待审核。"
DONE = "已办理：{act}。"
PAID = "已登记发放。"
EXTENDED = "期限已延长。"
MONTH_FILE = "奖励账目{month}.xlsx"
BUDGET_ADDED = "已登记经费。"
