"""Parts of sample replies: results, numbers and times, written where a card reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taskferry.cards.expression import Every, compile_expression
from taskferry.cards.model import ArtifactSpec, FetchSpec, StatusSpec
from taskferry.cards.sheet import Sheet, copied
from taskferry.cards.values import as_text
from taskferry.errors import UsageError
from taskferry.status import Status


class NoSample(UsageError):
    """The card has neither an example nor a plain path to make such a reply from."""


def words_for(spec: StatusSpec, status: Status | str) -> Sequence[str]:
    """Give the provider's words for a status; a word of the provider's stands for itself."""
    if not isinstance(status, Status):
        return [status]
    words = [word for word, meaning in spec.words.items() if meaning is status]
    if not words:
        raise NoSample(f"The card has no word for {status}.")
    return words


def meaning_of(spec: StatusSpec, word: str | None) -> Status | None:
    """Give what a word of the provider's counts as."""
    words = {known.casefold(): meaning for known, meaning in spec.words.items()} if spec.any_case else spec.words
    return words.get((word or "").casefold() if spec.any_case else word or "", spec.unknown)


def write_status(sheet: Sheet, spec: FetchSpec, words: Sequence[str]) -> None:
    """Make a reply say one of the words; raise NoSample."""
    if says(sheet, spec, words):
        return
    fitting = [word for word in words if spec.status != "$http" or word.isdecimal()]
    word = fitting[0] if fitting else words[0]
    if not fitting or not sheet.set(spec.status, word) or not says(sheet, spec, words):
        raise NoSample(f"No example of a look says {word!r}, and {spec.status!r} is not a plain path to write it to.")


def says(sheet: Sheet, spec: FetchSpec, words: Sequence[str]) -> bool:
    """Tell whether a reply says one of the words, in any case."""
    word = as_text(sheet.read(spec.status))
    return word is not None and word.casefold() in {known.casefold() for known in words}


def write_or_drop(sheet: Sheet, text: str | None, value: Any) -> None:
    """Write a value where the card reads it, or take out what an example has there; nothing where it reads none."""
    if text is None:
        return
    if value is None:
        sheet.drop(text)
    else:
        sheet.set(text, value)


def write_results(
    sheet: Sheet,
    specs: Sequence[ArtifactSpec],
    urls: Mapping[str, Sequence[str]],
    expires_at: float | None,
) -> None:
    """Put addresses of results where the card reads them, and take out all others."""
    for spec in specs:
        given = list(urls.get(spec.name, ()))
        if spec.each is not None:
            _write_items(sheet, spec, spec.each, given, expires_at)
        elif spec.url is not None:
            _write_addresses(sheet, spec.url, given)
            write_moment(sheet, spec.expires_at, expires_at)


def write_moment(sheet: Sheet, text: str | None, at: float | None) -> None:
    """Write a time as the example has it: seconds, milliseconds or ISO 8601; take it out where there is none."""
    if text is None:
        return
    old = sheet.read(text)
    value: Any = None
    if at is not None:
        value = at
        if isinstance(old, str):
            value = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
        elif isinstance(old, int) and old > 1e11:
            value = int(at * 1000)
    write_or_drop(sheet, text, value)


def number(value: float | Decimal, scale: float | Decimal = 1) -> float:
    """Give a number as the card's wire has it, which is divided by `scale` when it is read."""
    product = Decimal(str(value)) * Decimal(str(scale))
    return int(product) if product == product.to_integral_value() else float(product)


def _write_addresses(sheet: Sheet, text: str, urls: Sequence[str]) -> None:
    if not urls:
        sheet.drop(text)
        return
    steps = compile_expression(text).steps
    listed = isinstance(sheet.read(text), list) or (steps is not None and Every.ITEM in steps)
    if not sheet.set(text, list(urls) if listed else urls[0]):
        raise NoSample(f"No example shows an address at {text!r}, which is not a plain path to write one to.")


def _write_items(sheet: Sheet, spec: ArtifactSpec, each: str, urls: Sequence[str], expires_at: float | None) -> None:
    found = sheet.read(each)
    items = found if isinstance(found, list) else []
    expression = compile_expression(each)
    if expression.steps is not None:
        first = items[0] if items else None
        sheet.set(each, [_item(first, spec, url, expires_at) for url in urls])
        return
    if urls and not items:
        raise NoSample(f"No example shows an item at {each!r}, which is not a plain path to write one to.")
    for place, item in enumerate(items):  # what a filter finds are the document's own tables
        new = _item(item, spec, urls[place] if place < len(urls) else None, expires_at)
        if isinstance(item, dict):
            item.clear()
            item.update(new)


def _item(first: Any, spec: ArtifactSpec, url: str | None, expires_at: float | None) -> Any:
    sheet = Sheet(200, {}, copied(first))
    write_or_drop(sheet, spec.url or "@", url)
    write_moment(sheet, spec.expires_at, expires_at)
    return sheet.body
