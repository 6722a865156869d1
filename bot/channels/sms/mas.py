"""China Mobile 云MAS over HTTP: free text both ways, field names by contract.

The send form and its mac are those of the vendor's examples for ``/sms/norsubmit``. What is posted to us is
agreed on in each contract; the names below are the usual ones, tried in order and in any case. Nothing is signed:
the callbacks are guarded by a path secret and the peer's network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

import requests

from bot.channels.outcome import SendOutcome
from bot.channels.sms import joining
from bot.channels.sms.adapter import Adapter, Batch, OutgoingSms, Receipt, Request
from bot.channels.sms.gate import CallbackGate
from bot.channels.sms.numbers import domestic
from bot.channels.sms.parts import signed
from bot.channels.sms.reading import Fields, Unusable, clean, items_of, mapping, read_items, scalar, to_inbound
from bot.channels.sms.reports import read_receipts, receipt
from bot.channels.sms.sending import TIMEOUT, Answer, Timeout, from_error, from_status, post, refused
from conversations.inbound import Inbound

MOST_FIELDS = 100
DELIVERED = "DELIVRD"  # in either status field; CM:0000 alone only says that the gateway took it
ACCEPTED = "CM:0000"


@dataclass(frozen=True, slots=True)
class MasFields:
    """The names a contract may use for each field, most usual first. Parts: the names of CMPP's header."""

    sender: tuple[str, ...] = ("mobile", "mobiles", "phone", "srcTerminalId")
    recipient: tuple[str, ...] = ("addSerial", "serviceCode", "destId", "destAddr")
    text: tuple[str, ...] = ("smsContent", "content", "msgContent")
    sent_at: tuple[str, ...] = ("sendTime", "receiveTime", "requestTime")
    id: tuple[str, ...] = ("msgId", "smsId")
    reference: tuple[str, ...] = ("reference", "msgRef")
    total: tuple[str, ...] = ("pkTotal", "total")
    index: tuple[str, ...] = ("pkNumber", "index")
    report_group: tuple[str, ...] = ("msgGroup",)
    report_status: tuple[str, ...] = ("reportStatus",)
    report_error: tuple[str, ...] = ("errorCode",)


@dataclass(frozen=True, slots=True)
class MasAccount:
    """The access account: names as in the vendor's form; ``sign`` is the code of the registered signature."""

    url: str
    ec_name: str
    ap_id: str
    secret_key: str
    sign: str
    add_serial: str


class MasAdapter(Adapter):
    """The gateway joins and splits long texts itself. It knows no idempotency."""

    name = "mas"
    conversational = True
    ack_body = b'{"rspcod":"success","success":true}'

    def __init__(
        self,
        gate: CallbackGate,
        account: MasAccount,
        text_signature: str = "",
        fields: MasFields | None = None,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        self._gate = gate
        self._account = account
        self._text_signature = text_signature
        self._fields = fields or MasFields()
        self._timeout = timeout

    def receive(self, request: Request) -> Batch:
        self._gate.check(request)
        return self.batch(read_items(request, lambda: _items(request), lambda raw: self._inbound(raw, request)))

    def receive_report(self, request: Request) -> list[Receipt]:
        self._gate.check(request)
        return read_receipts(self.name, request, lambda: _items(request), self._receipt)

    def send(self, message: OutgoingSms) -> SendOutcome:
        body = base64.b64encode(json.dumps(self._order(message), ensure_ascii=False).encode())
        try:
            answer = post(self._account.url, body, {"Content-Type": "text/plain; charset=utf-8"}, self._timeout)
        except requests.RequestException as error:
            return from_error(error)
        return _outcome(answer)

    def _order(self, message: OutgoingSms) -> dict[str, str]:
        account = self._account
        content = signed(clean(message.text), self._text_signature)
        order = {
            "ecName": account.ec_name,
            "apId": account.ap_id,
            "secretKey": account.secret_key,
            "mobiles": domestic(message.to),
            "content": content,
            "sign": account.sign,
            "addSerial": account.add_serial,
        }
        # The vendor's mac is an MD5 over the values in this very order; it is their protocol, not our choice.
        order["mac"] = hashlib.md5("".join(order.values()).encode(), usedforsecurity=False).hexdigest()
        return order

    def _inbound(self, raw: object, request: Request) -> Inbound:
        item, names = _lowered(raw), self._fields
        part = joining.mark(
            scalar(_pick(item, names.reference)), scalar(_pick(item, names.total)), scalar(_pick(item, names.index))
        )
        fields = Fields(
            _pick(item, names.sender),
            _pick(item, names.recipient),
            _pick(item, names.text),
            _pick(item, names.sent_at),
            _pick(item, names.id),
            part,
        )
        return to_inbound(self.name, fields, request.now)

    def _receipt(self, raw: object) -> Receipt:
        item, names = _lowered(raw), self._fields
        status, error = scalar(_pick(item, names.report_status)), scalar(_pick(item, names.report_error))
        if not (status or error) or (status == ACCEPTED and not error):
            raise Unusable("status")
        reference = scalar(_pick(item, names.report_group))
        return receipt("", reference, DELIVERED in (status, error), error or status)


def _items(request: Request) -> list[object]:
    """A form is one item; anything else is JSON. Raises :class:`Unusable`."""
    if request.form:
        return [dict(request.form)]
    if "form-urlencoded" not in request.header("Content-Type").lower():
        return items_of(request.body)
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Unusable("unreadable") from error
    return [dict(pairs)]


def _lowered(raw: object) -> dict[str, object]:
    return {key.lower(): value for key, value in mapping(raw).items()}


def _pick(item: dict[str, object], names: tuple[str, ...]) -> object:
    return next((item[name.lower()] for name in names if item.get(name.lower()) is not None), None)


def _outcome(answer: Answer) -> SendOutcome:
    outcome = from_status(answer.status)
    if outcome.status != "sent":
        return outcome
    try:
        said = mapping(items_of(answer.body)[0])
    except (Unusable, IndexError):
        return SendOutcome("unknown", "broken_answer", "")
    code = scalar(said.get("rspcod"))
    if code == "success" and said.get("success") is True:
        return SendOutcome("sent", scalar(said.get("msgGroup")), "")
    return refused(code or "rejected", scalar(said.get("rspmsg")), ())
