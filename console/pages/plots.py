"""Bar plots as plain geometry; the template writes it down as SVG. Units are those of the view box."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console import figure_words as words

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 4, 8, 22
WIDEST = 90  # of the place for one key
FALLS = 5  # labels below the axis at most


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. ``series``: which colour; ``says``: for whoever points at it or listens."""

    x: float
    y: float
    width: float
    height: float
    series: int
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """``ticks``: height and label of lines; ``labels``: place and label below the axis."""

    title: str
    legend: Sequence[str]
    bars: list[Bar]
    ticks: list[tuple[float, str]]
    labels: list[tuple[float, str]]
    empty: bool


def plot(
    title: str,
    legend: Sequence[str],
    keys: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    stacked: bool = False,
    say: Callable[[float], str] = "{:g}".format,
) -> Plot:
    """Bars of several series over the same keys; ``values``: for each key one of each series."""
    most = max((sum(row) if stacked else max(row) for row in values), default=0)
    top, step = _scale(most)
    slot = min((WIDTH - LEFT - RIGHT) / max(1, len(keys)), WIDEST)
    high = HEIGHT - TOP - BOTTOM
    width = slot * 0.8 if stacked else slot * 0.8 / len(legend)
    bars = []
    for place, (key, row) in enumerate(zip(keys, values, strict=True)):
        below = 0.0
        for series, value in enumerate(row):
            if value <= 0:
                continue
            tall = value / top * high
            x = LEFT + place * slot + slot * 0.1 + (0 if stacked else series * width)
            y = HEIGHT - BOTTOM - tall - (below if stacked else 0)
            says = words.BAR.format(key=key, name=legend[series], value=say(value))
            bars.append(Bar(round(x, 2), round(y, 2), round(width, 2), round(tall, 2), series + 1, says))
            below += tall
    ticks = [(round(HEIGHT - BOTTOM - at * step / top * high, 2), _short(at * step)) for at in range(_count(top, step))]
    return Plot(title, legend, bars, ticks, _labels(keys, slot), most <= 0)


def _labels(keys: Sequence[str], slot: float) -> list[tuple[float, str]]:
    every = max(1, math.ceil(len(keys) / FALLS))
    return [(round(LEFT + (place + 0.5) * slot, 2), keys[place][-5:]) for place in range(0, len(keys), every)]


def _scale(most: float) -> tuple[float, float]:
    """A round top of the axis, at least 1, and the step between two lines."""
    if most <= 0:
        return 1, 1
    power = 10 ** math.floor(math.log10(most))
    step = next(size * power for size in (0.5, 1, 2, 5) if most <= size * power * 4)
    step = max(step, 1)  # there is no half card
    return math.ceil(most / step) * step, step


def _count(top: float, step: float) -> int:
    return round(top / step) + 1


def _short(value: float) -> str:
    return words.TEN_THOUSAND.format(amount=value / 10_000) if value >= 10_000 else f"{value:g}"
