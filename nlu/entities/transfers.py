"""Which of the amounts in a text is the one that was transferred."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nlu.types import Entity

_PAID: Final = re.compile(
    r"(?:转|打|汇|付|充|投|交|缴|垫|骗|豁|坑|扣|刷|划|盗|借|买|花|给|损失|亏|少|支出|套|卷|寄|存|取)(?:账|款|钱|值|费|走|掉|光|资)?"
    r"(?:了|过|去|出|走|给|到|他|她|我|对方|骗子|人家|进|大概|大约|差不多|一共|总共|又|约|是|有|,|的|第一笔|第二笔|第三笔|一笔|共|\s){0,8}$"
)
_NOT_PAID: Final = re.compile(
    r"(?:要|让|叫|喊|还要|再|想|需要|可以|能|就|可|会|得|准备|必须|如果|才能)(?:我|你|他|她|再|先|去|又|给)*(?:交|转|打|汇|付|充|投|缴|补|存|赚|挣|领|返|提|得|贷|借)(?:账|款|钱|值)?(?:个|他|给)?[^,。!?\n]{0,4}$"
    r"|(?:佣金|返|赚|挣|领|奖|补贴|中奖|中了|退|还|赔|余额|卡里还有|还有|剩|还剩|额度|工资|利息|收益|提成|日赚|价值|原价|贷款|悬赏|奖励)(?:了|我|给|有|是|到)?[^,。!?\n]{0,4}$"
)
_AFTER: Final = re.compile(
    r"^(?:块|元|钱|都|全|就|也|一下子|这样|,){0,4}(?:被|遭|让人|叫人|没了|没得|不见|打水漂|转走|骗|出去|过去|给(?:了|他|她|对方|骗子)|转|打|汇|打了|,转|汇了)"
)


def mark_transfers(text: str, found: Sequence[Entity]) -> list[Entity]:
    """The same entities, ``transfer`` set on each amount that was paid; a lone amount counts unless it is denied."""
    amounts = [entity for entity in found if entity.type == "amount"]
    paid = {id(entity) for entity in amounts if _paid(text, entity)}
    if len(amounts) == 1 and not _denied(text, amounts[0]):
        paid = {id(amounts[0])}
    return [replace(entity, transfer=True) if id(entity) in paid else entity for entity in found]


def _paid(text: str, entity: Entity) -> bool:
    if _denied(text, entity):
        return False
    before = text[max(0, entity.start - 24) : entity.start]
    return _PAID.search(before) is not None or _AFTER.match(text[entity.end : entity.end + 12]) is not None


def _denied(text: str, entity: Entity) -> bool:
    return _NOT_PAID.search(text[max(0, entity.start - 24) : entity.start]) is not None
