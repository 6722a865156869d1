"""What a resident sends on WeChat, and how WeChat writes it down.

Source: Tencent's "接收普通消息" and "接收事件推送". Times are seconds since 1970.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ACCOUNT = "gh_sandbox0000"  # the account's original id, ToUserName of everything a resident sends

MessageKind = Literal["text", "image", "voice", "video", "location", "link", "event", "xml"]
EventName = Literal["subscribe", "unsubscribe", "CLICK", "SCAN", "VIEW", "LOCATION"]


class ResidentMessage(BaseModel):
    """One message or event of a resident, as the page and tests give it.

    ``id``: the MsgId; unset: the next free one. ``create_time``: unset: now. ``kind`` ``xml`` sends ``xml`` as it
    is, properly encrypted and signed, for input no real WeChat would send.
    """

    model_config = ConfigDict(extra="forbid")

    kind: MessageKind = "text"
    text: str = ""
    media_id: str = ""
    format: str = "amr"
    recognition: str = ""
    latitude: float = Field(default=30.0, ge=-90, le=90)
    longitude: float = Field(default=120.0, ge=-180, le=180)
    scale: int = 15
    label: str = ""
    title: str = ""
    description: str = ""
    url: str = ""
    event: EventName | None = None
    event_key: str = ""
    ticket: str = ""
    xml: str = ""
    id: int | None = None
    create_time: int | None = None


def cdata(text: str) -> str:
    """The text as CDATA; ``]]>`` is split over two sections."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def to_xml(message: ResidentMessage, openid: str, msg_id: int, create_time: int) -> str:
    """The plaintext that WeChat encrypts. Events carry no MsgId."""
    if message.kind == "xml":
        return message.xml
    fields = {
        "ToUserName": cdata(ACCOUNT),
        "FromUserName": cdata(openid),
        "CreateTime": str(create_time),
        "MsgType": cdata(message.kind),
        **_content(message),
    }
    if message.kind != "event":
        fields["MsgId"] = str(msg_id)
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</xml>"


def _content(message: ResidentMessage) -> dict[str, str]:
    match message.kind:
        case "text":
            return {"Content": cdata(message.text)}
        case "image":
            return {"PicUrl": cdata("http://pictures.example/" + message.media_id), "MediaId": cdata(message.media_id)}
        case "voice":
            return {
                "MediaId": cdata(message.media_id),
                "Format": cdata(message.format),
                "Recognition": cdata(message.recognition),
            }
        case "video":
            return {"MediaId": cdata(message.media_id), "ThumbMediaId": cdata(message.media_id + "-thumb")}
        case "location":
            return {
                "Location_X": f"{message.latitude:.6f}",
                "Location_Y": f"{message.longitude:.6f}",
                "Scale": str(message.scale),
                "Label": cdata(message.label),
            }
        case "link":
            return {
                "Title": cdata(message.title),
                "Description": cdata(message.description),
                "Url": cdata(message.url),
            }
        case _:
            return _event(message)


def _event(message: ResidentMessage) -> dict[str, str]:
    fields = {"Event": cdata(message.event or "")}
    if message.event == "LOCATION":
        fields |= {
            "Latitude": f"{message.latitude:.6f}",
            "Longitude": f"{message.longitude:.6f}",
            "Precision": "50.000000",
        }
    else:
        fields["EventKey"] = cdata(message.event_key)
    if message.ticket:
        fields["Ticket"] = cdata(message.ticket)
    return fields
