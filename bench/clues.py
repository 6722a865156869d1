"""Tips in bulk: a place of forty villages, years of tips, subjects of which a few are named again and again."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import accumulate

import psycopg

from linkage import clusters
from linkage.subjects import Subject
from storage.ids import new_id
from storage.sealing import installed
from tips.grams import grams
from tips.kinds import Kind
from tips.models import TipState

AT_ONCE = 20_000
PEOPLE = 100_000
OFFICERS = 12
VILLAGES = tuple(f"{first}{second}村" for first in "甲乙丙丁戊己庚辛" for second in "东西南北中")
SPOTS = tuple(
    "小卖部门口 桥头 卫生室旁 村委会后面 废弃砖厂 集市东头 学校对面 水库边 出租屋二楼 快递点 网吧 茶馆 车站".split()
)
RARE = "红瓦房磨坊"  # in one place of a thousand
STATES = dict(zip(TipState, (5, 10, 35, 20, 30), strict=True))  # in a hundred
OF_KIND = dict(zip(Kind, (30, 12, 14, 12, 8, 10, 4, 6, 1, 3), strict=True))
STORY = "有人冒充客服打电话说快递丢了要理赔，让下载软件开会议共享屏幕，把钱转到安全账户，转完就联系不上了。"
FAMOUS, FAMOUS_SHARE = 20_000, 0.3  # subjects named often, and how many of all mentions are of them
_TIP = (
    "id number code_hash state conversation_id contact_id registered_at kind village holder_id place_grams "
    "story_sealed place_sealed"
).split()
_SIGHTING = "id kind value_index value_sealed source record_id contact_id place seen_at".split()


class Clues:
    """Fills a database with tips; every value is sealed as the program would."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._random = random.Random(11)
        self.officers = [new_id() for _ in range(OFFICERS)]
        self.contacts = [new_id() for _ in range(PEOPLE)]
        self.famous = [self._phone(number) for number in range(FAMOUS)]
        # Zipf's: the first is named most.
        self._fame = list(accumulate(1 / (place + 10) for place in range(FAMOUS)))
        self._grams: dict[str, list[int]] = {}

    def fill(self, tips: int, subjects: int) -> None:
        """So many tips, the newest a moment ago, the oldest five years; so many subjects named in them."""
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO staff (id, login, name, password_hash, roles, created_at)"
                " VALUES (%s, %s, '测试', 'x', 'officer', %s)",
                [(one, f"bench{place}", self._now) for place, one in enumerate(self.officers)],
            )
        self.contacts = self.contacts[: max(10, tips // 10)]
        self._copy("contacts", ["id", "channel", "sender_index", "created_at"], self._people())
        per_tip = subjects / tips
        with self._indexes_later("tips", "sightings"):
            for first in range(0, tips, AT_ONCE):
                self._batch(range(first, min(first + AT_ONCE, tips)), tips, per_tip)
        self._connection.autocommit = True
        self._connection.execute("VACUUM (ANALYZE) tips, sightings")
        self._connection.autocommit = False

    @contextmanager
    def _indexes_later(self, *tables: str) -> Iterator[None]:
        """Build the indexes of some tables when their rows are there: kept up row by row they take most of the time."""
        found = self._connection.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid::regclass::text = ANY(%s)"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            [list(tables)],
        ).fetchall()
        for name, _ in found:
            self._connection.execute(f"DROP INDEX {name}")
        yield
        self._connection.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in found:
            self._connection.execute(str(definition))
        self._connection.commit()

    def _batch(self, numbers: range, tips: int, per_tip: float) -> None:
        rows, sightings = [], []
        for number in numbers:
            at = self._now - timedelta(days=5 * 365) * ((tips - number) / tips)
            tip = self._tip(number, at)
            rows.append(tip)
            count = int((number + 1) * per_tip) - int(number * per_tip)
            sightings += self._named(tip, count, at)
        self._copy("tips", _TIP, rows)
        self._copy("sightings", _SIGHTING, sightings)

    def _people(self) -> Iterator[tuple[object, ...]]:
        for one in self.contacts:
            yield one, "wechat", one.bytes * 2, self._now

    def _tip(self, number: int, at: datetime) -> tuple[object, ...]:
        pick = self._random
        tip_id, village = new_id(), VILLAGES[min(int(pick.expovariate(0.08)), len(VILLAGES) - 1)]
        place = f"{village}{pick.choice('一二三四五六七八')}组{RARE if number % 1000 == 7 else pick.choice(SPOTS)}"
        (state,) = pick.choices(list(STATES), list(STATES.values()))
        (kind,) = pick.choices(list(OF_KIND), list(OF_KIND.values()))
        return (
            tip_id,
            f"XS{1_000_000 + number}",
            "",
            state.value,
            None,
            pick.choice(self.contacts),
            at,
            kind.value,
            village if number % 10 else "",
            None if state is TipState.REGISTERED else pick.choice(self.officers),
            self._grams_of(place),
            installed().seal(STORY.encode(), f"tips.story_sealed:{tip_id}"),
            installed().seal(place.encode(), f"tips.place_sealed:{tip_id}"),
        )

    def _grams_of(self, place: str) -> list[int]:
        if place not in self._grams:
            self._grams[place] = grams(place)
        return self._grams[place]

    def _named(self, tip: tuple[object, ...], count: int, at: datetime) -> Iterator[tuple[object, ...]]:
        subjects = {self._subject() for _ in range(count)}
        while len(subjects) < count:
            subjects.add(self._subject())
        for subject in subjects:
            row_id = new_id()
            yield (
                row_id,
                subject.kind,
                clusters.index_of(subject),
                installed().seal(subject.value.encode(), f"sightings.value_sealed:{row_id}"),
                "tip",
                tip[0],
                tip[5],
                tip[8],
                at,
            )

    def _subject(self) -> Subject:
        if self._random.random() < FAMOUS_SHARE:
            return self._random.choices(self.famous, cum_weights=self._fame)[0]
        return self._phone(self._random.randrange(FAMOUS, 10**8))

    @staticmethod
    def _phone(number: int) -> Subject:
        return Subject("phone", f"170{number:08d}")

    def _copy(self, table: str, columns: list[str], rows: Iterable[tuple[object, ...]]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row([str(value) if isinstance(value, uuid.UUID) else value for value in row])
        self._connection.commit()
