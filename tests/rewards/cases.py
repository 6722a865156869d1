"""Schemes and facts by chance, for the tests of the calculation. Every choice comes from the given source."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rewards.facts import Facts, Finding, Reporter
from rewards.schemes.model import BandRule, Condition, Exclusion, FlatRule, Kind, Measure, Scheme

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
AMOUNT_MEASURES = ("loss_averted", "funds_intercepted", "amount_involved")
COUNT_MEASURES = ("arrested", "cards", "devices")


def sum_of_money(chance: random.Random, most: int = 3000) -> str:
    return f"{chance.randint(1, most)}.{chance.choice(('00', '00', '00', '50', '01', '99'))}"


def payout(chance: random.Random, kinds: tuple[str, ...] = ("amount", "amount", "range", "max")) -> dict[str, Any]:
    kind = chance.choice(kinds)
    if kind == "discretionary":
        return {"discretionary": True}
    amounts = sorted((sum_of_money(chance), sum_of_money(chance)), key=Decimal)
    return {"amount": {"amount": amounts[0]}, "range": {"min": amounts[0], "max": amounts[1]}}.get(
        kind, {"max": amounts[1]}
    )


def bands(chance: random.Random, *, counted: bool, unsaid: bool, rising: bool = False) -> list[dict[str, Any]]:
    """Bands that touch, each edge on one side or, where the notice is silent, on neither."""
    number = chance.randint(1, 4)
    edges = sorted(chance.sample(range(0, 40), number + 1))
    if counted:
        edges = [edge * 3 for edge in edges]
    paid = [payout(chance, ("amount", "range", "max", "discretionary")) for _ in range(number)]
    if rising:
        paid = sorted(({"amount": sum_of_money(chance)} for _ in range(number)), key=lambda it: Decimal(it["amount"]))
    below = None if unsaid and chance.random() < 0.3 else chance.random() < 0.5
    found = []
    for place in range(number):
        last = place == number - 1
        band: dict[str, Any] = {"from": edges[place], "from_included": below}
        if not (last and (rising or chance.random() < 0.5)):
            above = None if unsaid and chance.random() < 0.3 else chance.random() < 0.5
            band |= {"to": edges[place + 1], "to_included": above}
            below = None if above is None else not above
        found.append(band | paid[place])
    return found


def rule(chance: random.Random, place: int, *, unsaid: bool, rising: bool = False) -> dict[str, Any]:
    bases = ["per_case", "per_person", "per_item", "amount_band", "count_band"]
    basis = chance.choice(bases if rising else [*bases, "range", "discretionary"])
    made: dict[str, Any] = {"code": f"r{place}", "name": f"第{place}项", "basis": basis}
    made["outcomes"] = chance.sample(["arrested", "case_filed"], chance.choice((0, 0, 1, 2)))
    made["conditions"] = ["另一条件"] if chance.random() < 0.2 else []
    made["addon"] = chance.random() < 0.25
    if chance.random() < 0.5:
        made["cap_per_case"] = sum_of_money(chance, 6000)
    if basis in ("amount_band", "count_band"):
        counted = basis == "count_band"
        # A measure of its own for each rule: what is not yet known of one says nothing of another.
        measures = COUNT_MEASURES if counted else AMOUNT_MEASURES
        made |= {"measure": measures[place % 3], "bands": bands(chance, counted=counted, unsaid=unsaid, rising=rising)}
    elif basis == "range":
        made |= payout(chance, ("range", "max"))
    elif basis != "discretionary":
        made |= payout(chance, ("amount",) if rising else ("amount", "amount", "range", "max"))
        made |= {"unit": "张"} if basis == "per_item" else {}
    return made


def scheme(chance: random.Random, *, rising: bool = False) -> Scheme:
    unsaid = not rising and chance.random() < 0.5
    made: dict[str, Any] = {
        "id": "by-chance",
        "kind": Kind.EXAMPLE,
        "name": "随机办法",
        "issuer": "无",
        "level": "township",
        "version": "1",
        "source": "无",
        "effective_from": date(2026, 1, 1),
        "rules": [rule(chance, place, unsaid=unsaid, rising=rising) for place in range(chance.randint(1, 3))],
        "conditions": ["verified", "unknown_before"][: chance.randint(1, 2)],
        "exclusions": chance.sample(["suspect", "unreachable"], chance.randint(0, 2)),
        "stacking": chance.choice(("highest_only", "add_up") if rising else ("highest_only", "add_up", None)),
        "reporters": chance.choice((None, {"same_clue": "first_registered"}, {"same_clue": "by_contribution"})),
    }
    if chance.random() < 0.3:
        made["cap_per_case"] = sum_of_money(chance, 8000)
    return Scheme.model_validate(made)


def said(chance: random.Random, unknown: float, likely: float = 0.85) -> bool | None:
    return None if chance.random() < unknown else chance.random() < likely


def measured(chance: random.Random, rule: BandRule) -> Decimal:
    """Often an edge, or just beside one."""
    edges = [edge for band in rule.bands for edge in (band.start, band.to) if edge is not None]
    step = rule.bands[0].step
    return max(Decimal(0), chance.choice(edges) + chance.choice((-1, 0, 0, 1, 7)) * step)


def facts(chance: random.Random, of: Scheme, unknown: float = 0.08) -> Facts:
    findings, measures = [], {}
    for it in of.rules:
        if chance.random() < 0.2:
            continue
        number = chance.randint(0, 9) if isinstance(it, FlatRule) and chance.random() >= unknown else None
        given = {text: said(chance, unknown) for text in it.conditions}
        before = Decimal(chance.choice(("0.00", "0.00", "120.50")))
        findings.append(Finding(it.code, said(chance, unknown), number, given, before))
        if isinstance(it, BandRule) and chance.random() >= unknown:
            measures[Measure(it.measure)] = measured(chance, it)
    return Facts(
        conditions={it: said(chance, unknown) for it in Condition},
        exclusions={it: said(chance, unknown, 0.08) for it in Exclusion},
        measures=measures,
        findings=tuple(findings),
        reporters=reporters(chance),
        awarded_before=Decimal(chance.choice(("0.00", "0.00", "500.00"))),
    )


def reporters(chance: random.Random) -> tuple[Reporter, ...]:
    found = []
    for number in range(chance.randint(0, 4)):
        moment = START + timedelta(milliseconds=chance.randint(0, 3))
        group = chance.choice(("", "", "甲"))
        found.append(Reporter(f"XS{number}", moment, group, chance.choice((None, 0, 1, 2, 5))))
    return tuple(found)
