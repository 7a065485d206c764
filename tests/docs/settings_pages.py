"""Settings and metrics as Markdown, from the tables in the code."""

from __future__ import annotations

from opentelemetry.metrics import Counter, Histogram, NoOpMeter

from taskferry.configuration.known import SETTINGS, Setting
from taskferry.telemetry.metrics import Metrics

_EXAMPLES = {
    "output": '"~/Pictures/made"',
    "keys": '"..."',
    "regions": '"eu"',
    "rates": '"0.01 USD"',
    "plugins": '["noisy"]',
    "task": '"2 USD"',
    "day": '"20 USD, 10 videos"',
    "total": '["500 USD", "1000 credits"]',
    "allow_unpriced": "true",
}
"""By the first part of a name, or its last."""


def settings() -> str:
    """Write a row for each setting."""
    rows = [f"| `{'.'.join(one.name)}` | {one.meaning} | `{_example(one)}` |" for one in SETTINGS]
    return "\n".join(["| setting | what it is | as |", "|---|---|---|", *rows])


def metrics() -> str:
    """Write a row for each instrument."""
    meter = _Listing("taskferry")
    Metrics(meter)
    return "\n".join(["| metric | unit | what it is |", "|---|---|---|", *meter.rows])


class _Listing(NoOpMeter):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.rows: list[str] = []

    def create_counter(self, name: str, unit: str = "", description: str = "") -> Counter:
        self.rows.append(f"| `{name}`, a counter | `{unit}` | {description} |")
        return super().create_counter(name, unit, description)

    def create_histogram(self, name: str, unit: str = "", description: str = "", **advice: object) -> Histogram:
        self.rows.append(f"| `{name}`, a histogram | `{unit}` | {description} |")
        return super().create_histogram(name, unit, description)


def _example(setting: Setting) -> str:
    return _EXAMPLES.get(setting.name[-1]) or _EXAMPLES[setting.name[0]]
