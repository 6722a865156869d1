"""What a process of the bot is made of, put together once from the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import redis as redis_library
from flask import Flask
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import metrics
from bot.channels.sms.adapter import Adapter
from bot.channels.sms.registry import build as build_adapters
from bot.channels.wechat.crypto import Envelope, Keys
from bot.confirm import Confirmer
from bot.intake import Intake, Taken
from bot.reception import SmsReception
from bot.run import state
from bot.spool import Spool
from conversations.inbound import Channel, Inbound
from conversations.models import UnreadableDelivery
from handlers.turn import Services
from handlers.words.general import BROKEN
from handlers.words.urgent import ADVICE_UNSTORED
from knowledge.lookup import Knowledge
from nlu.client import NluClient
from nlu.safety_net import SafetyNet
from nlu.understand import Understander
from rewards.scheme import Schemes
from storage import live
from storage.clock import utc_now
from storage.engine import Database
from storage.ids import new_id
from storage.logs import fault
from storage.sealing import Sealer, install
from storage.settings import Settings
from tips.villages import Villages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one process."""

    settings: Settings
    database: Database
    redis: redis_library.Redis | None
    clock: Callable[[], datetime]
    intake: Intake
    envelope: Envelope
    adapters: dict[str, Adapter]
    reception: SmsReception
    confirmer: Confirmer
    spool: Spool
    net: SafetyNet

    def take(self, inbound: Inbound) -> Taken:
        """Store and answer a delivery; while the database is away it is kept on disk and a fixed text answers."""
        try:
            return self.intake.take(inbound)
        except (DBAPIError, PoolTimeout) as error:
            self._keep("", inbound, error)
            urgent = inbound.text and self.net.check(inbound.text).urgent
            return Taken(message_id=None, duplicate=False, passive=ADVICE_UNSTORED if urgent else BROKEN)

    def store(self, provider: str, inbound: Inbound) -> None:
        """Store a text of an operator's, on disk while the database is away."""
        try:
            self.reception.store(provider, inbound)
        except (DBAPIError, PoolTimeout) as error:
            self._keep(provider, inbound, error)

    def _keep(self, provider: str, inbound: Inbound, error: Exception) -> None:
        metrics.faults.labels("database").inc()
        log.error("database away, delivery kept on disk", extra={"channel": inbound.channel.value, **fault(error)})
        self.spool.put(provider, inbound)

    def record_unreadable(self, channel: Channel, reason: str, digest: str) -> None:
        """Keep a trace of an authentic delivery nobody can read; a repeat adds nothing."""
        metrics.faults.labels("unreadable").inc()
        log.warning("delivery unreadable", extra={"channel": channel.value, "reason": reason})
        with self.database.transaction() as session:
            session.execute(
                insert(UnreadableDelivery)
                .values(id=new_id(), channel=channel.value, reason=reason, digest=digest, received_at=self.clock())
                .on_conflict_do_nothing()
            )


def parts(app: Flask) -> Parts:
    """The parts of an app."""
    found = app.extensions["parts"]
    assert isinstance(found, Parts)
    return found


def services(settings: Settings) -> Services:
    """What handlers look things up in."""
    return Services(
        settings,
        Knowledge.load(),
        Schemes.load(settings.reward_scheme, sandbox=settings.sandbox),
        Villages.load(settings.villages, settings.data_dir, sandbox=settings.sandbox),
    )


def wechat_keys(settings: Settings) -> Keys:
    """The account's tokens and keys, those of before a rotation included."""
    return Keys(
        settings.wechat_app_id,
        (settings.wechat_token, settings.wechat_token_previous),
        (settings.wechat_aes_key, settings.wechat_aes_key_previous),
    )


def assemble(settings: Settings, *, clock: Callable[[], datetime] = utc_now, pool_size: int = 10) -> Parts:
    """Build the parts of a process. Nothing connects before it is needed."""
    install(Sealer(settings.data_key))
    database = Database(settings.database_url, pool_size=pool_size)
    cache = live.connect(settings.redis_url) if settings.redis_url else None
    live.Publisher(cache).attach(database.sessions)
    urls = settings.nlu_urls or state.follow_nlu_urls(settings.data_dir)
    client = NluClient(urls, settings.nlu_token, timeout=settings.nlu_timeout, redis=cache)
    net = SafetyNet()
    intake = Intake(database, Understander(client, net), services(settings), clock)
    reception = SmsReception(database, intake, settings, clock)
    return Parts(
        settings=settings,
        database=database,
        redis=cache,
        clock=clock,
        intake=intake,
        envelope=Envelope(wechat_keys(settings), settings.wechat_freshness),
        adapters=build_adapters(settings),
        reception=reception,
        confirmer=Confirmer(database, clock),
        spool=Spool(settings.data_dir / "spool", intake, reception),
        net=net,
    )
