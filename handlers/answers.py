"""Short answers to a question of the bot's: yes, no, and "pass that over"."""

from __future__ import annotations

import re

YES = frozenset(
    """是 是的 对 对的 嗯 嗯嗯 好 好的 可以 行 能 没错 对头 要得 正确 没问题 ok OK Ok
    是我 就是 都对 全对 能接通 对对 对对对 1""".split()
)
NO = frozenset("不是 不对 不 没有 没 不能 不行 错了 不是的 没得 莫得 有错 no NO 否".split())
SKIP = frozenset(
    """跳过 不知道 不晓得 不清楚 记不得 记不清 忘了 忘记了 没有 没得 莫得 不方便 不想说 不记得
    不说 不想讲 不讲 不告诉你 保密 不知道了 没 说不清 好了 没了 就这些 无 下一个 不晓得了 想不起来 没注意""".split()
)
# "没有图片", "没别的了", "没得照片哦": there is nothing (more) of what was asked for.
NOTHING = re.compile(
    r"(?:没有?|无|没得|莫得|莫有)(?:拍|存|留)?(?:其他|其它|别|更多|啥|什么|图片?|照片|相片|截图|录音|视频|证据|补充|要说)*[的了得]*"
    r"|就这么?(?:些|多|样)了?"
)
PASSING_OVER = ("不知道", "不清楚", "不晓得", "记不", "跳过")
_EDGES = " \t\r\n。.!！?？,，~～、啊呀哦呢吧嘛哈"


def bare(text: str) -> str:
    """The text without punctuation and particles at its edges."""
    return text.strip(_EDGES)


def is_yes(text: str) -> bool:
    """Whether a text is nothing but a yes."""
    return bare(text) in YES


def is_no(text: str) -> bool:
    """Whether a text is nothing but a no."""
    return bare(text) in NO


def is_skip(text: str) -> bool:
    """Whether a text says that this question is to be passed over."""
    words = bare(text)
    return (
        words in SKIP
        or NOTHING.fullmatch(words) is not None
        or (len(words) <= 10 and any(mark in words for mark in PASSING_OVER))
    )
