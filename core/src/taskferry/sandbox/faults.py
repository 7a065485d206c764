"""Faults on order: scripted by tokens in a prompt, or posted to the admin endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from attrs import define, frozen

from taskferry.sandbox.tokens import Phase, Token

_TOKEN = re.compile(r"\[\[(?P<name>[a-z][a-z-]*)(?::(?P<argument>[^\]*]+))?(?:\*(?P<count>[0-9]+))?\]\]")
_ARGUMENTS = {
    "STATUS": ("[45][0-9][0-9]", "an HTTP status from 400 to 599"),
    "SECONDS": (r"[0-9]+(\.[0-9]+)?", "a number of seconds"),
    "AMOUNT": (r"[0-9]+(\.[0-9]+)?", "an amount"),
    "COUNT": ("[1-9]", "a count from 1 to 9"),
}


class FaultError(ValueError):
    """A fault was written in a way that makes no sense."""


@frozen(kw_only=True)
class Fault:
    """One thing that is to go wrong."""

    name: str
    argument: str | None = None
    count: int | None = None
    """How many times it strikes; None: every time."""


@define
class _Armed:
    fault: Fault
    left: int | None
    path: re.Pattern[str] | None = None

    def strike(self) -> Fault:
        if self.left is not None:
            self.left -= 1
        return self.fault


class Script:
    """The faults of one prompt, used up as they strike."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed = [_Armed(fault, fault.count) for fault in faults]

    def has(self, name: str) -> bool:
        """Tell whether the fault can still strike."""
        return any(armed.fault.name == name and armed.left != 0 for armed in self._armed)

    def take(self, name: str) -> Fault | None:
        """Let the fault strike once; None when it is not in the script or used up."""
        for armed in self._armed:
            if armed.fault.name == name and armed.left != 0:
                return armed.strike()
        return None

    def word(self, name: str) -> str | None:
        """Read the argument of a fault without using it up; None when it is not in the script or has none."""
        return next((armed.fault.argument for armed in self._armed if armed.fault.name == name), None)


class FaultBook:
    """Every fault of one stand-in that is still to strike."""

    def __init__(self, tokens: Mapping[str, Token]) -> None:
        self.tokens = tokens
        self._posted: list[_Armed] = []
        self._scripts: dict[tuple[str, str], Script] = {}

    def parse(self, prompt: str) -> list[Fault]:
        """Read the faults of a prompt; words that are no token of this stand-in are left alone."""
        return [
            self.check(match["name"], match["argument"], int(match["count"]) if match["count"] else None)
            for match in _TOKEN.finditer(prompt)
            if match["name"] in self.tokens
        ]

    def script(self, account: str, prompt: str) -> Script:
        """Give the script that all creates of an account with one prompt share, so that counts span tries."""
        key = (account, prompt)
        if key not in self._scripts:
            self._scripts[key] = Script(self.parse(prompt))
        return self._scripts[key]

    def post(self, fault: str, count: int | None = 1, path: str | None = None) -> None:
        """Arm a fault written as in a prompt, without its brackets, for the next `count` requests it applies to.

        Without `path` it strikes at its own kind of request; with it, at any request whose path matches.
        """
        match = _TOKEN.fullmatch(f"[[{fault}]]")
        if match is None:
            raise FaultError(f'{fault!r} is not a fault: write it as in a prompt, such as "http:502" or "lost-reply"')
        if match["name"] not in self.tokens:
            raise FaultError(f"there is no fault {match['name']!r}: choose one of {', '.join(sorted(self.tokens))}")
        try:
            pattern = re.compile(path) if path else None
        except re.error as error:
            raise FaultError(f"the path {path!r} is not a regular expression: {error}") from error
        if match["count"]:
            count = int(match["count"])
        self._posted.append(_Armed(self.check(match["name"], match["argument"], count), count, pattern))

    def take(self, name: str, path: str, *, kind: str) -> Fault | None:
        """Let a posted fault strike a request of this kind at this path; None when there is none for it."""
        for armed in self._posted:
            if armed.fault.name != name or armed.left == 0:
                continue
            if armed.path.search(path) if armed.path else self._kind(name) == kind:
                return armed.strike()
        return None

    def check(self, name: str, argument: str | None, count: int | None) -> Fault:
        """Make a fault of its parts; raise FaultError where the argument is missing or wrong."""
        token = self.tokens[name]
        if token.argument is None and argument is not None:
            raise FaultError(f"the fault {name!r} takes nothing after a colon, not {argument!r}")
        if token.argument and argument is None and not token.optional:
            raise FaultError(f"the fault {name!r} needs an argument: write [[{name}:{token.argument}]]")
        pattern, meaning = _ARGUMENTS.get(token.argument or "", (None, ""))
        if argument is not None and pattern and not re.fullmatch(pattern, argument):
            raise FaultError(f"{argument!r} in the fault {name!r} is not {meaning}")
        if argument is not None and token.choices and argument not in token.choices:
            raise FaultError(f"{argument!r} in the fault {name!r} is not one of {', '.join(token.choices)}")
        return Fault(name=name, argument=argument, count=count)

    def _kind(self, name: str) -> str:
        phase = self.tokens[name].phase
        return "create" if phase is Phase.LIFE else phase.value


def without_tokens(prompt: str) -> str:
    """Give the prompt as a person meant it, without its fault tokens."""
    return " ".join(_TOKEN.sub(" ", prompt).split())
