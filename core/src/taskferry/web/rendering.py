"""Turns templates into replies; whatever goes into one is escaped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from taskferry.cli import words
from taskferry.text import clean, harmless
from taskferry.web.session import Session
from taskferry.web.static import Static

_PAGES = (("/", "Gallery"), ("/new", "New"), ("/spend", "Spend"), ("/speed", "Speed"), ("/providers", "Providers"))


class Renderer:
    """Every template, with what all of them need."""

    def __init__(self, session: Session, static: Static, now: Callable[[], float] = time.time) -> None:
        self._session = session
        self._now = now
        self._environment = Environment(
            loader=PackageLoader("taskferry.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            age=self._age,
            clean=clean,
            harmless=harmless,
            pairs=lambda values: [(value, value) for value in values],
            money=words.money,
            size=words.size,
            span=words.span,
            when=when,
        )
        self._environment.globals.update(asset=static.url, csrf=session.csrf, pages=_PAGES)

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Give a whole page."""
        return HTMLResponse(self.text(template, path=request.url.path, **values), status_code=status)

    def text(self, template: str, **values: Any) -> str:
        """Give what a template comes to."""
        return self._environment.get_template(template).render(values)

    def macro(self, template: str, name: str) -> Callable[..., Markup]:
        """Give one macro of a template."""
        found: Callable[..., Markup] = getattr(self._environment.get_template(template).module, name)
        return found

    def _age(self, at: float) -> str:
        return words.age(self._now() - at)


def when(at: float | None, form: str = "%Y-%m-%d %H:%M:%S UTC") -> Markup:
    """Give a moment as an element that people, scripts and screen readers understand; empty where there is none."""
    if at is None:
        return Markup()
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return escape(f"{at:.0f} s")
    parts: Mapping[str, str] = {"iso": moment.isoformat(timespec="seconds"), "text": moment.strftime(form)}
    return Markup('<time datetime="{iso}" data-epoch="{at:.3f}">{text}</time>').format(**parts, at=at)
