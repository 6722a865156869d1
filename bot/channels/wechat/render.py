"""The passive reply: the one XML that may answer a delivery in the same HTTP response."""

from __future__ import annotations

from datetime import datetime

from bot.channels.wechat.text import cdata, clean, cut

SUCCESS = "success"  # "no reply": sent as it is, never encrypted
MAX_TEXT = 1800  # UTF-8 bytes; WeChat's own limit is 2,048


def text_reply(text: str, *, to: str, sender: str, now: datetime) -> str:
    """A text for the resident ``to`` from the account ``sender``, or :data:`SUCCESS` where nothing is to be said."""
    content = cut(clean(text).strip(), MAX_TEXT)
    if not content:
        return SUCCESS
    return (
        f"<xml><ToUserName>{cdata(clean(to))}</ToUserName><FromUserName>{cdata(clean(sender))}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(content)}</Content></xml>"
    )
