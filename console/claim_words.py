"""Words of the pages of rewards, and who may do which step."""

from __future__ import annotations

from rewards import words
from rewards.models import Act, ClaimState

WORKERS = frozenset({"officer", "verifier", "approver", "finance"})  # who only audits reads without names and numbers
READERS = WORKERS | {"auditor"}
PAYEE_READERS = frozenset({"approver", "finance"})

ACTS = {Act(act): said for act, said in words.ACTS.items()}
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
    ClaimState.NOTIFIED: ((Act.REVOKE, frozenset({"approver"}), True),),
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
DUE = "{step}，最迟{day}"
DUE_STEPS = {"notify": "通知举报人", "claim": "举报人领取", "pay_out": "发放"}
NOT_A_NUMBER = "“{name}”要填数目。"
TASK_DONE = "已记下。"
PAYEE = {"name": "收款人", "account": "收款账号或号码"}
ASK_WEIGHT = "{number}（{at}登记）的作用占几份"
ASK_SOLVED_ON = "破案日期（办法的期限从破案起算）"
NOT_A_DAY = "请选日期。"
PROPOSED = "已拟定{amount}元，等待审核。"
DONE = "已办理：{act}。"
PAID = "已登记发放。"
EXTENDED = "期限已延长。"
MONTH_FILE = "奖励账目{month}.xlsx"
BUDGET_ADDED = "已登记经费。"
