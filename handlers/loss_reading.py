"""Reading what a message tells about a loss, whatever was asked.

Values of the first transfer lie flat (``payee_account``, ``time_said``…); ``amount`` is a list with one entry per
transfer, and the entries after the first carry what differs for them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations.forms import Said, Values
from handlers.answers import is_skip
from handlers.loss_amounts import CHANGE, PAYMENT, entities_of, pieces_of, read_amounts
from nlu.types import Entity
from stops.plausible import CLOCKS_DIFFER, CORPORATE_MARKS, ORDER_DIGITS, PLATFORMS
from stops.prefixes import bank_of

LONG_STORY = 25  # characters that count as a story without asking for one
VAGUE = timedelta(hours=2)  # a longer stretch than this is no time a bank can compare
RELATIVES = (
    "妈|爸|父亲|母亲|爷爷|奶奶|外公|外婆|公公|婆婆|老公|老婆|丈夫|妻子|儿子|女儿|哥|姐|弟|妹|叔|伯|姨|舅|姑|"
    "邻居|朋友|同事|同学|老人|亲戚|老汉|孩子|娃|幺妹|老头|老太"
)
THIRD_PARTY = re.compile(
    rf"(?:我|咱|俺|他|她|家里的?|隔壁)的?(?:大|二|三|小|老)?(?:{RELATIVES})"
    r"[^,，。]{0,12}(?:被|遭|转|汇|骗|打|付|给|在)"
)
CALLBACK = re.compile(
    r"(?:我的?|本人|联系)(?:电话|手机|号码|手机号)|打我|回电|联系我|能打通|找我"
    r"|(?:^|[,，。;；!！\s])(?:电话|手机号?|打)(?:是|:|：)?\s*1[3-9]"
)
PAYEE_SIDE = re.compile(r"对方|收款|骗子|那边|他的|她的|转给|转到|转去|打给|打到|汇到|汇给|户名|账户名|开户")
PAYER_SIDE = re.compile(r"我的?(?:是)?(?:用|从|卡|账户|账号|微信|支付宝|银行)|从我|付款|我卡|用的|通过")
PAYEE_NAME = re.compile(
    r"(?:收款人|收款方|户名|账户名|对方姓名|收款户名|名字|姓名|对方叫|名叫|开户名)(?:写的|显示)?(?:是|叫|为|:|：|\s)*"
    r"([\u4e00-\u9fa5·]{2,4}(?![\u4e00-\u9fa5·])"
    r"|[\u4e00-\u9fa5·（）()]{2,25}?(?:公司|商行|店|厂|中心|工作室|经营部|合作社)"
    r"|[\u4e00-\u9fa5·]{2,3})"
)
VICTIM_NAME = re.compile(
    r"(?:我叫|我是|本人叫|姓名是?|名字是?|她叫|他叫|转账人是?|我妈叫|我爸叫)[:： ]?"
    r"([\u4e00-\u9fa5·]{2,4})(?![\u4e00-\u9fa5])"
)
# Said without being asked; who makes somebody else do something ("我叫他还钱") tells no name.
OWN_NAME = re.compile(
    r"(?:^|[,，。;；!！\s])(?:我叫|本人叫|我的名字[是叫])[:：]?"
    r"(?!他|她|它|你|您|人|对方|客服|家|朋友|老|大家|别|警|不|谁|啥|什么)([\u4e00-\u9fa5·]{2,4})(?=$|[,，。;；!！\s])"
)
PLAIN_NAME = re.compile(r"^(?:叫|是|我叫|我是|她叫|他叫|姓名|名字)?[:： 是叫]*([\u4e00-\u9fa5·]{2,4})$")
ACCOUNT = re.compile(r"(?<![0-9])[0-9](?:[0-9 \-]{6,38})[0-9](?![0-9])")
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
_OWN = frozenset(
    "time_said transferred_at time_approximate method payee_account payee_name payee_bank order_number".split()
)


def read(said: Said, values: Values) -> dict[str, Any]:
    """Everything the message tells about the loss."""
    if said.asked.startswith("more_"):
        return _read_further(said, values, int(said.asked.removeprefix("more_")))
    pieces = pieces_of(said)
    found = _read_piece(pieces[0], values)
    read_amounts(said, pieces, values, _own, found)
    _read_story(said, values, found)
    if said.evidence and said.kind in ("image", "video"):
        found["screenshot"] = said.evidence
    if said.asked == "confirm" and said.affirms:
        found["confirmed"] = "yes"
    if said.asked.startswith("recheck_"):
        found[f"{said.asked}ed"] = "yes"  # asked once; whatever was answered is kept
    return found


def _own(piece: Said) -> dict[str, Any]:
    """What a piece says of a later transfer alone."""
    return {key: value for key, value in _read_piece(piece, {}).items() if key in _OWN}


def _read_piece(said: Said, values: Values) -> dict[str, Any]:
    """All but the amounts."""
    found: dict[str, Any] = {}
    entities = entities_of(said)
    _read_time(said, entities, values, found)
    _read_method(said, found)
    _read_phone(said, entities, values, found)
    _read_account(said, entities, values, found)
    _read_banks(said, entities, found)
    _read_names(said, values, found)
    _bank_of_the_card(values, found)
    return found


def _read_time(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    asked = said.asked in PAYMENT or said.asked.startswith("more_")
    times = [e for e in entities if e.type == "time" and e.begin is not None]
    past = [e for e in times if e.begin is not None and e.begin <= said.now + CLOCKS_DIFFER]
    chosen = past or (times if asked and said.asked != "confirm" else [])
    if not chosen:
        return
    # A clock time says more than "just now" or "today".
    best = min(chosen, key=lambda e: (e.end_at or e.begin) - e.begin if e.begin else timedelta.max)
    assert best.begin is not None
    end = best.end_at or best.begin
    if end - best.begin > VAGUE:
        if "transferred_at" not in values:
            found["time_said"] = best.text
        return
    found["time_said"] = best.text
    moment = best.begin if end == best.begin or best.begin > said.now else min(end, said.now)
    found["transferred_at"] = moment.isoformat()
    found["time_approximate"] = best.approximate or end != best.begin


def _read_method(said: Said, found: dict[str, Any]) -> None:
    for method, pattern in METHODS:
        if re.search(pattern, said.text):
            found["method"] = method
            return


def _read_phone(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    phones = [entity.value for entity in entities if entity.type == "phone" and entity.valid]
    if said.asked == "callback" and not phones and said.affirms and values.get("sender"):
        found["callback_phone"] = str(values["sender"]).removeprefix("+86")
    elif phones and (said.asked in ("callback", "recheck_phone") or CALLBACK.search(said.text)):
        found["callback_phone"] = phones[0]
    elif said.asked in ("callback", "recheck_phone") and not entities:
        digits = re.fullmatch(r"[^\d]{0,6}([\d \-]{5,24})[^\d]{0,6}", said.text.strip())
        if digits:
            found["callback_phone"] = digits.group(1).strip()


def _read_account(said: Said, entities: list[Entity], values: Values, found: dict[str, Any]) -> None:
    asked = said.asked in ("payee", "recheck_account")
    cards = [entity for entity in entities if entity.type == "bank_card"]
    platform = PLATFORM_ACCOUNT.search(said.text)
    order = ORDER.search(said.text)
    if order:
        found["order_number"] = order.group(1)
    if cards:
        number = cards[0].value
        own = said.asked == "payer" or (PAYER_SIDE.search(said.text) and not PAYEE_SIDE.search(said.text))
        if own and not asked:
            found["payer_account"] = number
        elif not order or number not in order.group(1):
            _take_account(number, found)
    elif platform and (asked or PAYEE_SIDE.search(said.text)):
        _take_account(platform.group(1), found)
    elif asked and not order:
        other = ACCOUNT.search(said.text)
        number = re.sub(r"[ \-]", "", other.group()) if other else ""
        # Somebody in a hurry sends their own number twice: no account, unless it is said to be one.
        if number and (number != values.get("callback_phone") or PAYEE_SIDE.search(said.text)):
            _take_account(number, found)
    if said.asked == "payer" and not cards:
        tail = re.search(r"(?<![0-9])([0-9]{4})(?![0-9])", said.text)
        if tail:
            found["payer_account"] = tail.group(1)


def _take_account(account: str, found: dict[str, Any]) -> None:
    if account.isdigit() and len(account) >= ORDER_DIGITS:
        found["order_number"] = account
    else:
        found["payee_account"] = account


def _bank_of_the_card(values: Values, found: dict[str, Any]) -> None:
    """The number itself tells the bank, where its first digits are known."""
    issuer = bank_of(str(found.get("payee_account", "")))
    if issuer and "payee_bank" not in found and (not values.get("payee_bank") or values.get("bank_by_number")):
        found["payee_bank"] = issuer
        found["bank_by_number"] = True


def _read_banks(said: Said, entities: list[Entity], found: dict[str, Any]) -> None:
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
    if re.search(r"(?:用|从|通过|我的?|登录|付款)[^,，。;；]{0,6}$", before):
        return False
    if re.search(r"(?:对方|收款|开户行?|转到|转给|打到|打给|汇到|汇给|户名|他的|她的)[^。;；]{0,12}$", before):
        return True
    return said.asked in ("payee", "recheck_account", "confirm") or "payee_account" in found


def _read_names(said: Said, values: Values, found: dict[str, Any]) -> None:
    named = [match.group(1) for match in PAYEE_NAME.finditer(said.text) if not CHANGE.search(match.group(1))]
    if named and said.asked != "name":
        found["payee_name"] = named[-1]
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
    others = bool(THIRD_PARTY.search(said.text))
    if others and not values.get("third_party"):
        found["third_party"] = True
    own = OWN_NAME.search(said.text)
    if own and not others and not values.get("third_party") and not values.get("victim_name"):
        found.setdefault("victim_name", own.group(1))


_NOT_A_NAME = frozenset(
    """不知道 不晓得 不清楚 没有 对方 收款 银行 账号 卡号 户名 开户行 支付宝 微信 截图 就是 这个 那个
    好的 是的""".split()
)


def _left_over_name(said: Said) -> str:
    """In an answer like "6222… 张三 农业银行" the name is what remains beside the other facts."""
    rest = list(said.text)
    for entity in entities_of(said):
        rest[entity.start : entity.end] = " " * (entity.end - entity.start)
    for piece in re.split(r"[^\u4e00-\u9fa5·（）()]+", "".join(rest)):
        piece = re.sub(
            r"^(?:账号|卡号|户名|名字|姓名|叫|是|开户行|对方|收款人)+|(?:的|支行|分行|账号|卡号)+$", "", piece
        )
        company = any(piece.endswith(mark) for mark in CORPORATE_MARKS) and len(piece) <= 25
        if piece and piece not in _NOT_A_NAME and (2 <= len(piece) <= 4 or company):
            return piece
    return ""


def _read_further(said: Said, values: Values, ordinal: int) -> dict[str, Any]:
    """An answer about the second or a later transfer."""
    items = [dict(item) for item in values.get("amount", ())]
    if not 2 <= ordinal <= len(items):
        return {}
    told = _read_piece(replace(said, asked="payment" if not said.entities else "payee"), {})
    time: dict[str, Any] = {}
    _read_time(said, entities_of(said), {}, time)
    own = {key: value for key, value in {**told, **time}.items() if key in _OWN}
    if not own:
        return {}
    items[ordinal - 1] = {**items[ordinal - 1], **own}
    return {"amount": items, said.asked: "yes"}


def _read_story(said: Said, values: Values, found: dict[str, Any]) -> None:
    """The story is what was asked for, the first words, and everything of which nothing else could be made."""
    text = said.text.strip()
    if not text or said.kind not in ("text", "voice") or said.affirms or said.denies or is_skip(text):
        return
    told = str(values.get("story", ""))
    if said.asked == "story" or not told or not (set(found) - {"third_party"}):
        found["story"] = f"{told}\n{text}".strip()[:2000]
    if said.asked == "story" or (not told and len(text) >= LONG_STORY):
        found["story_told"] = "yes"
