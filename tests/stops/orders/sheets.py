"""Lists of orders as files, the way offices send them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

HEADER = ("指令编号", "下发时间", "预警级别", "诈骗类型", "姓名", "手机号", "村或社区", "地址", "预警内容", "反馈时限")


def row(number: str = "YJ-0001", **fields: Any) -> list[Any]:
    """A good row, with some fields changed."""
    good: dict[str, Any] = {
        "number": number,
        "issued_at": "2026-03-02 13:50",
        "level": "高",
        "fraud": "刷单返利",
        "name": "张三",
        "phone": "17000000001",
        "village": "某某村",
        "address": "某某村1号",
        "content": "疑似正在刷单。",
        "feedback_due": "",
    }
    return list({**good, **fields}.values())


def as_csv(rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    """CSV as spreadsheets write it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    """An XLSX of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in rows:
        sheet.append(list(cells))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
