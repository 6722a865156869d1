"""Lists of orders: whatever the file, good rows become orders and bad ones are named."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from conversations.models import AuditEntry, Staff
from stops.orders import words
from stops.orders.deadlines import Deadlines
from stops.orders.importing import Imported, import_file
from stops.orders.models import WarningOrder
from stops.orders.table import MAX_BYTES, MAX_ROWS, TableError
from storage.clock import CHINA
from storage.engine import Database
from tests.stops.orders.conftest import START
from tests.stops.orders.sheets import HEADER, as_csv, as_xlsx, row

Imports = Callable[..., Imported]


@pytest.fixture
def imports(database: Database, deadlines: Deadlines, officer: Staff) -> Imports:
    def one(content: bytes, name: str = "名单.csv") -> Imported:
        with database.transaction() as session:
            return import_file(session, name, content, deadlines, officer, START)

    return one


def stored(database: Database) -> list[WarningOrder]:
    with database.transaction() as session:
        return list(session.scalars(select(WarningOrder).order_by(WarningOrder.number)))


FILES: dict[str, Callable[[list[Any]], bytes]] = {
    "utf-8 with mark": as_csv,
    "utf-8": lambda rows: as_csv(rows, "utf-8"),
    "gb18030": lambda rows: as_csv(rows, "gb18030"),
    "utf-16 with mark": lambda rows: as_csv(rows, "utf-16"),
    "xlsx": as_xlsx,
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_of_file(kind: str, imports: Imports, database: Database) -> None:
    rows = [HEADER, row("YJ-1", name="张三㐂"), row("YJ-2", name="李四,“老四”", content="第一行\n第二行")]
    result = imports(FILES[kind](rows), "名单.xlsx" if kind == "xlsx" else "名单.csv")
    assert (len(result.new), result.errors, result.unused) == (2, [], [])
    first, second = stored(database)
    assert (first.number, first.name, first.phone, first.level) == ("YJ-1", "张三㐂", "+8617000000001", "高")
    assert first.issued_at == datetime(2026, 3, 2, 13, 50, tzinfo=CHINA)
    assert (second.name, second.content) == ("李四,“老四”", "第一行\n第二行")


def test_bad_rows_are_named_and_reject_no_other(imports: Imports, database: Database) -> None:
    rows = [
        ("预警指令下发清单",),
        (),
        HEADER,
        row("YJ-1"),
        row("", phone="12345x"),
        row("YJ-3", issued_at="昨天下午", feedback_due="2026-02-30"),
        row("YJ-4", phone="", address=""),
        (),
        row("YJ-5", name="长" * 65),
        row("YJ-6", issued_at="2026-03-02 15:00"),
        row("YJ-7", phone="", address="只有地址"),
    ]
    for name, content in (("二月.csv", as_csv(rows)), ("二月.xlsx", as_xlsx(rows))):
        result = imports(content, f"C:\\表\\{name}")
        assert [str(error) for error in result.errors] == [
            f"文件“{name}”第 5 行“手机号”：不是电话号码，请核对",
            f"文件“{name}”第 5 行“指令编号”：没有填",
            f"文件“{name}”第 6 行“下发时间”：看不懂这个时间，请写成 2026-03-01 14:05 这样",
            f"文件“{name}”第 6 行“反馈时限”：看不懂这个时间，请写成 2026-03-01 14:05 这样",
            f"文件“{name}”第 7 行“整行”：手机号和地址至少要填一项",
            f"文件“{name}”第 9 行“姓名”：太长了，最多 64 个字",
            f"文件“{name}”第 10 行“下发时间”：时间在将来，请核对",
        ]
        assert result.bad_rows == 5
    assert [order.number for order in stored(database)] == ["YJ-1", "YJ-7"]


def test_errors_use_the_words_of_the_header(imports: Imports) -> None:
    result = imports(as_csv([("* 编号(必填)", "联系电话"), ("A1", "17000000001"), ("A2", "不详")]))
    assert len(result.new) == 1
    assert str(result.errors[0]) == "文件“名单.csv”第 3 行“联系电话”：不是电话号码，请核对"


def test_the_same_list_twice_is_the_same_orders(imports: Imports, database: Database) -> None:
    rows = [HEADER, row("yj-1"), row("YJ-2"), row(" ＹＪ-1 ")]
    first = imports(as_csv(rows))
    assert (len(first.new), first.known) == (2, [(4, "YJ-1")])
    second = imports(as_xlsx([HEADER, row("YJ-1"), row("YJ-2", village="别的村"), row("YJ-3")]), "又一份.xlsx")
    assert (len(second.new), second.known, second.differing) == (1, [(2, "YJ-1")], [(3, "YJ-2")])
    assert {order.number: order.village for order in stored(database)} == dict.fromkeys(
        ("YJ-1", "YJ-2", "YJ-3"), "某某村"
    )


def test_two_hundred_rows_at_once(imports: Imports, database: Database) -> None:
    rows = [row(f"YJ-{n:04d}", phone=f"170000{n:05d}", content="说明" * 300) for n in range(200)]
    rows[77][5] = "没有"
    result = imports(as_csv([HEADER, *rows], "gb18030"))
    assert (len(result.new), result.bad_rows) == (199, 1)
    assert result.errors[0].row == 79
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(WarningOrder)) == 199
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.detail) == ("import_orders", "new=199 known=0 bad=1")


def test_what_spreadsheets_do_to_numbers_and_times(imports: Imports, database: Database) -> None:
    cell = datetime(2026, 3, 2, 13, 5)  # noqa: DTZ001 cells know no zone
    rows = [
        HEADER,
        row(20260001, phone=17000000001, issued_at=cell, feedback_due="2026年3月5日"),
        row(2026030200000001, phone=17000000001.0),
        row("2.02603E+15"),
        row("=A1"),
        row("YJ-9", issued_at="2026/3/2 9:05:07"),
    ]
    result = imports(as_xlsx(rows), "a.xlsx")
    assert [(error.row, error.problem) for error in result.errors] == [
        (3, words.DIGITS_LOST),
        (4, words.DIGITS_LOST),
        (5, words.MISSING),  # a formula nobody has calculated
    ]
    first, other = stored(database)
    assert (first.number, first.phone) == ("20260001", "+8617000000001")
    assert first.issued_at == datetime(2026, 3, 2, 13, 5, tzinfo=CHINA)
    assert other.issued_at == datetime(2026, 3, 2, 9, 5, 7, tzinfo=CHINA)
    with database.transaction() as session:
        due = session.get_one(WarningOrder, first.id)
        session.refresh(due, ["steps"])
        assert due.steps[2].due_at == datetime(2026, 3, 5, 23, 59, tzinfo=CHINA)


def test_what_nobody_reads_is_not_kept(imports: Imports, database: Database) -> None:
    rows = [(*HEADER, "身份证号"), [*row("YJ-1"), "某个号码"]]
    assert imports(as_csv(rows)).unused == ["身份证号"]
    (order,) = stored(database)
    sealed = (order.name, order.phone, order.address, order.content, order.level, order.fraud, order.village)
    assert "某个号码" not in sealed


def test_personal_columns_are_sealed(imports: Imports, database: Database) -> None:
    imports(as_csv([HEADER, row("YJ-1")]))
    with database.transaction() as session:
        raw = str(session.execute(select(func.to_jsonb(func.row(*WarningOrder.__table__.columns)))).scalar_one())
    for hidden in ("张三", "17000000001", "某某村1号", "疑似正在刷单"):
        assert hidden not in raw
        assert hidden.encode().hex() not in raw


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return out.getvalue()


def laughs() -> bytes:
    """A sheet with entities of entities: 3 GB, if anybody put them in."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    doctype = f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY e0 "哈哈哈哈哈哈哈哈哈哈">{entities}]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx([HEADER, row()]))) as good, zipfile.ZipFile(out, "w") as bad:
        for member in good.namelist():
            content = good.read(member).decode()
            if "YJ-0001" in content:
                content = doctype + re.sub(r"^<\?xml[^>]*>", "", content).replace("YJ-0001", "&e8;")
            bad.writestr(member, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", words.EMPTY_FILE.format(file="名单.csv")),
        (b" \r\n ", words.EMPTY_FILE.format(file="名单.csv")),
        (b",,\r\n,,\r\n", words.EMPTY_FILE.format(file="名单.csv")),
        (as_csv([("姓名", "手机号"), ("张三", "17000000001")]), words.NO_HEADER.format(file="名单.csv", rows=10)),
        (as_csv([HEADER]), words.NO_ROWS.format(file="名单.csv")),
        (as_csv([("编号", "电话", "手机"), ("1", "2", "3")]), words.TWICE.format(file="名单.csv", column="手机号")),
        (b"PK\x03\x04nonsense", words.NOT_A_TABLE.format(file="名单.csv")),
        (as_xlsx([HEADER, row()])[:-400], words.NOT_A_TABLE.format(file="名单.csv")),
        (laughs(), words.NOT_A_TABLE.format(file="名单.csv")),
        (bomb(), words.TOO_BIG.format(file="名单.csv", rows=MAX_ROWS, size=2)),
        (b"x" * (MAX_BYTES + 1), words.TOO_BIG.format(file="名单.csv", rows=MAX_ROWS, size=2)),
        (as_csv([HEADER, *([row()] * MAX_ROWS)]), words.TOO_BIG.format(file="名单.csv", rows=MAX_ROWS, size=2)),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, words.NOT_READABLE.format(file="名单.csv")),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\x81", words.NOT_READABLE.format(file="名单.csv")),
    ],
    ids=[
        "empty",
        "blank",
        "only commas",
        "no header",
        "only a header",
        "a column twice",
        "no zip",
        "a cut zip",
        "entities",
        "a zip bomb",
        "too long",
        "too many rows",
        "an old xls",
        "a picture",
    ],
)
def test_a_file_that_is_no_list(imports: Imports, database: Database, content: bytes, said: str) -> None:
    with pytest.raises(TableError) as raised:
        imports(content)
    assert str(raised.value) == said
    assert stored(database) == []
