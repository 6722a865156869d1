"""Reading what a message tells about a loss, whatever was asked.

Values of the first transfer lie flat (``payee_account``, ``time_said``…); ``amount`` is a list with one entry per
transfer, and the entries after the first carry what differs for them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conversations.forms import Said, Values
from handlers.answers import is_skip
from nlu.entities.numerals import value_of
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
    r"|(?:^|[,，。;；!！\s])(?:电话|手机号?)(?:是|:|：)?\s*1[3-9]"
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
# What begins to tell of another transfer.
MORE = re.compile(
    r"又转|还转|再转|后来又|又打|又付|又汇|还有一笔|另外一笔|另一笔|另外又|另外还|第[二三四五六2-6]笔|分[两二三四五几]次"
)
NTH = re.compile(r"第([一二三四五六1-6])笔")
CHANGE = re.compile(r"不对|不是|错了|改成|改一下|应该是|搞错|说错|更正|写错|打错")
TOTAL = re.compile(r"(?:一共|总共|共|合计|加起来|总计)(?:是|有|转了|被骗了?|骗了?)*$")
ODD_AMOUNT = re.compile(r"(?<![\d.])(\d{1,15}(?:\.\d{1,2})?|零)\s*([百千万亿]?)\s*(?:元|块钱?|圆|$)")
SPEAKS_OF_MONEY = re.compile(r"钱|元|块|[百千万亿]|全部|积蓄|\d")
PAYMENT = ("payment", "exact", "confirm", "recheck_amount", "recheck_time", "clock")
_OWN = frozenset(
    "time_said transferred_at time_approximate method payee_account payee_name payee_bank order_number".split()
)


def read(said: Said, values: Values) -> dict[str, Any]:
    """Everything the message tells about the loss."""
    if said.asked.startswith("more_"):
        return _read_further(said, values, int(said.asked.removeprefix("more_")))
    pieces = _pieces(said)
    found = _read_piece(pieces[0], values)
    _read_amounts(said, pieces, values, found)
    _read_story(said, values, found)
    if said.evidence and said.kind in ("image", "video"):
        found["screenshot"] = said.evidence
    if said.asked == "confirm" and said.affirms:
        found["confirmed"] = "yes"
    if said.asked.startswith("recheck_"):
        found[f"{said.asked}ed"] = "yes"  # asked once; whatever was answered is kept
    return found


def _read_piece(said: Said, values: Values) -> dict[str, Any]:
    """All but the amounts."""
    found: dict[str, Any] = {}
    entities = _entities(said)
    _read_time(said, entities, values, found)
    _read_method(said, found)
    _read_phone(said, entities, values, found)
    _read_account(said, entities, values, found)
    _read_banks(said, entities, found)
    _read_names(said, values, found)
    _bank_of_the_card(values, found)
    return found


def _entities(said: Said) -> list[Entity]:
    return [entity for entity in said.entities if isinstance(entity, Entity)]


def _pieces(said: Said) -> list[Said]:
    """The message cut where it begins to tell of another transfer. What follows the cuts answers no question."""
    cuts = [0]
    for cue in MORE.finditer(said.text):
        clause = max(said.text.rfind(mark, 0, cue.start()) for mark in ",，。;；!！\n") + 1
        cut = clause if clause > cuts[-1] else cue.start()
        if cut > cuts[-1]:
            cuts.append(cut)
    ends = [*cuts[1:], len(said.text)]
    return [_cut(said, start, end) for start, end in zip(cuts, ends, strict=True)]


def _cut(said: Said, start: int, end: int) -> Said:
    if (start, end) == (0, len(said.text)):
        return said
    inside = [
        replace(entity, start=entity.start - start, end=entity.end - start)
        for entity in _entities(said)
        if start <= entity.start and entity.end <= end
    ]
    return replace(said, text=said.text[start:end], entities=inside, asked="" if start else said.asked)


def _amounts_of(piece: Said) -> list[Entity]:
    amounts = [entity for entity in _entities(piece) if entity.type == "amount" and entity.valid]
    return [entity for entity in amounts if entity.transfer] or amounts


def _item(entity: Entity) -> dict[str, Any]:
    return {"yuan": entity.value, "approximate": entity.approximate}


def _read_amounts(said: Said, pieces: list[Said], values: Values, found: dict[str, Any]) -> None:
    known: list[dict[str, Any]] = [dict(item) for item in values.get("amount", ())]
    first = [_item(e) for e in _without_total(pieces[0], several=len(pieces) > 1)]
    later = [item for piece in pieces[1:] for item in _further_items(piece, values)]
    if CHANGE.search(said.text) and known and (first or later):
        _correct(said, [*first, *later], known, found)
    elif later:
        if first and known and all(_knows(known, item) for item in [*first, *later]):
            return  # the same story again
        base = known or first[:1] or [{}]
        if not known and not first:
            base = later[:1]
            later = later[1:]
        found["amount"] = base + later
    elif first:
        _take_first(said, first, known, found)
    elif said.asked in PAYMENT or not known:
        _read_odd_amount(said, known, found)


def _knows(known: list[dict[str, Any]], item: dict[str, Any]) -> bool:
    return any(one.get("yuan") == item["yuan"] for one in known)


def _without_total(piece: Said, *, several: bool) -> list[Entity]:
    """The amounts of a piece; where single transfers follow, a sum of them is none itself."""
    amounts = _amounts_of(piece)
    return [e for e in amounts if not (several and TOTAL.search(piece.text[: e.start]))]


def _further_items(piece: Said, values: Values) -> list[dict[str, Any]]:
    """The transfers told in a piece after a cut, each with what is said of it alone."""
    amounts = _without_total(piece, several=True)
    if len(amounts) == 1:
        own = {key: value for key, value in _read_piece(piece, {}).items() if key in _OWN}
        return [{**_item(amounts[0]), **own}]
    return [_item(entity) for entity in amounts]


def _correct(said: Said, read: list[dict[str, Any]], known: list[dict[str, Any]], found: dict[str, Any]) -> None:
    nth = NTH.search(said.text)
    place = int(value_of(nth.group(1))[0]) - 1 if nth else 0
    place = min(place, len(known) - 1)
    known[place] = {**known[place], **read[-1]}  # "不是三万,是三万二": the last one counts
    found["amount"] = known
    if not read[-1]["approximate"]:
        found["exact_amount"] = "yes"


def _take_first(said: Said, first: list[dict[str, Any]], known: list[dict[str, Any]], found: dict[str, Any]) -> None:
    if known and said.asked not in PAYMENT:
        return
    if known and said.asked in ("exact", "payment"):
        place = next((i for i, item in enumerate(known) if item.get("approximate") or not item), 0)
    else:
        place = 0
    if known:
        known[place] = {**known[place], **first[0]}
        found["amount"] = known
    else:
        found["amount"] = first[:1]
    if said.asked == "exact" or (known and not first[0]["approximate"]):
        found["exact_amount"] = "yes"


def _read_odd_amount(said: Said, known: list[dict[str, Any]], found: dict[str, Any]) -> None:
    """Nothing that could be an amount of money lost, but said as one: kept, to be asked about."""
    text = said.text.strip(" 。.,，!！")
    if any(e.type in ("phone", "bank_card") for e in _entities(said)):
        return
    odd = ODD_AMOUNT.search(text)
    asked = said.asked in ("payment", "exact", "recheck_amount")
    if odd and (asked or re.search(r"\d{10,}\s*(?:元|块)|(?<!\d)0\s*(?:元|块)", text)):
        unit = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[odd.group(2)]
        value = Decimal(0 if odd.group(1) == "零" else odd.group(1)) * unit
        item = {"yuan": format(value, "f"), "approximate": False}
        found["amount"] = [{**known[0], **item}, *known[1:]] if known else [item]
    elif (
        asked
        and not known
        and len(text) <= 40
        and SPEAKS_OF_MONEY.search(text)
        and not (_entities(said) or is_skip(text))
    ):
        found["amount_said"] = text


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
        if other:
            _take_account(re.sub(r"[ \-]", "", other.group()), found)
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
    if THIRD_PARTY.search(said.text) and not values.get("third_party"):
        found["third_party"] = True


_NOT_A_NAME = frozenset(
    """不知道 不晓得 不清楚 没有 对方 收款 银行 账号 卡号 户名 开户行 支付宝 微信 截图 就是 这个 那个
    好的 是的""".split()
)


def _left_over_name(said: Said) -> str:
    """In an answer like "6222… 张三 农业银行" the name is what remains beside the other facts."""
    rest = list(said.text)
    for entity in _entities(said):
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
    _read_time(said, _entities(said), {}, time)
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
