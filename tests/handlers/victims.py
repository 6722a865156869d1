"""People who were cheated and know their data, each in a manner of their own. All numbers and names are invented."""

from __future__ import annotations

from dataclasses import dataclass, field

from conversations.inbound import Channel
from nlu.entities.contact import luhn


def card_number(prefix: str, length: int = 19) -> str:
    """A number with that prefix, zeros and the right check digit."""
    body = prefix.ljust(length - 1, "0")
    return next(body + digit for digit in "0123456789" if luhn(body + digit))


ABC, ICBC, CCB = card_number("622848"), card_number("622202"), card_number("621700")
PSBC, BOC, CMB = card_number("621799"), card_number("621660"), card_number("622588", 16)
UNKNOWN = card_number("629999")  # no bank is known by this prefix
PHONE = "17000000001"


@dataclass(frozen=True)
class Victim:
    """``answers``: what they say when that is asked; a list is sent as bubbles. Anything else: they do not know."""

    opening: str | tuple[str, ...]
    answers: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    amounts: tuple[int, ...] = ()  # yuan, one per transfer
    account: str = ""
    name: str = ""
    channel: Channel = Channel.WECHAT


def _asked(payee: str, payment: str, phone: str = PHONE, **more: str) -> dict[str, str | tuple[str, ...]]:
    return {"callback": phone, "payee": payee, "payment": payment, **more}


VICTIMS = (
    Victim("我被骗了", _asked(f"{ABC} 张小三 农业银行", "两万，十分钟前转的，实时到账"), (20000,), ABC, "张小三"),
    Victim("刚才给骗子转了23000元", _asked(f"账号{ICBC}，户名李大四", "刚刚转的，实时"), (23000,), ICBC, "李大四"),
    Victim(
        f"我刚被骗了8820元，十分钟前用建行转到对方农业银行账号{ABC}，户名王五，我电话{PHONE}", {}, (8820,), ABC, "王五"
    ),
    Victim(
        "我妈刚被骗了五万，转给一个冒充公安的",
        _asked(f"收款人赵小六 卡号{CCB}", "下午一点五十转的，普通到账"),
        (50000,),
        CCB,
        "赵小六",
    ),
    Victim(
        ("我被骗了", "刚转了3200块", "对方说是京东客服"),
        _asked(f"户名孙小七，{PSBC}，邮储银行", "五分钟前，手机银行实时到的"),
        (3200,),
        PSBC,
        "孙小七",
    ),
    Victim("遭骗了，转了一万五", _asked(f"中国银行{BOC}周小八", "13点45分，实时到账"), (15000,), BOC, "周小八"),
    Victim("刷单被骗了三千", _asked(f"{CMB}，吴小九，招商银行", "刚才，秒到"), (3000,), CMB, "吴小九"),
    Victim(
        "救命 我被骗了 转了两万三给客服",
        _asked(f"某某商贸有限公司 {UNKNOWN} 重庆农商行", "1点40转的 实时到账"),
        (23000,),
        UNKNOWN,
        "某某商贸有限公司",
    ),
    Victim("我被骗了12600元，刚转的，对方账号" + ABC, _asked("户名郑小十", "实时到账"), (12600,), ABC, "郑小十"),
    Victim(
        "网上买东西被骗了999元",
        _asked("支付宝转的，对方支付宝账号fake000012，名字冯十一", "半小时前付的"),
        (999,),
        "fake000012",
        "冯十一",
    ),
    Victim("杀猪盘骗了我七万八", _asked(f"{ICBC}陈十二工行", "一个小时前，实时"), (78000,), ICBC, "陈十二"),
    Victim(
        "警察同志我刚才转了四万多给骗子",
        _asked(f"{CCB} 褚十三 建设银行", "40600元，20分钟前，实时"),
        (40600,),
        CCB,
        "褚十三",
    ),
    Victim(
        "我被骗了，转了1.5w",
        _asked(f"卡号{PSBC[:4]} {PSBC[4:8]} {PSBC[8:12]} {PSBC[12:16]} {PSBC[16:]} 户名卫十四", "刚才两点差十分转的"),
        (15000,),
        PSBC,
        "卫十四",
    ),
    Victim(
        f"刚才转了5000给骗子，我手机{PHONE}",
        _asked(f"对方叫蒋十五，账号{BOC}，中国银行", "刚刚，实时到账"),
        (5000,),
        BOC,
        "蒋十五",
    ),
    Victim(
        "你好，我爸被骗了转了2万6千", _asked(f"{ABC}\n沈十六\n农行", "今天13:50，次日到账"), (26000,), ABC, "沈十六"
    ),
    Victim(
        "我刚被骗两万",
        {"callback": "是的", **_asked(f"{ICBC} 韩十七 工商银行", "13点50，实时到账", "是")},
        (20000,),
        ICBC,
        "韩十七",
        Channel.SMS,
    ),
    Victim(
        "客服骗我转了6666元",
        {"callback": PHONE, "payee": (f"{CCB}", "杨十八", "建设银行"), "payment": "6分钟前，快速到账"},
        (6666,),
        CCB,
        "杨十八",
    ),
    Victim(
        "我被骗了两万，又转了三千",
        {**_asked(f"{ABC} 朱十九 农业银行", "第一笔13点30，实时"), "more_2": "13点40，同一个账号"},
        (20000, 3000),
        ABC,
        "朱十九",
    ),
    Victim(
        "有人冒充领导骗了我九万八",
        _asked(f"户名某某工作室，账号{UNKNOWN}，重庆银行", "13:55转的，柜台办的"),
        (98000,),
        UNKNOWN,
        "某某工作室",
    ),
    Victim("我被骗钱了怎么办", _asked(f"{PSBC} 秦二十 邮政储蓄", "一千二百块，刚才转的"), (1200,), PSBC, "秦二十"),
    Victim("刚被假客服骗走19800，转到" + CMB, _asked("尤小一 招商银行", "三分钟前转的"), (19800,), CMB, "尤小一"),
    Victim("我给骗子转了3k，电话" + PHONE + "，" + ICBC + "，户名许小二", {"payment": "刚刚"}, (3000,), ICBC, "许小二"),
    Victim(
        "老公刚被骗了，转了十二万",
        _asked(f"何小三 {BOC} 中行", "两点差五分，大额转的，普通到账"),
        (120000,),
        BOC,
        "何小三",
    ),
    Victim("我被电信诈骗了18000元", _asked(f"{ABC}，吕小四", "刚才13点52分"), (18000,), ABC, "吕小四"),
)
