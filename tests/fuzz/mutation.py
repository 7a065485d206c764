"""Turns a body into one that nobody documented: its values, its shape, or its bytes are others."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

Place = tuple[Any, Any]
"""A container and the key or index of one value in it."""
_PLACES_AT_MOST = 60

WILD: Sequence[Any] = (
    None, True, False, 0, 1, -1, 0.5, -0.0, 101, 2**31, 2**63, 2**64, 10**300, 10**400, 1e308, float("nan"),
    float("inf"), float("-inf"), "", " ", "0", "-1", "NaN", "1e999999999", "0.1800", "9" * 5000, "x" * 5000,
    "\x00", "\x1b[31mred", "\u202egpj.exe", "\ud800", "a\ud800b", "\u0301" * 40, "line\nline\r\n", "﷽" * 100,
    "../../etc/passwd", "/", "//", "http://", "https://[", "https://[::1", "https://x:99999999/", "https://x\ud800/",
    "https://\x00", "http://x/%zz?Policy=e30_&Expires=1e99", "https://x/?Policy=" + "W1tb" * 2000, "data:,x",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-13-40", "completed", "success", "failed", "queued",
    "running", "error", "insufficient_balance", [], {}, [None], {"": None}, [[]], {"code": {}}, [1, "x", {}],
    {"url": 1},
)  # fmt: skip
"""Values that break what was not thought of; a text with half of a surrogate pair is legal JSON."""

_TOKENS = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\ud83d",
    b"\\u0000",
    b"null",
    b"1e999",
    b"-",
    b",",
)


def mutated(random: Random, seed: bytes) -> bytes:
    """Give another body made of a seed: mostly well-formed JSON of a wrong shape, sometimes broken bytes."""
    if random.random() < 0.2:
        return noised(random, seed)
    try:
        value = json.loads(seed)
    except ValueError:
        return noised(random, seed)
    try:
        for _ in range(1 + int(random.expovariate(0.6))):
            value = _CHANGES[random.randrange(len(_CHANGES))](random, value)
        written = json.dumps(value, ensure_ascii=random.random() < 0.9).encode("utf-8", "surrogatepass")
    except RecursionError:  # too deep for this writer, not for what reads: as deep as anybody likes
        written = seed[:1] * 20_000 + seed
    return noised(random, written) if random.random() < 0.03 else written


def noised(random: Random, body: bytes) -> bytes:
    """Change some bytes, cut some out, double some, or put others in."""
    changed = bytearray(body)
    for _ in range(1 + int(random.expovariate(0.5))):
        at = random.randrange(len(changed) + 1)
        length = int(random.expovariate(0.1))
        choice = random.randrange(6)
        if choice == 0 and at < len(changed):
            changed[at] ^= 1 << random.randrange(8)
        elif choice == 1:
            del changed[at : at + length]
        elif choice == 2:
            del changed[at:]
        elif choice == 3:
            changed[at:at] = changed[at : at + length]
        elif choice == 4:
            changed[at:at] = _TOKENS[random.randrange(len(_TOKENS))]
        else:
            changed[at : at + 4] = random.getrandbits(32).to_bytes(4, "big")
    return bytes(changed)


def _places(value: Any) -> Sequence[Place]:
    """Give the places of a value from the outside in, up to a number that is soon gone through."""
    found: list[Place] = []
    waiting = [value]
    for one in waiting:
        if isinstance(one, dict | list):
            keys = one.keys() if isinstance(one, dict) else range(len(one))
            found += [(one, key) for key in keys]
            waiting += one.values() if isinstance(one, dict) else one
        if len(found) > _PLACES_AT_MOST:
            break
    return found


def _place(random: Random, value: Any) -> Place | None:
    places = _places(value)
    return places[random.randrange(len(places))] if places else None


def _wild(random: Random) -> Any:
    value = WILD[random.randrange(len(WILD))]
    return deepcopy(value) if isinstance(value, list | dict) else value  # a later change may be in it


def _replaced(random: Random, value: Any) -> Any:
    place = _place(random, value)
    if place is None or random.random() < 0.02:
        return _wild(random)
    place[0][place[1]] = _wild(random)
    return value


def _removed(random: Random, value: Any) -> Any:
    place = _place(random, value)
    if place is not None:
        del place[0][place[1]]
    return value


def _wrapped(random: Random, value: Any) -> Any:
    place = _place(random, value)
    if place is not None:
        held = place[0][place[1]]
        place[0][place[1]] = [held] if random.random() < 0.5 else {"url": held}
    return value


def _swapped(random: Random, value: Any) -> Any:
    one, other = _place(random, value), _place(random, value)
    if one is not None and other is not None:
        one[0][one[1]] = json.loads(json.dumps(other[0][other[1]]))
    return value


def _multiplied(random: Random, value: Any) -> Any:
    place = _place(random, value)
    if place is not None:
        held = json.loads(json.dumps(place[0][place[1]]))
        place[0][place[1]] = [held] * random.choice((2, 3, 20))
    return value


def _edited(random: Random, value: Any) -> Any:
    """Change letters of a text, so that it is almost what it was."""
    place = _place(random, value)
    if place is not None and isinstance(place[0][place[1]], str):
        text = place[0][place[1]]
        at = random.randrange(len(text) + 1)
        put = random.choice(("\x00", "\u202e", "\ud800", "/", " ", ":", "[", "%", "\u2028", "Ã", text))
        place[0][place[1]] = text[:at] + put + text[at + random.randrange(2) :]
    return value


def _added(random: Random, value: Any) -> Any:
    """Put a wild value under a name that stands elsewhere in the body."""
    one, other = _place(random, value), _place(random, value)
    if one is not None and other is not None and isinstance(one[0], dict) and isinstance(other[1], str):
        one[0][other[1]] = _wild(random)
    return value


def _deepened(random: Random, value: Any) -> Any:
    place = _place(random, value)
    if place is not None:
        inner = place[0][place[1]]
        for _ in range(random.choice((1, 3, 30, 400))):
            inner = [inner]
        place[0][place[1]] = inner
    return value


_CHANGES: Sequence[Callable[[Random, Any], Any]] = (
    _replaced, _replaced, _replaced, _removed, _wrapped, _swapped, _multiplied, _edited, _edited, _added, _deepened,
)  # fmt: skip
