"""Whether the money is still to go: what makes a card one of kind 劝阻."""

from __future__ import annotations

import pytest

from nlu.tense import still_to_go

STILL_TO_GO = """
他让我现在转
对方催我马上转账
还没转 他一直催
验证码还没给
验证码还没给他 他一直要
他叫我赶紧把钱打过去
我该不该转,他说再不转就抓我
他要我把钱转到安全账户,我还没转
我在银行门口,他让我进去汇款
我人在柜台前了,他喊我汇五万
我妈要去给人汇钱,咋拦
我爸马上就要给那个老师转钱了
准备给他打三万过去,有点怕
马上要交保证金了,要不要交
对方等着我转钱,电话没挂
他说今天不交明天就起诉,我正准备交
现在让我转两万到一个卡上
喊我现在把钱打到他卡上
警察叫我去银行转钱,我在路上了
老婆要给网上那个人转钱,我拉不住
钱还没转出去,卡号都输好了
就差最后一步确认转账了,他在催
我正要付款,觉得不对
他让我把验证码念给他
让我开屏幕共享,说不开就冻结
领导微信叫我垫两万,急着要
儿子QQ上说要交学费,让我马上转八千
娃儿在网上说出事了喊我打钱,我还没打
他要我先交两千激活费才放款,催得紧
我钱都取出来了,等他来拿
等下有人上门来拿钱,我把现金准备好了
在转了在转了 等一下是不是骗子
老师喊再充五千就可以提现,我正在充
俺娘在信用社排队要给人汇款
他喊我莫挂电话 现在去取钱
那个客服喊我扫码付保证金 我扫不扫哦
钱马上要转出去了咋办
我马上要转账了 他说是公安局的
骗子还在电话里等我转钱
我爷爷拿着存折出门了,说要给警察交保释金
准备转三万给投资老师
对方要我再转两万才肯退,我正要去转
"""
GONE = """
我给他转了两万
刚转过去,他又让我转
已经转了三万,他还催我再转两万
验证码给他了
昨天被骗了五千
充了一万,老师喊再充五千才能提现
交了保证金还让我交解冻费
钱转走了
刚刚给那个客服打了八千块
我妈给骗子汇了五万,还要去汇
被骗了
钱已经到他卡上了,他还在催我
刚扫码付了三千
我爸刚把钱打到那个安全账户
两万块已经到骗子手里了
密码都告诉他了,卡里钱在少
充值了五千提不出来
还没到账能不能拦下来,刚转的
转了两笔,第三笔还没转
"""


@pytest.mark.parametrize("text", STILL_TO_GO.split("\n")[1:-1])
def test_the_money_is_still_to_go(text: str) -> None:
    assert still_to_go(text)


@pytest.mark.parametrize("text", GONE.split("\n")[1:-1])
def test_the_money_has_gone(text: str) -> None:
    assert not still_to_go(text)


def test_what_the_rules_heard_counts_unless_something_was_paid() -> None:
    assert not still_to_go("客服说不转就扣钱")
    assert still_to_go("客服说不转就扣钱", heard=True)
    assert not still_to_go("刚给他转了三万,他还催我转", heard=True)
