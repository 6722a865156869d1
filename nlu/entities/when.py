"""Points and stretches of time as people say them, against a given ``now``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from nlu.entities.numerals import value_of
from nlu.types import Entity

_N: Final = r"(?:\d{1,3}|[一二两三四五六七八九十几半]{1,4})"
_PERIODS: Final[dict[str, tuple[int, int]]] = {
    word: hours
    for words, hours in (
        ("凌晨 半夜", (0, 6)),
        ("清早 清晨 大清早 早晨", (5, 8)),
        ("一大早 早上 早", (5, 10)),
        ("上午 上半天", (8, 12)),
        ("中午 晌午", (11, 14)),
        ("下午 下半天 午后", (12, 18)),
        ("傍晚", (17, 20)),
        ("晚上 晚 夜里 夜晚 夜间", (18, 24)),
        ("深夜", (21, 24)),
    )
    for word in words.split()
}
_DAYS: Final[dict[str, int]] = {
    word: back
    for words, back in (
        ("大前天 大前日", 3),
        ("前天 前日 前晚 前儿", 2),
        ("昨天 昨日 昨儿 昨晚 昨夜 昨早 昨", 1),
        ("后天 后日", -2),
        ("明天 明日 明早 明晚 明儿", -1),
        ("今天 今日 今儿 今早 今晚 今晨 当天", 0),
    )
    for word in words.split()
}
_PERIOD_IN_DAY: Final = {"晚": "晚上", "夜": "晚上", "早": "早上", "晨": "早上"}
_WEEKDAYS: Final = {
    "一": 0,
    "二": 1,
    "三": 2,
    "四": 3,
    "五": 4,
    "六": 5,
    "日": 6,
    "天": 6,
    "1": 0,
    "2": 1,
    "3": 2,
    "4": 3,
    "5": 4,
    "6": 5,
    "7": 6,
}


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DATE: Final = (
    r"(?:(?P<year>20\d{2})[年/.-](?P<month>1[0-2]|0?[1-9])[月/.-](?P<dom>3[01]"
    r"|[12]\d|0?[1-9])[日号]?|(?P<month2>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?P<dom2>3[01]"
    r"|[12]\d|0?[1-9]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]?)"
)
_CLOCK: Final = (
    r"(?:(?P<hour>2[0-4]|1\d|0?\d|十[一二三四五六七八九]?|二十[一二三四]?|[一二两三四五六七八九])(?:点钟?"
    r"|时(?!间|候)|[:：](?=[0-5]\d))(?:(?P<half>半)|(?P<quarter>[一三]刻)|(?P<minute>[0-5]?\d"
    r"|[一二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])分?)?(?P<more>多"
    r"|过|左右|钟左右|来钟|前后)?)"
)
_LONG_PERIODS: Final = _alternatives([word for word in _PERIODS if len(word) > 1])
_WHEN: Final = re.compile(
    rf"(?P<ago>(?:大概|大约)?(?P<n>{_N})(?:个)?(?P<and_half>半)?(?:多)?(?P<unit>分钟"
    rf"|小时|钟头|天|日|周|星期|礼拜|月|年)(?:多)?(?:之|以)?前)"
    rf"|(?P<halfago>半个?(?P<halfunit>小时|钟头|天|月|年)(?:多)?(?:之|以)?前)"
    rf"|(?P<week>(?P<which>上上|上|这|本)个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])?"
    rf"(?P<wperiod>{_alternatives(_PERIODS)})?(?:{_CLOCK.replace('(?P<', '(?P<w')})?)"
    r"|(?P<monthly>(?P<mwhich>上上|上|这|本)个?月(?:(?P<mday>3[01]|[12]\d|0?[1-9])[号日])?(?P<mpart>初|中旬|底|末)?)"
    r"|(?P<yearly>去年|前年|今年(?!\d)|大前年|20\d{2}年(?!\d{1,2}月\d))(?:(?P<ymonth>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?)?"
    r"|(?<![\d一二三四五六七八九十.个几])(?P<inmonth>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|底|初)?(?!\d|[一二三四五六七八九十]+[日号]|亮|饼|薪|租|供)"
    r"|(?P<vague>刚刚儿?|刚才|方才|刚刚才|才将|将才|才刚|刚(?=转|打|汇|付|给|被"
    r"|把|才|充|交)|前几天|前两天|前些天|这几天|这两天|几天前|前段时间|前阵子"
    r"|前一阵|最近)"
    rf"|(?:(?P<date>{_DATE})|(?P<day>{_alternatives(_DAYS)}))(?:的)?(?P<period>{_alternatives(_PERIODS)})?(?:{_CLOCK})?"
    rf"|(?P<tperiod>{_LONG_PERIODS})(?:{_CLOCK.replace('(?P<', '(?P<t')})?"
    rf"|(?<![\d一二三四五六七八九十第几差有早晚])(?:{_CLOCK.replace('(?P<', '(?P<c')})(?=$"
    r"|[\s,。!?，！？:：;；、转打给接到被汇付来就才又再还我他她在开的有前那这正不把])"
)
_SPANS: Final = {"刚": 1, "方": 1, "才": 1, "将": 1}
_VAGUE_DAYS: Final = {
    "前几天": 7,
    "前两天": 4,
    "前些天": 14,
    "这几天": 7,
    "这两天": 3,
    "几天前": 7,
    "前段时间": 90,
    "前阵子": 60,
    "前一阵": 60,
    "最近": 30,
}
_UNIT_HOURS: Final = {
    "分钟": 1 / 60,
    "小时": 1.0,
    "钟头": 1.0,
    "天": 24.0,
    "日": 24.0,
    "周": 168.0,
    "星期": 168.0,
    "礼拜": 168.0,
    "月": 720.0,
    "年": 8760.0,
}

Interval = tuple[datetime, datetime, bool]


def times(text: str, now: datetime) -> Iterator[Entity]:
    """Times named in folded ``text``; ``now`` is timezone-aware, the results are in its zone."""
    for found in _WHEN.finditer(text):
        try:
            interval = _interval(found, now)
        except (ValueError, OverflowError):  # 2月30日, a year before 1
            continue
        if interval is not None:
            begin, end, vague = interval
            yield Entity("time", found.group(), *found.span(), approximate=vague, begin=begin, end_at=end)


def _interval(found: re.Match[str], now: datetime) -> Interval | None:
    groups = found.groupdict()
    if groups["ago"]:
        return _ago(
            _amount(groups["n"]) + (0.5 if groups["and_half"] else 0.0), groups["unit"], now, "几" in groups["n"]
        )
    if groups["halfago"]:
        return _ago(0.5, groups["halfunit"], now, vague=False)
    if groups["week"]:
        return _week(groups, now)
    if groups["monthly"]:
        return _month(groups, now)
    if groups["inmonth"]:
        month = int(value_of(groups["inmonth"])[0])
        first = _month_start(now, (now.month - month) % 12)
        return first, _month_start(first, -1), True
    if groups["yearly"]:
        return _year(groups, now)
    if groups["vague"]:
        return _vague(groups["vague"], now)
    if groups["date"] or groups["day"]:
        day = _date(groups, now) if groups["date"] else _midnight(now) - timedelta(days=_DAYS[groups["day"]])
        period = groups["period"] or _PERIOD_IN_DAY.get((groups["day"] or "")[-1:], "")
        return _within(day, period, _clock(groups, ""), now)
    prefix = "t" if groups["tperiod"] else "c"
    clock = _clock(groups, prefix)
    if prefix == "c" and clock is None:
        return None
    return _within(_midnight(now), groups["tperiod"] or "", clock, now, floating=True)


def _amount(numeral: str) -> float:
    return float(value_of(numeral)[0])


def _ago(count: float, unit: str, now: datetime, vague: bool) -> Interval:
    """A count of units before now; days and longer are a whole day."""
    moment = now - timedelta(hours=count * _UNIT_HOURS[unit])
    if unit in ("分钟", "小时", "钟头"):
        return moment, moment, True
    slack = {"天": 0, "日": 0, "周": 3, "星期": 3, "礼拜": 3, "月": 10, "年": 90}[unit]
    day = _midnight(moment)
    return day - timedelta(days=slack), day + timedelta(days=1 + slack), vague or slack > 0


def _vague(word: str, now: datetime) -> Interval:
    if word in _VAGUE_DAYS:
        return now - timedelta(days=_VAGUE_DAYS[word]), now, True
    return now - timedelta(hours=_SPANS[word[0]]), now, True


def _week(groups: dict[str, str | None], now: datetime) -> Interval:
    back = {"上上": 14, "上": 7}.get(groups["which"] or "", 0)
    monday = _midnight(now) - timedelta(days=now.weekday() + back)
    if not groups["weekday"]:
        return monday, monday + timedelta(days=7), True
    day = monday + timedelta(days=_WEEKDAYS[groups["weekday"]])
    return _within(day, groups["wperiod"] or "", _clock(groups, "w"), now)


def _month(groups: dict[str, str | None], now: datetime) -> Interval:
    back = {"上上": 2, "上": 1}.get(groups["mwhich"] or "", 0)
    first = _month_start(now, back)
    if groups["mday"]:
        day = first.replace(day=int(groups["mday"]))
        return day, day + timedelta(days=1), False
    after = _month_start(now, back - 1)
    thirds = {"初": (0, 10), "中旬": (10, 20), "底": (20, 31), "末": (20, 31)}.get(groups["mpart"] or "")
    if thirds is None:
        return first, after, True
    return first + timedelta(days=thirds[0]), min(after, first + timedelta(days=thirds[1])), True


def _month_start(now: datetime, back: int) -> datetime:
    months = now.year * 12 + now.month - 1 - back
    return _midnight(now).replace(year=months // 12, month=months % 12 + 1, day=1)


def _year(groups: dict[str, str | None], now: datetime) -> Interval:
    named = groups["yearly"] or ""
    year = int(named[:4]) if named[:2] == "20" else now.year - {"去年": 1, "前年": 2, "大前年": 3}.get(named, 0)
    start = _midnight(now).replace(year=year, month=1, day=1)
    if groups["ymonth"]:
        month = int(value_of(groups["ymonth"])[0])
        start = start.replace(month=month)
        return start, start.replace(year=year + month // 12, month=month % 12 + 1), True
    return start, start.replace(year=year + 1), True


def _date(groups: dict[str, str | None], now: datetime) -> datetime:
    month = int(value_of(groups["month"] or groups["month2"] or "")[0])
    day = int(value_of(groups["dom"] or groups["dom2"] or "")[0])
    date = _midnight(now).replace(year=int(groups["year"] or now.year), month=month, day=day)
    if not groups["year"] and date > now:
        date = date.replace(year=date.year - 1)
    return date


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _clock(groups: dict[str, str | None], prefix: str) -> tuple[int, int, bool, bool] | None:
    """Hour, minute, vague, whole hour (三点多)."""
    hour = groups.get(prefix + "hour")
    if not hour:
        return None
    minute = 30 if groups[prefix + "half"] else int(value_of(groups[prefix + "minute"] or "")[0])
    if groups[prefix + "quarter"]:
        minute = 15 if (groups[prefix + "quarter"] or "").startswith("一") else 45
    more = groups[prefix + "more"] or ""
    return int(value_of(hour)[0]), minute, bool(more), more in ("多", "过")


def _within(
    day: datetime, period: str, clock: tuple[int, int, bool, bool] | None, now: datetime, floating: bool = False
) -> Interval:
    """A day with an optional part of it and an optional hour; ``floating``: today, or yesterday if still to come."""
    if clock is None:
        first, last = _PERIODS.get(period, (0, 24))
        begin, end = day + timedelta(hours=first), day + timedelta(hours=last)
        if floating and begin > now:
            begin, end = begin - timedelta(days=1), end - timedelta(days=1)
        return begin, end, bool(period)
    hour, minute, vague, whole = clock
    if hour < 12 and period and _PERIODS[period][0] >= 11 and not (period in ("中午", "晌午") and hour >= 10):
        hour += 12
    moment = day + timedelta(hours=hour, minutes=minute)
    if not period and hour < 12 and moment + timedelta(hours=12) <= now and _midnight(now) == day and hour < 7:
        moment += timedelta(hours=12)  # "三点" told in the afternoon
    if floating and moment > now:
        moment -= timedelta(days=1)
    if whole:
        return moment, moment + timedelta(hours=1), True
    if vague:
        return moment - timedelta(minutes=15), moment + timedelta(minutes=15), True
    return moment, moment, False
