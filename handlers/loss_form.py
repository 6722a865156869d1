"""What is asked about a fresh loss, in the order of the station's practice, and how answers are read.

Order: callback phone, payee, amount with time and way, paying side, story, name, read-back. Whatever is said early
is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from conversations.forms import Question, Said, Values
from handlers.words import urgent as words
from nlu.types import Entity
from stops.facts import CORPORATE_MARKS

NAME = "urgent_loss"
LONG_STORY = 25  # characters that count as a story without asking for one
RELATIVES = (
    "妈|爸|父亲|母亲|爷爷|奶奶|外公|外婆|公公|婆婆|老公|老婆|丈夫|妻子|儿子|女儿|哥|姐|弟|妹|叔|伯|姨|舅|姑|"
    "邻居|朋友|同事|同学|老人|亲戚|老汉|孩子|娃|幺妹|老头|老太"
)
THIRD_PARTY = re.compile(
    rf"(?:我|咱|俺|他|她|家里的?|隔壁)的?(?:大|二|三|小|老)?(?:{RELATIVES})"
    r"[^,，。]{0,12}(?:被|遭|转|汇|骗|打|付|给|在)"
)
CALLBACK = re.compile(r"(?:我的?|本人|联系)(?:电话|手机|号码|手机号)|打我|回电|联系我|能打通|找我")
PAYEE_SIDE = re.compile(r"对方|收款|骗子|那边|他的|她的|转给|转到|转去|打给|打到|汇到|汇给|户名|账户名|开户")
PAYER_SIDE = re.compile(r"我的?(?:是)?(?:用|从|卡|账户|账号|微信|支付宝|银行)|从我|付款|我卡|用的|通过")
PAYEE_NAME = re.compile(
    r"(?:收款人|收款方|户名|账户名|对方姓名|收款户名|名字|姓名|对方叫|名叫|开户名)(?:写的|显示)?(?:是|叫|为|:|：|\s)*"
    r"([\u4e00-\u9fa5·]{2,4}(?![\u4e00-\u9fa5·])"
    r"|[\u4e00-\u9fa5·（）()]{4,25}?(?:公司|商行|店|厂|中心|工作室|经营部|合作社)"
    r"|[\u4e00-\u9fa5·]{2,3})"
)
VICTIM_NAME = re.compile(
    r"(?:我叫|我是|本人叫|姓名是?|名字是?|她叫|他叫|转账人是?|我妈叫|我爸叫)[:： ]?"
    r"([\u4e00-\u9fa5·]{2,4})(?![\u4e00-\u9fa5])"
)
PLAIN_NAME = re.compile(r"^(?:叫|是|我叫|我是|她叫|他叫|姓名|名字)?[:： 是叫]*([\u4e00-\u9fa5·]{2,4})$")
ACCOUNT = re.compile(r"(?<![0-9])[0-9](?:[0-9 \-]{6,30})[0-9](?![0-9])")
PLATFORM_ACCOUNT = re.compile(r"(?:微信号?|支付宝(?:账号)?|QQ号?)(?:是|:|：|\s)*([A-Za-z0-9_\-@.]{5,40})")
ORDER = re.compile(r"(?:订单号?|交易单号|流水号|单号)(?:是|:|：|\s)*([0-9A-Za-z]{8,40})")
METHODS: tuple[tuple[str, str], ...] = (
    ("next_day", r"次日|第二天到|明天到账|24小时到"),
    ("realtime", r"实时|马上到|秒到|立即到|即时|快速"),
    ("normal", r"普通到账|普通转账|普通|两小时到|2小时到"),
    ("atm", r"ATM|atm|取款机|存款机|自动柜员|柜员机"),
    ("counter", r"柜台|窗口"),
    ("cash", r"现金|取现"),
    ("scan", r"扫码|二维码|扫了码"),
)
MORE = re.compile(r"又转|还转|再转|第二笔|第三笔|另外|另一笔|后来又|又打|又付|还有一笔|分[两二三四几]次")
CHANGE = re.compile(r"不对|不是|错了|改成|改一下|应该是|搞错|说错|更正|写错|打错")
PLATFORMS = frozenset({"微信", "支付宝", "云闪付", "抖音支付", "京东支付", "QQ钱包", "美团支付", "数字人民币"})


class LossForm:
    """The form of an urgent loss. ``by_sms`` changes wording: no request for the payer's own card."""

    name = NAME

    def __init__(self, *, by_sms: bool) -> None:
        self._by_sms = by_sms

    def questions(self, values: Values) -> Sequence[Question]:
        """All questions that apply now."""
        if self._by_sms and values.get("sender"):
            ask_callback = words.ASK_CALLBACK_SMS.format(tail=str(values["sender"])[-4:])
        else:
            ask_callback = words.ASK_CALLBACK_THIRD if values.get("third_party") else words.ASK_CALLBACK
        callback = Question("callback", ("callback_phone",), ask_callback, words.AGAIN_CALLBACK)
        story = Question("story", ("story_told",), words.ASK_STORY_BEFORE_PAYING, tries=1)
        if values.get("about_to_pay"):
            return (callback, story)
        return (
            callback,
            self._payee(values),
            Question(
                "payment",
                ("amount", "time_said", "method"),
                words.ASK_PAYMENT,
                words.AGAIN_PAYMENT,
                words.LABELS,
            ),
            *self._exact(values),
            Question("payer", ("payer_bank",), words.ASK_PAYER_SMS if self._by_sms else words.ASK_PAYER, tries=1),
            Question("story", ("story_told",), words.ASK_STORY, tries=1),
            Question("name", ("victim_name",), words.ASK_NAME, words.AGAIN_NAME, tries=1),
            Question("confirm", ("confirmed",), "", "", tries=99),
        )

    def _payee(self, values: Values) -> Question:
        needs = ("screenshot",) if "screenshot" in values else ("payee_account", "payee_name", "payee_bank")
        ask, again = (words.ASK_PAYEE_SMS if self._by_sms else words.ASK_PAYEE), words.AGAIN_PAYEE
        if values.get("bad_account"):
            ask = again = words.BAD_ACCOUNT
            needs = ("account_rechecked",)
        return Question("payee", needs, ask, again, words.LABELS)

    @staticmethod
    def _exact(values: Values) -> tuple[Question, ...]:
        if values.get("amount") and any(item.get("approximate") for item in values["amount"]):
            return (Question("exact", ("exact_amount",), words.EXACT_AMOUNT, tries=1),)
        return ()

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        """Everything the message tells about the loss."""
        found: dict[str, Any] = {}
        entities = [entity for entity in said.entities if isinstance(entity, Entity)]
        _read_amounts(said, entities, values, found)
        _read_time(said, entities, found)
        _read_method(said, found)
        _read_phone(said, entities, values, found)
        _read_account(said, entities, values, found)
        _read_banks(said, entities, values, found)
        _read_names(said, values, found)
        _read_story(said, values, found)
        if said.evidence and said.kind in ("image", "video"):
            found["screenshot"] = said.evidence
        if said.asked == "confirm" and said.affirms:
            found["confirmed"] = "yes"
        return found


def _read_amounts(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    amounts = [entity for entity in entities if entity.type == "amount" and entity.valid]
    if not amounts:
        return
    told = [entity for entity in amounts if entity.transfer] or amounts
    if said.asked not in ("payment", "exact", "confirm") and values.get("amount") and not _adds_or_changes(said.text):
        return
    read = [{"yuan": entity.value, "approximate": entity.approximate} for entity in told]
    known = list(values.get("amount", ()))
    if known and MORE.search(said.text) and not CHANGE.search(said.text):
        read = known + [item for item in read if item not in known]
    elif len(read) > 1 and not MORE.search(said.text):
        read = read[:1]
    found["amount"] = read
    if said.asked == "exact" or (known and not read[0]["approximate"]):
        found["exact_amount"] = "yes"


def _adds_or_changes(text: str) -> bool:
    return bool(MORE.search(text) or CHANGE.search(text))


def _read_time(said: Said, entities: list[Entity], found: dict[str, Any]) -> None:
    times = [
        e for e in entities if e.type == "time" and e.begin is not None and e.begin <= said.now + timedelta(minutes=1)
    ]
    if not times:
        return
    first = times[0]
    assert first.begin is not None
    end = first.end_at or first.begin
    moment = first.begin if end == first.begin else min(end, said.now)
    found["time_said"] = first.text
    found["transferred_at"] = moment.isoformat()
    found["time_approximate"] = first.approximate or end != first.begin


def _read_method(said: Said, found: dict[str, Any]) -> None:
    for method, pattern in METHODS:
        if re.search(pattern, said.text):
            found["method"] = method
            return


def _read_phone(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    phones = [entity.value for entity in entities if entity.type == "phone" and entity.valid]
    if said.asked == "callback" and not phones and said.affirms and values.get("sender"):
        found["callback_phone"] = str(values["sender"]).removeprefix("+86")
    elif phones and (said.asked == "callback" or CALLBACK.search(said.text)):
        found["callback_phone"] = phones[0]


def _read_account(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    cards = [entity for entity in entities if entity.type == "bank_card"]
    platform = PLATFORM_ACCOUNT.search(said.text)
    order = ORDER.search(said.text)
    if order:
        found["order_number"] = order.group(1)
    if cards:
        card = cards[0]
        own = said.asked == "payer" or (PAYER_SIDE.search(said.text) and not PAYEE_SIDE.search(said.text))
        if own:
            found["payer_account"] = card.value
            return
        _take_account(card.value, card.valid, values, found)
    elif platform and (said.asked == "payee" or PAYEE_SIDE.search(said.text)):
        _take_account(platform.group(1), True, values, found)
    elif said.asked == "payee" and not order:
        other = ACCOUNT.search(said.text)
        if other:
            _take_account(re.sub(r"[ \-]", "", other.group()), True, values, found)
    if said.asked == "payer" and not cards:
        tail = re.search(r"(?<![0-9])([0-9]{4})(?![0-9])", said.text)
        if tail:
            found["payer_account"] = tail.group(1)


def _take_account(account: str, valid: bool, values: Values, found: dict[str, Any]) -> None:
    found["payee_account"] = account
    asked_before = bool(values.get("bad_account"))
    # A number that fails its check is asked about once; the second time it is kept as said.
    found["bad_account"] = bool(not valid and not asked_before)
    found["account_valid"] = valid
    found["account_rechecked"] = "yes"
    if not valid and not asked_before:
        del found["account_rechecked"]


def _read_banks(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    for entity in entities:
        if entity.type != "bank" and not (entity.type == "app" and (entity.value or entity.text) in PLATFORMS):
            continue
        name = entity.value or entity.text
        before = said.text[max(0, entity.start - 12) : entity.start]
        if _is_payee_bank(said, before, found):
            found.setdefault("payee_bank", name)
        else:
            found.setdefault("payer_bank", name)


def _is_payee_bank(said: Said, before: str, found: dict[str, Any]) -> bool:
    if said.asked == "payer":
        return False
    if re.search(r"(?:用|从|通过|我的?|登录)[^,，。;；]{0,6}$", before):
        return False
    if re.search(r"(?:对方|收款|开户行?|转到|转给|打到|打给|汇到|汇给|户名|他的|她的)[^。;；]{0,12}$", before):
        return True
    return said.asked == "payee" or "payee_account" in found


def _read_names(said: Said, values: Values, found: dict[str, Any]) -> None:
    payee = PAYEE_NAME.search(said.text)
    if payee and said.asked != "name":
        found["payee_name"] = payee.group(1)
    elif said.asked == "payee" and "payee_name" not in values and "method" not in found:
        name = _left_over_name(said)
        if name:
            found["payee_name"] = name
    if said.asked == "name" or (said.asked == "confirm" and not values.get("victim_name")):
        plain = PLAIN_NAME.match(said.text.strip(" 。.,，!！"))
        if plain and not said.denies:
            found["victim_name"] = plain.group(1)
    victim = VICTIM_NAME.search(said.text)
    if victim and "victim_name" not in found and said.asked in ("name", "confirm"):
        found["victim_name"] = victim.group(1)
    if THIRD_PARTY.search(said.text) and not values.get("third_party"):
        found["third_party"] = True


_NOT_A_NAME = frozenset(
    """不知道 不晓得 不清楚 没有 对方 收款 银行 账号 卡号 户名 开户行 支付宝 微信 截图 就是 这个 那个
    好的 是的""".split()
)


def _left_over_name(said: Said) -> str:
    """In an answer like "6222… 张三 农业银行" the name is what remains beside the other facts."""
    rest = list(said.text)
    for entity in said.entities:
        rest[entity.start : entity.end] = " " * (entity.end - entity.start)
    for piece in re.split(r"[^\u4e00-\u9fa5·（）()]+", "".join(rest)):
        piece = re.sub(
            r"^(?:账号|卡号|户名|名字|姓名|叫|是|开户行|对方|收款人)+|(?:的|支行|分行|账号|卡号)+$", "", piece
        )
        company = any(piece.endswith(mark) for mark in CORPORATE_MARKS) and len(piece) <= 25
        if piece and piece not in _NOT_A_NAME and (2 <= len(piece) <= 4 or company):
            return piece
    return ""


def _read_story(said: Said, values: Values, found: dict[str, Any]) -> None:
    text = said.text.strip()
    if not text or said.kind not in ("text", "voice") or said.affirms or said.denies:
        return
    told = str(values.get("story", ""))
    if said.asked == "story" or not told:
        found["story"] = f"{told}\n{text}".strip()[:2000]
    if said.asked == "story" or (not told and len(text) >= LONG_STORY):
        found["story_told"] = "yes"
