"""Customer-service messages: what goes to the resident after the passive reply."""

from __future__ import annotations

from datetime import datetime

from bot.channels.wechat.errors import (
    ApiError,
    NotSent,
    SendOutcome,
    SendStatus,
    Uncertain,
    Verdict,
    fact,
)
from bot.channels.wechat.text import clean
from bot.channels.wechat.tokens import TokenProvider
from bot.channels.wechat.transport import Transport


class CustomerService:
    """Sends texts through ``/cgi-bin/message/custom/send``; the caller keeps the budget and splits long texts."""

    def __init__(self, transport: Transport, tokens: TokenProvider) -> None:
        self._transport = transport
        self._tokens = tokens

    def send_text(self, open_id: str, text: str, now: datetime) -> SendOutcome:
        """Send one text of at most 2,000 UTF-8 bytes (see ``split_text``). Never raises on what WeChat does."""
        payload: dict[str, object] = {"touser": open_id, "msgtype": "text", "text": {"content": clean(text)}}
        try:
            self._tokens.use(lambda token: self._send(token, payload), now)
        except ApiError as error:
            known = fact(error.code)
            status = SendStatus.RETRY if known.verdict is Verdict.RETRY else SendStatus.FAILED
            return SendOutcome(status, error.code, known.log)
        except NotSent as error:
            return SendOutcome(SendStatus.RETRY, reason=error.reason)
        except Uncertain as error:
            return SendOutcome(SendStatus.UNKNOWN, reason=error.reason)
        return SendOutcome(SendStatus.SENT)

    def _send(self, token: str, payload: dict[str, object]) -> None:
        answer = self._transport.post("/cgi-bin/message/custom/send", payload, {"access_token": token})
        if "errcode" not in answer:  # only an explicit 0 means sent
            raise Uncertain("no_errcode")
