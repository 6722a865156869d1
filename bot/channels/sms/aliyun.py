"""Aliyun SMS: replies to our own texts come by SmsUp, receipts by SmsReport, template texts go by the SDK.

Field names and acknowledgement: help.aliyun.com, "SmsUp" and "SmsReport" (HTTP batch push). Nothing is signed,
so the callbacks are guarded by a path secret and the peer's network.
"""

from __future__ import annotations

import json

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config

from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import Adapter, Batch, OutgoingSms, Receipt, Request
from bot.channels.sms.gate import CallbackGate
from bot.channels.sms.numbers import domestic
from bot.channels.sms.reading import Fields, Unusable, items_of, mapping, read_items, scalar, to_inbound
from bot.channels.sms.reports import read_receipts, receipt
from bot.channels.sms.sending import TIMEOUT, Timeout, from_error, from_status, refused, split_endpoint
from conversations.inbound import Inbound

# Error codes worth another try, by prefix (help.aliyun.com, "API错误码"); day and month limits are not.
RETRYABLE = ("isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling", "ServiceUnavailable", "InternalError")


class AliyunAdapter(Adapter):
    """``template`` has one parameter, ``code``. The API knows no idempotency: a lost answer stays ``unknown``."""

    name = "aliyun"
    conversational = False
    ack_body = '{"code":0,"msg":"接收成功"}'.encode()

    def __init__(
        self,
        gate: CallbackGate,
        access_key_id: str,
        access_key_secret: str,
        endpoint: str,
        sign_name: str,
        template: str,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        protocol, host = split_endpoint(endpoint)
        self._gate = gate
        self._sign_name = sign_name
        self._template = template
        self._client = Client(
            Config(
                access_key_id=access_key_id,
                access_key_secret=access_key_secret,
                protocol=protocol,
                endpoint=host,
                connect_timeout=int(timeout[0] * 1000),
                read_timeout=int(timeout[1] * 1000),
            )
        )

    def receive(self, request: Request) -> Batch:
        self._gate.check(request)
        return self.batch(read_items(request, lambda: items_of(request.body), lambda raw: self._inbound(raw, request)))

    def receive_report(self, request: Request) -> list[Receipt]:
        self._gate.check(request)
        return read_receipts(self.name, request, lambda: items_of(request.body), _receipt)

    def send(self, message: OutgoingSms) -> SendOutcome:
        order = SendSmsRequest(
            phone_numbers=domestic(message.to),
            sign_name=self._sign_name,
            template_code=self._template,
            template_param=json.dumps({"code": message.code}),
            out_id=message.id,
        )
        try:
            body = self._client.send_sms(order).body
        except AlibabaCloudException as error:
            return _error(error)
        except Exception as error:  # noqa: BLE001 - the SDK lets whatever its parsing meets through, in many wrappings
            return from_error(error)
        code = scalar(getattr(body, "code", None))
        if code == "OK":
            return SendOutcome("sent", scalar(body.biz_id), "")
        if not code:
            return SendOutcome("unknown", "broken_answer", "")
        return refused(code, scalar(body.message), RETRYABLE)

    def _inbound(self, raw: object, request: Request) -> Inbound:
        item = mapping(raw)
        fields = Fields(
            item.get("phone_number"),
            item.get("dest_code"),
            item.get("content"),
            item.get("send_time"),
            item.get("sequence_id"),
        )
        return to_inbound(self.name, fields, request.now)


def _error(error: AlibabaCloudException) -> SendOutcome:
    outcome = refused(str(error.code), "", RETRYABLE)
    if outcome.status == "failed" and error.status_code:
        status = from_status(error.status_code)
        return SendOutcome(status.status, str(error.code), "")
    return outcome


def _receipt(raw: object) -> Receipt:
    item = mapping(raw)
    success = item.get("success")
    if not isinstance(success, bool):
        raise Unusable("status")
    return receipt(scalar(item.get("out_id")), scalar(item.get("biz_id")), success, scalar(item.get("err_code")))
