"""Amounts of money in yuan, in every form residents write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from nlu.entities.numerals import value_of
from nlu.types import Entity

_ARABIC: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,4})?)"
_HAN: Final = "零一二两俩三仨四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅几数半"
_NOT_COUNTED: Final = (
    r"(?!\s*(?:人(?![没都不就跑走消失也还])|个(?![wk万])|名|位|次|岁|年|月(?!费)|日|号|天|点|分钟|小时|楼"
    r"|层|栋|室|米|公里|里|斤|公斤|克|吨|度|秒|页|字|"
    r"条|台|件|箱|单|票|户|粉|款|部|辆|头|只|篇|种|家|张|倍|折|瓶|盒|路|班|级"
    r"|届|代|把刀|步|分(?!钱)|%|平|亩|块地|后(?!来)|周|星期|"
    r"流量|积分|笔|多(?:人|个|名|次|岁|年|天|位|户|米|斤|条|张|只)|[-/:.]\d|美|港|日元|刀|u\b|usdt|英镑|欧))"
)
_YUAN: Final = r"(?:元|块(?!地|石|板)|快(?!递|乐|点|手|捷|来|去|要|到|速)|圆|人民币|rmb|大洋)(?:钱|整|人民币)?"
_VAGUE: Final = r"(?:多|来|余|几|好几)"
_ABOUT: Final = r"(?:左右|上下|出头|开外|不到|往上|以上)?"
_CENTS: Final = r"(?:[\d零一二两三四五六七八九]{1,2}(?:[毛角](?:[\d一二两三四五六七八九]分?)?|分(?!钟))?)?"
_DIGITS_UNIT: Final = (
    rf"{_ARABIC}{_VAGUE}?\s?(?:个)?[万千百亿wk](?![a-z])(?:零?[\d{_HAN}](?![\d.])"
    rf"|[\d]{{1,4}}[千百]?|[{_HAN}]{{1,8}})?(?:[千百][\d{_HAN}]{{0,4}})?"
)
_LEAD: Final = "零一二两俩三仨四五六七八九十壹贰叁肆伍陆柒捌玖几数廿卅好上成半拾百佰千仟"
_BARE_BIG: Final = rf"(?:[{_HAN}]{{0,14}}[{_LEAD}]{_VAGUE}?(?:个)?[百千万亿佰仟wk皮](?![a-z里])(?:嘢)?[{_HAN}]{{0,14}})"
_PAIR: Final = (
    rf"(?:{_ARABIC}|[一二两三四五六七八九十]{{1,3}})(?:-|~|到|至)(?:(?:{_ARABIC}"
    rf"|[一二两三四五六七八九十百]{{1,3}})[万千百wk]{{1,2}})"
)

AMOUNT: Final = re.compile(
    "(?P<money>"
    rf"(?<![\d.a-z])(?P<pair>{_PAIR})(?:{_VAGUE})?(?:{_YUAN})?{_ABOUT}{_NOT_COUNTED}"
    rf"|(?<![\d.a-z:/@-])(?:{_DIGITS_UNIT}){_VAGUE}?(?:{_YUAN}{_CENTS})?{_ABOUT}{_NOT_COUNTED}"
    rf"|(?<![\d.a-z@])(?:[¥￥]\s?|rmb\s?|人民币){_ARABIC}(?:{_YUAN})?(?![\d.])"
    rf"|(?<![\d.a-z:@-]){_ARABIC}{_VAGUE}?\s?{_YUAN}{_CENTS}{_ABOUT}"
    rf"|(?<![\d.,])\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,2}})?(?![\d.,])|(?<![\d.])\d{{3,6}}(?=、[\d{_HAN}]{{1,9}}[万千百元块wk、,。]|、\d{{3,6}}(?!\d))"
    rf"|(?<![\d.a-z:/-])[1-9]\d{{2,6}}(?=(?:都|全|就)?(?:被|遭)?(?:转|打|汇|付|骗)(?:给|出|过|走|了))"
    rf"|(?<![{_HAN}分])[万千百]把(?:来)?(?:块|元)钱?"
    rf"|(?<![{_HAN}第之]){_BARE_BIG}{_VAGUE}?(?:{_YUAN}{_CENTS})?{_ABOUT}{_NOT_COUNTED}"
    rf"|(?<![{_HAN}第])[{_HAN}]{{1,12}}{_VAGUE}?{_YUAN}{_CENTS}{_ABOUT}"
    rf"|(?<![{_HAN}\d])(?:\d{{1,3}}|[一二两三四五六七八九几])[毛角](?:钱)?(?![病笔衣巾])"
    rf"|(?<![{_HAN}\d低至息])[万千百][一二三四五六七八九](?=[,。!?\s块元]|$)(?:{_YUAN})?"
    ")"
)
_PAYING: Final = (
    "(?:转账?|打款?|汇款?|付款?|支付|交|缴|充值?|垫付?|骗|诈骗|坑|豁|给|扣款?"
    "|刷|借|投资?|花|损失|亏|少|收|存|取|赔|退|返|赚|还|"
    "欠|红包|金额|押金|定金|本金|保证金|手续费|会员费|价格|第[一二三四五六七八九十1-9]{1,2}[次笔回]"
    "|总共|一共|共计|合计|大概|大约|差不多|约|笔|单|是|要|追|买|卖|贷|消费|支出"
    "|提现?|发|寄|拿|套|余额|零钱|费|每人|日薪|月薪|日结|月入|流水|奖|返现|车钱|人出|有人出"
    "|扫|划|押|抽|工资|订金|学费|房租|货款|疗程|套餐|显示"
    "|[一每](?:张|天|单|晚|次|小时|个月|个人|人)|(?:给|借)[一-龥]{1,4}(?=\\d{3,6}(?!\\d))|[做个](?=\\d{4,6}的))"
)
_BARE: Final = re.compile(
    rf"(?:{_PAYING}(?:了|走|去|掉|过去|出去|他|她|我|你|您|对方|骗子|给|人家|进去|得|款|到"
    rf"|[一两二三四五六七八九\d]次|的|一共|大概|差不多|总共|约|快|近|有|是|:|,|\s){{0,4}}"
    rf"|(?:元|块|万|千|百|w|k|\d{{3}})[、,和,跟加+\s]{{1,2}})(?P<bare>(?<![\d.])(?:{_ARABIC}|[二三四五六七八九]?十[一二三四五六七八九]?(?=[,。!?是]|$))(?![\d%a-z./:-]"
    rf"|\s?[万千百])(?:[多余](?!少))?{_ABOUT}){_NOT_COUNTED}"
)
_CODE_BEFORE: Final = re.compile(
    r"(?:码|尾号|密码|代码|工号|编号|单号|房号|qq|微信号?|学号|代号|群|账号|卡号"
    r"|电话|热线|拨打)[^一-龥]{0,6}$|(?:码|号)(?:是|为|给)[^一-龥]{0,3}$"
)
_WRONG_ZERO: Final = re.compile(r"(?<=\d)[oO]{1,8}(?=[\doO]{0,8}(?:[万千百元块wWkK,。]|$|\s))")
_SIGN: Final = re.compile(r"[¥￥]|rmb|人民币|元|块|快|圆|大洋|钱|整|米")
_LOOSE: Final = re.compile(r"多|来(?!了)|余|几|左右|上下|出头|开外|不到|往上|以上|数|好|上|成|把|-|~|到|至")
_ABOUT_BEFORE: Final = re.compile(
    r"(?:大概|大约|差不多|将近|接近|近|约|快|好像有?|估计|可能|起码|至少)(?:有|是|转了|骗了)?$"
)


def amounts(text: str) -> Iterator[Entity]:
    """Amounts in folded ``text``; the surface is taken from the original by the caller."""
    text = _WRONG_ZERO.sub(lambda found: "0" * len(found.group()), text)
    taken = 0
    for start, end in sorted(_spans(text), key=lambda span: (span[0], -span[1])):
        if start < taken:
            continue
        surface = text[start:end].rstrip(" ")
        value, vague = _value(surface)
        if value <= 0 or value >= 10**12:
            continue
        about = vague or _ABOUT_BEFORE.search(text[max(0, start - 6) : start]) is not None
        taken = start + len(surface)
        yield Entity("amount", surface, start, taken, _plain(value), approximate=about)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for found in AMOUNT.finditer(text):
        if found.group() not in ("百万", "千万", "万一", "百千", "万亿"):
            yield found.span()
    at = 0
    while (bare := _BARE.search(text, at)) is not None:
        start, end = bare.span("bare")
        before = text[max(0, start - 12) : start]
        digits = re.sub(r"\D", "", re.split(r"[.多余]", text[start:end])[0]) or _plain(_value(text[start:end])[0])
        if len(digits) <= 8 and int(digits) >= 2 and not (digits.startswith("0") or _looks_like_code(before, digits)):
            yield start, end
        at = max(end - 1, at + 1)


def _looks_like_code(before: str, digits: str) -> bool:
    dialled = before.endswith("打") and _HOTLINE.fullmatch(digits) is not None
    return dialled or _CODE_BEFORE.search(before) is not None or digits in _SERVICE_NUMBERS


_HOTLINE: Final = re.compile(r"1\d\d|1[02]\d{3}|9[56]\d{3}|[48]00\d*|\d{7,}")
_SERVICE_NUMBERS: Final = frozenset(
    {"110", "119", "120", "122", "96110", "12381", "12321", "10086", "10010", "95017", "95188", "12345", "114"}
)


def _value(surface: str) -> tuple[Decimal, bool]:
    vague = _LOOSE.search(surface) is not None
    pair = re.match(rf"({_ARABIC}|[{_HAN}]+?)(?:-|~|到|至)(.+)", surface)
    if pair is not None:
        return _range(pair.group(1), pair.group(2))
    body = re.sub(r"^[¥￥]\s?|^rmb\s?|^人民币", "", surface)
    if re.match(r"^[万千百]把", body):
        return value_of(body[0])[0] or Decimal({"万": 10_000, "千": 1000, "百": 100}[body[0]]), True
    yuan, cents = _split_cents(body)
    if re.match(r"^[万千百][一二三四五六七八九]$", yuan):
        yuan = "一" + yuan
    numeral = _SIGN.sub(
        "",
        re.sub(
            r"[多来余]|好几|左右|上下|出头|开外|不到|往上|以上|嘢|个",
            lambda m: "几" if m.group() == "好几" else "",
            yuan,
        ),
    )
    value, loose = value_of(numeral.lstrip("好上成"))
    if numeral[:1] in ("上", "成") and not value:
        value, loose = value_of("一" + numeral[1:])
    return value + cents, vague or loose


def _range(low: str, high: str) -> tuple[Decimal, bool]:
    unit = re.search(r"[万千百wk]+", high)
    return value_of(low + (unit.group() if unit else ""))[0], True


_CENT_FORM: Final = re.compile(rf"^(.*?)(?:元|块|圆|快)(?:(\d|[{_HAN}])[毛角]?)?(?:(\d|[{_HAN}])分?)?钱?$")
_DIME_FORM: Final = re.compile(r"^(\d{1,3}|[一二两三四五六七八九几])[毛角]")


def _split_cents(body: str) -> tuple[str, Decimal]:
    dimes = _DIME_FORM.match(body)
    if dimes is not None:
        return "", value_of(dimes.group(1))[0] / 10
    found = _CENT_FORM.match(body)
    if found is None or found.group(2) is None or found.group(2) in "几半":
        half = Decimal("0.5") if found is not None and found.group(2) == "半" else Decimal(0)
        return (found.group(1) if found is not None else body), half
    cents = value_of(found.group(2))[0] / 10
    if found.group(3):
        cents += value_of(found.group(3))[0] / 100
    return found.group(1), cents


def _plain(value: Decimal) -> str:
    """Yuan as a decimal string without exponent or trailing zeros."""
    text = format(value.quantize(Decimal("0.01")), "f")
    return text.rstrip("0").rstrip(".")
