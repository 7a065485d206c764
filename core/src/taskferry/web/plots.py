"""Plots as SVG, made on the server; style sheets colour them by class, screen readers hear their titles."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from attrs import frozen
from markupsafe import Markup

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 12, 28
_WIDEST = 60
_LINES = 4
_COLOURS = 6
_LABELS = 10
"""At most so many labels below the axis."""
_numbers = itertools.count(1)


@frozen(kw_only=True)
class Bars:
    """Bars side by side, each of several parts."""

    title: str
    unit: str
    labels: Sequence[str]
    """Below each bar."""
    series: Mapping[str, Sequence[float]]
    """The parts, by name; one value for each label."""
    stacked: bool = True
    """Whether parts stand on each other; else each begins at nothing, the smaller before the larger."""

    @property
    def total(self) -> float:
        """Add up everything."""
        return sum(map(sum, self.series.values()))


def bars(plot: Bars) -> Markup:
    """Draw bars."""
    columns = list(zip(*plot.series.values(), strict=True))
    top = _round_up(max((sum(column) if plot.stacked else max(column) for column in columns), default=0))
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(plot.labels), 1)
    drawn = [_column(plot, place, step, top) for place in range(len(plot.labels))]
    every = max(1, -(-len(plot.labels) // _LABELS))
    named = [
        _label(_LEFT + step * (place + 0.5), label) for place, label in enumerate(plot.labels) if place % every == 0
    ]
    return Markup(
        '<svg class="bars" viewBox="0 0 {width} {height}" role="img" aria-labelledby="plot-{number}">'
        '<title id="plot-{number}">{title}</title>{parts}</svg>'
    ).format(
        width=_WIDTH,
        height=_HEIGHT,
        number=next(_numbers),
        title=plot.title,
        parts=Markup().join([*_grid(top, plot.unit), *drawn, *named]),
    )


def _column(plot: Bars, place: int, step: float, top: float) -> Markup:
    """Draw the parts of one bar, those on top last."""
    found = [(number, name, values[place]) for number, (name, values) in enumerate(plot.series.items())]
    base, parts = 0.0, []
    for number, name, value in found if plot.stacked else sorted(found, key=lambda one: -one[2]):
        if value > 0:
            said = f"{plot.labels[place]}, {name}: {value:g} {plot.unit}"
            parts.append(_bar(number, _LEFT + step * (place + 0.5), step, (base, base + value), top, said))
            base += value if plot.stacked else 0.0
    return Markup().join(parts)


def _bar(number: int, middle: float, step: float, ends: tuple[float, float], top: float, said: str) -> Markup:
    low, high = (_y(end, top) for end in ends)
    width = min(max(step * 0.8, 1), _WIDEST)
    return Markup(
        '<rect class="bar series-{number}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
        "<title>{said}</title></rect>"
    ).format(
        number=number % _COLOURS,
        x=middle - width / 2,
        y=high,
        width=width,
        height=max(low - high, 0.5),
        said=said,
    )


def _grid(top: float, unit: str) -> Sequence[Markup]:
    found = []
    for line in range(_LINES + 1):
        value = top * line / _LINES
        y = _y(value, top)
        found.append(
            Markup('<line class="{kind}" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>').format(
                kind="grid" if line else "axis", left=_LEFT, right=_WIDTH - _RIGHT, y=y
            )
        )
        found.append(
            Markup('<text class="label" x="{x}" y="{y:.1f}" text-anchor="end">{text}</text>').format(
                x=_LEFT - 6, y=y + 4, text=f"{value:g}"
            )
        )
    found.append(Markup('<text class="label unit" x="0" y="10">{unit}</text>').format(unit=unit))
    return found


def _label(x: float, text: str) -> Markup:
    return Markup('<text class="label" x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>').format(
        x=x, y=_HEIGHT - 8, text=text
    )


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (value / top if top else 0) * (_HEIGHT - _TOP - _BOTTOM)


def _round_up(value: float) -> float:
    """Give the end of the axis: the next number that reads well."""
    if value <= 0:
        return 1.0
    size = 10.0 ** (len(f"{value:.0f}") - 1) if value >= 1 else 10.0 ** -(len(f"{1 / value:.0f}"))
    return next(size * factor for factor in (1, 2, 4, 5, 8, 10, 20, 40, 50, 80, 100) if size * factor >= value)
