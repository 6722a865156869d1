"""``doctor``: what is wrong with the set-up, a sentence each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import click
import redis as redis_library
import requests
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.run import checks, state
from conversations.models import Delivery, Message
from rewards.scheme import Schemes
from rewards.schemes.reading import SchemeError
from stops.duty import days, plans, roster
from stops.duty.models import DutyPhone
from storage import migrate
from storage.clock import china_date, utc_now
from storage.engine import Database, sqlalchemy_url
from storage.settings import REQUIRED_BY_PROVIDER, Settings, current

ENOUGH_DISK = 2 * 1024**3  # bytes


@click.command()
def doctor() -> None:
    """Say what is wrong with the set-up; exit code 1 when something is."""
    settings = current()
    running = state.read(settings.data_dir)
    if running is not None:
        settings.database_url = settings.database_url or running.embedded.get("postgres", "")
        settings.redis_url = settings.redis_url or running.embedded.get("redis", "")
        settings.nlu_urls = settings.nlu_urls or tuple(running.nlu_urls)
    findings = [sentence for check in CHECKS for sentence in check(settings)]
    for sentence in findings:
        click.echo(f"- {sentence}")
    if not findings:
        click.echo("Everything that can be checked from here is in order.")
    sys.exit(1 if findings else 0)


def _database(settings: Settings) -> Iterator[str]:
    if not settings.database_url:
        yield "The hotline is not running on this data folder, and HOTLINE_DATABASE_URL is empty: no database."
        return
    try:
        with create_engine(sqlalchemy_url(settings.database_url)).connect() as connection:
            revision = migrate.revision_of(connection)
            if revision != migrate.newest():
                yield (
                    f"The database is at revision {revision or 'none'}, the program needs {migrate.newest()}: "
                    "run `python -m bot migrate`."
                )
                return
            if connection.scalar(text("SELECT count(*) FROM staff WHERE active")) == 0:
                yield "Nobody may sign in to the console: run `python -m bot staff add`."
            stuck = connection.scalar(
                select(func.count())
                .select_from(Message)
                .where(Message.delivery.in_((Delivery.FAILED, Delivery.UNKNOWN)))
            )
            if stuck:
                yield f"{stuck} outgoing messages failed or have an unknown fate: look for them in the console."
    except SQLAlchemyError as error:
        yield f"The database does not answer ({type(error).__name__}): check HOTLINE_DATABASE_URL."


def _redis(settings: Settings) -> Iterator[str]:
    if not settings.redis_url:
        yield "No Redis is set: tokens, rate limits and live updates fall back to each process's own memory."
        return
    try:
        redis_library.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2).ping()
    except redis_library.RedisError as error:
        yield f"Redis does not answer ({type(error).__name__}): the hotline works on, slower; check HOTLINE_REDIS_URL."


def _model(settings: Settings) -> Iterator[str]:
    if not settings.nlu_urls:
        yield "No NLU server is running: messages are understood by plain rules only."
    for url in settings.nlu_urls:
        if not checks.model_answers(url, settings.nlu_token):
            yield f"The NLU server {url} does not answer or refuses HOTLINE_NLU_TOKEN: plain rules decide alone."


def _disk(settings: Settings) -> Iterator[str]:
    free = shutil.disk_usage(settings.data_dir).free
    if free < ENOUGH_DISK:
        yield f"Only {free // 1024**2} MiB are free where the data folder lies: messages are lost when it is full."


def _clock(settings: Settings) -> Iterator[str]:
    if settings.sandbox:
        return
    try:
        answer = requests.head(settings.wechat_api_base, timeout=(3, 5))
    except requests.RequestException as error:
        yield f"WeChat's API cannot be reached ({type(error).__name__}): check the network and HOTLINE_WECHAT_API_BASE."
        return
    served = answer.headers.get("Date", "")
    skew = abs((parsedate_to_datetime(served) - utc_now()).total_seconds()) if served else 0.0
    if skew > 60:
        yield f"This machine's clock differs from WeChat's by {skew:.0f} s: signed deliveries will be refused."


def _providers(settings: Settings) -> Iterator[str]:
    if settings.sandbox:
        return
    if settings.sms_provider in ("aliyun", "tencent"):
        yield (
            f"{settings.sms_provider} sends templates only: residents cannot start a conversation by SMS, and answers "
            "are announced by the neutral template."
        )
    needed = REQUIRED_BY_PROVIDER[settings.sms_provider]
    if "sms_callback_secret" in needed and not settings.sms_callback_peers:
        yield "HOTLINE_SMS_CALLBACK_PEERS is empty: anyone who learns the secret path may post SMS callbacks."
    if not settings.console_https:
        yield "HOTLINE_CONSOLE_HTTPS is off: the console's cookies may travel unencrypted; put it behind HTTPS."


def _scheme(settings: Settings) -> Iterator[str]:
    try:
        scheme = Schemes.load(settings.reward_scheme, sandbox=settings.sandbox).in_force(china_date(utc_now()))
    except SchemeError as error:
        yield f"The reward scheme cannot be used: {error}."
        return
    if scheme is None:
        yield "No reward scheme is in force: residents are told that the local rules are not registered yet."


def _duty(settings: Settings) -> Iterator[str]:
    if not settings.database_url:
        return
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.transaction() as session:
            yield from _duty_findings(session, settings)
    except SQLAlchemyError:
        return  # said above
    finally:
        database.dispose()


def _duty_findings(session: Session, settings: Settings) -> Iterator[str]:
    now = utc_now()
    today = china_date(now)
    plan = plans.roster_on(session, today)
    if plan is None:
        yield "No duty roster is in force: a new card alerts all officers. Load one: `python -m bot duty load FILE`."
    else:
        gaps = roster.gaps(session, now, timedelta(days=7))
        if gaps:
            yield f"Nobody is on duty from {gaps[0][0]:%Y-%m-%d %H:%M} UTC on: {len(gaps)} gaps in the next 7 days."
    for year in sorted({today.year, (today + timedelta(days=31)).year}):
        if not days.known(year, plan.days if plan else {}):
            yield (
                f"The holidays of {year} are not known: days go by the weekday alone. Name them in the roster "
                "(`days`), or update the package chinesecalendar once the State Council's notice is in it."
            )
    if not (settings.wecom_robot_url or settings.dingtalk_robot_url or _has_phones(session)):
        yield "Alerts reach nobody away from the console: no robot is set and no officer has a phone number entered."


def _has_phones(session: Session) -> bool:
    """Whether any member of staff can be reached by SMS; nothing is opened."""
    return bool(session.scalar(select(func.count()).select_from(DutyPhone).where(DutyPhone.phone_sealed.is_not(None))))


CHECKS: tuple[Callable[[Settings], Iterator[str]], ...] = (
    _database,
    _redis,
    _model,
    _disk,
    _clock,
    _providers,
    _scheme,
    _duty,
)
