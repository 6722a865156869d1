"""Figures of a model alone: what it makes of the labelled texts, how far its confidence can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlu.scores import URGENT, Row, macro_f1

BINS = 10
Ranking = Sequence[tuple[str, float]]
OUT = "out_of_scope"


def accuracy_figures(files: Mapping[str, Sequence[Row]], rankings: Mapping[str, Ranking]) -> dict[str, object]:
    """Of the labelled files (name: rows) with the ranking of every text."""
    own, blind = (_pairs(files, rankings, start) for start in ("own", "blind"))
    outside = [rankings[row.text] for name, rows in files.items() if name.startswith("assistant") for row in rows]
    quiet = [rankings[row.text][0][0] for name, rows in files.items() if "not_urgent" in name for row in rows]
    judged = [
        (rankings[row.text][0][1], rankings[row.text][0][0] == row.intent)
        for name, rows in files.items()
        if name.startswith(("own", "blind"))
        for row in rows
    ]
    return {
        **_labelled_figures(own),
        **{"blind_" + name: figure for name, figure in _labelled_figures(blind).items()},
        "not_urgent_raised": _share(given == URGENT for given in quiet),
        "out_of_scope": _share(ranking[0][0] == OUT for ranking in outside),
        "sure_and_wrong_outside": _share(ranking[0][0] != OUT and ranking[0][1] >= 0.9 for ranking in outside),
        "ece": round(expected_error(judged), 4),
        "reliability": reliability(judged),
    }


def _pairs(files: Mapping[str, Sequence[Row]], rankings: Mapping[str, Ranking], start: str) -> list[tuple[str, str]]:
    """(wanted, given) of the files whose names begin so."""
    return [
        (row.intent, rankings[row.text][0][0]) for name, rows in files.items() if name.startswith(start) for row in rows
    ]


def _labelled_figures(pairs: Sequence[tuple[str, str]]) -> dict[str, object]:
    return {
        "accuracy": _share(wanted == given for wanted, given in pairs),
        "macro_f1": macro_f1(pairs),
        "urgent_recall": _share(given == URGENT for wanted, given in pairs if wanted == URGENT),
        "urgent_false_alarms": _share(given == URGENT for wanted, given in pairs if wanted != URGENT),
    }


def _share(hits: object) -> float | None:
    counted = list(hits)  # type: ignore[call-overload]
    return round(sum(counted) / len(counted), 4) if counted else None


def reliability(judged: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """By tenths of confidence: how many, the mean confidence, the share that was right."""
    table: list[dict[str, float]] = []
    for place in range(BINS):
        inside = [(share, right) for share, right in judged if min(BINS - 1, int(share * BINS)) == place]
        if inside:
            table.append({
                "from": place / BINS,
                "n": len(inside),
                "confidence": round(sum(share for share, _ in inside) / len(inside), 3),
                "right": round(sum(right for _, right in inside) / len(inside), 3),
            })  # fmt: skip
    return table


def expected_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error: the mean distance of confidence and accuracy, weighted by how many."""
    return sum(line["n"] * abs(line["confidence"] - line["right"]) for line in reliability(judged)) / max(
        1, len(judged)
    )
