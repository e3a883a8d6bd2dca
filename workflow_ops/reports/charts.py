"""Charts of numbers over time: the positions that `includes/report_chart.html` draws as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from django.utils.formats import date_format

from ticketflower.formats import write_count

_RIGHT, _TOP, _BOTTOM = 416, 12, 170
_DIGIT: Final = 8.0
"""The width of a digit on a phone, where text is largest in relation to the chart."""
_MOST_LINES: Final = 4
_MOST_LABELS: Final = 4
_LABEL_ROOM: Final = 36.0
_GAP: Final = 0.3
"""The fraction of a unit's width that is left free."""
_WIDEST: Final = 40.0


@dataclass(frozen=True, slots=True)
class Series:
    """A named series of numbers over time; `css` is the suffix of the CSS class with its colour."""

    name: str
    css: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Slot:
    """A unit of time: its area, its labels, and the bars of the series in it."""

    x: str
    width: str
    title: str
    bars: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the template draws; positions are strings, so that they are not localized."""

    width: ClassVar = 420
    height: ClassVar = 200
    right: ClassVar = _RIGHT
    bottom: ClassVar = _BOTTOM

    name: str
    title: str
    series: Sequence[Series]
    lines: list[dict[str, str]]
    left: str
    labels: list[dict[str, str]]
    slots: list[Slot]
    path: str = ""
    area: str = ""

    @property
    def description(self) -> str:
        """A text alternative of the chart: each unit with its numbers."""
        return "; ".join(slot.title for slot in self.slots)


def bar_chart(name: str, title: str, days: Sequence[date], unit: str, series: Sequence[Series]) -> Chart:
    """Return a chart with the bars of each unit side by side."""
    frame = _Frame(days, unit, max((value for each in series for value in each.values), default=0))
    return Chart(name, title, series, frame.lines, f"{frame.left:.0f}", frame.labels(), frame.slots(series))


def line_chart(name: str, title: str, days: Sequence[date], unit: str, series: Series) -> Chart:
    """Return a chart with one line through the middles of the units, or a bar if there is only one unit."""
    frame = _Frame(days, unit, max(series.values, default=0))
    points = [
        f"{frame.middle(place):.1f} {frame.height(value):.1f}" for place, value in enumerate(series.values)
    ]
    path = f"M{' L'.join(points)}"
    area = f"{path} L{frame.middle(len(days) - 1):.1f} {_BOTTOM} L{frame.middle(0):.1f} {_BOTTOM}Z"
    slots = frame.slots([series], with_bars=len(days) == 1)
    return Chart(name, title, [series], frame.lines, f"{frame.left:.0f}", frame.labels(), slots, path, area)


class _Frame:
    """The coordinate system of a chart: units of time from left to right, numbers up to `most` upwards."""

    def __init__(self, days: Sequence[date], unit: str, most: int) -> None:
        self.days, self.unit, most = days, unit, max(most, 1)
        steps = (digit * 10**power for power in range(20) for digit in (1, 2, 5))
        step = next(each for each in steps if each * _MOST_LINES >= most)
        self.most: int = -(-most // step) * step  # the top line is above the highest bar
        numbers = range(0, self.most + 1, step)
        self.lines = [{"y": f"{self.height(number):.1f}", "text": write_count(number)} for number in numbers]
        self.left = 10 + _DIGIT * max(len(line["text"]) for line in self.lines)
        self.room = (_RIGHT - self.left) / max(len(days), 1)

    def height(self, number: int) -> float:
        """Return the y coordinate of a number."""
        return _BOTTOM - number * (_BOTTOM - _TOP) / self.most

    def middle(self, place: int) -> float:
        """Return the x coordinate of a unit's middle."""
        return self.left + self.room * (place + 0.5)

    def labels(self) -> list[dict[str, str]]:
        """Return the labels of days below the chart, as many as there is room for."""
        every = -(-len(self.days) // _MOST_LABELS) or 1
        pattern = "M Y" if self.unit == "month" else "j M"
        return [
            {
                "x": f"{min(max(self.middle(place), _LABEL_ROOM), Chart.width - _LABEL_ROOM):.1f}",
                "text": date_format(self.days[place], pattern),
            }
            for place in range(0, len(self.days), every)
        ]

    def slots(self, series: Sequence[Series], *, with_bars: bool = True) -> list[Slot]:
        """Return the units with their labels and bars."""
        return [
            Slot(
                x=f"{self.left + self.room * place:.1f}",
                width=f"{self.room:.1f}",
                title=self._say(place, series),
                bars=self._bars(place, series) if with_bars else [],
            )
            for place in range(len(self.days))
        ]

    def _say(self, place: int, series: Sequence[Series]) -> str:
        day = self.days[place]
        words = date_format(day, "F Y" if self.unit == "month" else "j F Y")
        numbers = (f"{each.name} {write_count(each.values[place])}" for each in series)
        return f"{words}: {', '.join(numbers)}"

    def _bars(self, place: int, series: Sequence[Series]) -> list[dict[str, str]]:
        width = min(self.room * (1 - _GAP) / len(series), _WIDEST)
        left = self.middle(place) - width * len(series) / 2
        return [
            {
                "css": each.css,
                "x": f"{left + width * number:.1f}",
                "y": f"{self.height(each.values[place]):.1f}",
                "width": f"{max(width - 0.5, 1):.1f}",
                "height": f"{_BOTTOM - self.height(each.values[place]):.1f}",
            }
            for number, each in enumerate(series)
            if each.values[place]
        ]
