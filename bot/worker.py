"""The worker: runs the jobs and timers that wait in PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import procrastinate
from procrastinate.retry import RetryStrategy
from sqlalchemy.exc import DBAPIError

from bot.alerts.robots import robots
from bot.alerts.sender import AlertSender
from bot.alerts.ticker import Ticker
from bot.channels.sms.registry import sending
from bot.channels.wechat.api import CustomerService
from bot.channels.wechat.media import MediaDownloader, MediaRetry
from bot.channels.wechat.tokens import TokenProvider
from bot.channels.wechat.transport import Transport
from bot.delivery import Courier
from bot.drill import Player
from bot.evidence import MediaKeeper
from bot.half_hour import HalfHour
from bot.job_manager import PatientJobManager
from bot.left_tips import LeftTips
from bot.parts import Parts
from bot.rewarding import Rewarding
from bot.rounds import again_and_again
from bot.settle import Settler
from bot.sweep import Sweep
from bot.tip_notices import TipNotices
from handlers.words.general import CORRECTIONS
from linkage import verdicts
from storage.jobs import Task

CONCURRENCY = 16
POLL = 0.5  # seconds: how late a timer may fire
HEARTBEAT = 5.0  # seconds between signs of life
LADDERS = 1.0  # seconds between two looks at the ladders
SWEEP = 5.0  # seconds between two looks for what got stuck or falls due
STALLED = 20.0  # seconds without one after which a worker's jobs are given to others
log = logging.getLogger(__name__)
# A lost connection or a deadlock is no reason to lose a job.
ON_TROUBLE = RetryStrategy(max_attempts=100, wait=2, retry_exceptions={DBAPIError})
ON_MEDIA = RetryStrategy(max_attempts=3 * 24 * 60, wait=60, retry_exceptions={DBAPIError, MediaRetry})


def build(parts: Parts) -> procrastinate.App:
    """The app with every task, on connections of its own."""
    settings = parts.settings
    transport = Transport(settings.wechat_api_base)
    tokens = TokenProvider(settings.wechat_app_id, settings.wechat_app_secret, transport, parts.redis)
    operator = sending(settings, parts.adapters)
    courier = Courier(parts.database, CustomerService(transport, tokens), operator, parts.clock)
    keeper = MediaKeeper(
        parts.database,
        MediaDownloader(transport, tokens, settings.media_max_bytes),
        settings.data_dir,
        parts.clock,
    )
    settler = Settler(parts.database, parts.clock)
    half_hour = _half_hour(parts)
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=settings.database_url, min_size=2, max_size=8)
    )
    app.job_manager = PatientJobManager(app.connector)

    @app.task(name=Task.ANSWER.value, retry=ON_TROUBLE)
    def answer(contact_id: str) -> None:
        parts.intake.answer_waiting(uuid.UUID(contact_id))

    @app.task(name=Task.SEND.value, retry=ON_TROUBLE)
    def send(contact_id: str) -> None:
        courier.drain(uuid.UUID(contact_id))

    @app.task(name=Task.SETTLE.value, retry=ON_TROUBLE)
    def settle(conversation_id: str) -> None:
        settler.settle(uuid.UUID(conversation_id))

    @app.task(name=Task.FETCH_MEDIA.value, retry=ON_MEDIA)
    def fetch_media(evidence_id: str) -> None:
        keeper.fetch(uuid.UUID(evidence_id))

    @app.task(name=Task.JOIN_PARTS.value, retry=ON_TROUBLE)
    def join_parts(contact_id: str, reference: str) -> None:
        parts.reception.join_late(uuid.UUID(contact_id), reference)

    @app.task(name=Task.STOP_NOTICE.value, retry=ON_TROUBLE)
    def stop_notice(notice_id: str) -> None:
        half_hour.tell(uuid.UUID(notice_id))

    tip_notices = TipNotices(parts.database, parts.clock)

    @app.task(name=Task.TIP_NOTICE.value, retry=ON_TROUBLE)
    def tip_notice(notice_id: str) -> None:
        tip_notices.tell(uuid.UUID(notice_id))

    rewarding = _rewarding(parts)

    @app.task(name=Task.CLAIM_NOTICE.value, retry=ON_TROUBLE)
    def claim_notice(notice_id: str) -> None:
        rewarding.tell(uuid.UUID(notice_id))

    @app.task(name=Task.CORRECT.value, retry=ON_TROUBLE)
    def correct(verdict_id: str) -> None:
        _correct_all(parts, uuid.UUID(verdict_id))

    _add_alerts(app, parts)
    _add_drills(app, parts)

    return app


def _add_alerts(app: procrastinate.App, parts: Parts) -> None:
    ticker = Ticker(parts.database, parts.clock)
    sender = AlertSender(
        parts.database, sending(parts.settings, parts.adapters), robots(parts.settings, parts.clock), parts.clock
    )

    @app.task(name=Task.LADDER.value, retry=ON_TROUBLE)
    def ladder(run_id: str) -> None:
        ticker.advance(uuid.UUID(run_id))

    @app.task(name=Task.REACH.value, retry=ON_TROUBLE)
    def reach(reach_id: str) -> None:
        sender.send(uuid.UUID(reach_id))


def _add_drills(app: procrastinate.App, parts: Parts) -> None:
    player = Player(parts.database, parts.intake, parts.confirmer, parts.clock)

    @app.task(name=Task.DRILL.value, retry=ON_TROUBLE)
    def drill(drill_id: str) -> None:
        player.play(uuid.UUID(drill_id))


def _correct_all(parts: Parts, verdict_id: uuid.UUID) -> None:
    """Everybody who was told otherwise, one transaction each: nobody waits for another's correction."""
    while True:
        with parts.database.transaction() as session:
            owed = verdicts.owed(session, verdict_id)
        if not owed:
            return
        for contact_id in owed:
            with parts.database.transaction() as session:
                verdicts.correct(session, verdict_id, contact_id, CORRECTIONS, parts.clock())


def run(parts: Parts) -> None:
    """Work until told to stop."""
    asyncio.run(_work(build(parts), parts))


def _half_hour(parts: Parts) -> HalfHour:
    free_text = sending(parts.settings, parts.adapters).conversational
    return HalfHour(parts.database, parts.clock, free_text=free_text)


def _rewarding(parts: Parts) -> Rewarding:
    free_text = sending(parts.settings, parts.adapters).conversational
    return Rewarding(parts.database, parts.clock, free_text=free_text, keep_days=parts.settings.payee_keep_days)


def _rounds(app: procrastinate.App, parts: Parts) -> list[Coroutine[None, None, None]]:
    async def jobs_of_the_dead() -> None:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            await app.job_manager.retry_job(job)

    looks = (
        ("ladders", LADDERS, Ticker(parts.database, parts.clock).look),
        ("sweep", SWEEP, Sweep(parts.database, parts.clock).run),
        ("cards", SWEEP, _half_hour(parts).run),
        ("tips", SWEEP, TipNotices(parts.database, parts.clock).run),
        ("left tips", SWEEP, LeftTips(parts.database, parts.clock, parts.intake.villages).run),
        ("claims", SWEEP, _rewarding(parts).run),
    )
    return [
        again_and_again("jobs of the dead", SWEEP, jobs_of_the_dead),
        *(again_and_again(what, seconds, partial(asyncio.to_thread, look)) for what, seconds, look in looks),
    ]


async def _work(app: procrastinate.App, parts: Parts) -> None:
    # A thread a job, so that slow sends do not keep others waiting for a thread.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENCY + 4))
    async with app.open_async():
        looking = [asyncio.create_task(round_) for round_ in _rounds(app, parts)]
        await app.run_worker_async(
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=POLL,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
            delete_jobs="successful",
            shutdown_graceful_timeout=12,
        )
        for task in looking:
            task.cancel()
