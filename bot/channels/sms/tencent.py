"""Tencent Cloud SMS: replies to our own texts come one object a callback, template texts go by the SDK.

Field names and acknowledgement: cloud.tencent.com, "短信回复回调", "短信下发状态回调". Nothing is signed and a reply
has no id: the callbacks are guarded by a path secret and the peer's network.
"""

from __future__ import annotations

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import Adapter, Batch, OutgoingSms, Receipt, Request
from bot.channels.sms.gate import CallbackGate
from bot.channels.sms.reading import Fields, Unusable, items_of, mapping, read_items, scalar, to_inbound
from bot.channels.sms.reports import read_receipts, receipt
from bot.channels.sms.sending import TIMEOUT, Timeout, from_error, refused, split_endpoint
from conversations.inbound import Inbound

_HTTP_STATUS = "ServerNetworkError"  # the SDK's word for any status but 200; the API itself always answers 200

# By prefix (cloud.tencent.com, "错误码"); day limits are not worth another try.
RETRYABLE = (
    "RequestLimitExceeded",
    "LimitExceeded.DeliveryFrequencyLimit",
    "LimitExceeded.PhoneNumberThirtySecondLimit",
    "LimitExceeded.PhoneNumberOneHourLimit",
    "InternalError",
    _HTTP_STATUS,
)
UNSURE = ("InternalError.Timeout",)  # their own sending timed out: it may have gone out


class TencentAdapter(Adapter):
    """``template`` has one parameter. Receipts carry the provider's number only: keep the outcome's ``code``."""

    name = "tencent"
    conversational = False
    ack_body = b'{"result":0,"errmsg":"OK"}'

    def __init__(
        self,
        gate: CallbackGate,
        secret_id: str,
        secret_key: str,
        endpoint: str,
        region: str,
        app_id: str,
        sign_name: str,
        template: str,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        protocol, host = split_endpoint(endpoint)
        # The SDK hands reqTimeout to requests as it is, which takes (connect, read).
        http = HttpProfile(protocol=protocol, endpoint=host, reqTimeout=timeout)
        self._gate = gate
        self._app_id = app_id
        self._sign_name = sign_name
        self._template = template
        self._client = SmsClient(Credential(secret_id, secret_key), region, ClientProfile(httpProfile=http))

    def receive(self, request: Request) -> Batch:
        self._gate.check(request)
        return self.batch(read_items(request, lambda: items_of(request.body), lambda raw: self._inbound(raw, request)))

    def receive_report(self, request: Request) -> list[Receipt]:
        self._gate.check(request)
        return read_receipts(self.name, request, lambda: items_of(request.body), _receipt)

    def send(self, message: OutgoingSms) -> SendOutcome:
        order = SendSmsRequest()
        order.PhoneNumberSet = [message.to]
        order.SmsSdkAppId = self._app_id
        order.SignName = self._sign_name
        order.TemplateId = self._template
        order.TemplateParamSet = [message.code]
        order.SessionContext = message.id
        try:
            statuses = self._client.SendSms(order).SendStatusSet
        except TencentCloudSDKException as error:
            if error.requestId or error.code == _HTTP_STATUS:
                return refused(str(error.code), "", RETRYABLE, UNSURE)
            return from_error(error)  # not the API's word: the SDK wraps whatever went wrong
        if not statuses:
            return SendOutcome("unknown", "broken_answer", "")
        status = statuses[0]
        if status.Code == "Ok":
            return SendOutcome("sent", scalar(status.SerialNo), "")
        return refused(scalar(status.Code), scalar(status.Message), RETRYABLE, UNSURE)

    def _inbound(self, raw: object, request: Request) -> Inbound:
        item = mapping(raw)
        mobile, nation = scalar(item.get("mobile")), scalar(item.get("nationcode")).lstrip("+")
        sender = f"+{nation}{mobile}" if nation and not mobile.startswith("+") else mobile
        fields = Fields(sender, item.get("extend"), item.get("text"), item.get("time"))
        return to_inbound(self.name, fields, request.now)


def _receipt(raw: object) -> Receipt:
    item = mapping(raw)
    status = scalar(item.get("report_status"))
    if status not in ("SUCCESS", "FAIL"):
        raise Unusable("status")
    return receipt("", scalar(item.get("sid")), status == "SUCCESS", scalar(item.get("errmsg")))
