"""Every fault script of the bundled stand-ins with the end that it has to come to, for each adapter."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry.sandbox.media.image import image
from taskferry.sandbox.media.model import model
from taskferry_tripo.sandbox.replies import CODES as TRIPO_CODES
from taskferry_vap.sandbox.errors import CODES as VAP_CODES
from taskferry_vap.sandbox.errors import STYLES
from taskferry_vap.sandbox.results import PLACES

VAP, VAP_V1, TRIPO, TRIPO_V2 = "vap v3", "vap v1", "tripo v3", "tripo v2"
ADAPTERS = (VAP, VAP_V1, TRIPO, TRIPO_V2)
ERAS: Mapping[str, Mapping[str, str]] = {
    "today": {"vap": "v3", "tripo": "v3"},
    "other": {"vap": "v1", "tripo": "v2"},
}
"""Which generations one ferry goes to."""
UNENDING = "unending"
"""The end of what goes on for ever, and says why."""
PLAIN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "vap": ("vap/image", {}),
    "tripo": ("tripo/text-to-model", {"texture": False, "pbr": False}),
}
"""The cheapest job of each provider."""


@frozen(kw_only=True)
class Script:
    """What stands in the prompt of one job, and what is to come of it."""

    adapter: str
    words: str
    end: str
    """Status; behind it the kind of failure, `not kept` or `parked`. Or `unending`."""
    jobs: int = 1
    """How many of them the provider has made in the end."""
    group: str = "healthy"
    """Whose account it runs on: what holds up a whole account is kept apart."""
    settled: str | None = None
    """What reconciling says of it."""
    operation: str | None = None
    parameters: Mapping[str, Any] = {}
    file: str | None = None
    """The parameter that takes a file, for operations without a prompt: its name carries the words."""

    def __str__(self) -> str:
        return f"{self.adapter} {self.words}"

    @property
    def provider(self) -> str:
        """Give the provider's name."""
        return self.adapter.partition(" ")[0]

    @property
    def era(self) -> str:
        """Name the ferry that goes to this adapter."""
        return "today" if self.adapter in (VAP, TRIPO) else "other"

    def job(self, number: int, folder: Path) -> tuple[str, dict[str, Any], str]:
        """Give operation, parameters and the words by which the provider knows the job."""
        name, usual = PLAIN[self.provider]
        prompt = f"fox {number:03} {self.words}".strip()
        if self.file is None:
            return self.operation or name, {**(self.parameters or usual), "prompt": prompt}, prompt
        kind = ".glb" if self.file == "source" else ".png"
        path = folder / f"{prompt}{kind}"
        path.write_bytes(model("a fox", "glb") if kind == ".glb" else image("a fox", 300, 300))
        return self.operation or name, {**self.parameters, self.file: path}, prompt


TRANSIENT = (500, 502, 503, 504, 429, 408, 404, 403, 401)
"""What a status read may be answered with three times in a row, and the task still comes to its end."""
ENDS: Mapping[str, str] = {
    "": "succeeded",
    "[[fail]]": "failed provider",
    "[[moderated]]": "moderated moderated",
    "[[unknown-status]]": "succeeded",
    "[[unknown-status:levitating]]": "succeeded",
    "[[queue:60]]": "succeeded",
    "[[run:60]]": "succeeded",
    "[[no-output]]": "failed no_output",
    "[[expired-url*1]]": "succeeded",
    "[[truncated-file*2]]": "succeeded",
    "[[short-file*1]]": "succeeded",
    "[[expired-url]]": "succeeded not kept",
    "[[truncated-file]]": "succeeded not kept",
    "[[short-file]]": "succeeded not kept",
}
"""What becomes of jobs that were taken, whoever took them."""
LOOKS: Mapping[str, tuple[str, str]] = {
    **{f"[[read-http:{status}*3]]": ("succeeded", f"looks {at % 4}") for at, status in enumerate(TRANSIENT)},
    "[[read-http:401]]": ("queued parked", "denied"),
    "[[read-http:403]]": ("queued parked", "denied"),
    "[[read-http:404]]": (UNENDING, "unseen"),
    "[[read-http:429]]": (UNENDING, "limited"),
    "[[read-http:502]]": (UNENDING, "unseen"),
    "[[stuck]]": (UNENDING, "unseen"),
}
"""What becomes of jobs that cannot be seen, and beside which others."""
CREATES: Mapping[str, tuple[str, int]] = {
    **{f"[[http:{status}]]": ("unconfirmed unavailable", 0) for status in (500, 502, 503, 504)},
    "[[http:408]]": ("unconfirmed", 0),
    "[[http:400]]": ("refused validation", 0),
    "[[http:403]]": ("refused forbidden", 0),
    "[[http:429*2]]": ("succeeded", 1),
}
MAKING = (VAP, VAP_V1, TRIPO)
"""Adapters that begin jobs."""


def of_all() -> Iterator[Script]:
    """Yield what holds for every adapter."""
    for adapter in ADAPTERS:
        yield from (Script(adapter=adapter, words=words, end=end) for words, end in ENDS.items())
        for words, (end, group) in LOOKS.items():
            yield Script(adapter=adapter, words=words, end=end, group=group)
    for adapter, (words, (end, jobs)) in itertools.product(MAKING, CREATES.items()):
        yield Script(adapter=adapter, words=words, end=end, jobs=jobs, group="creates")
    for adapter in MAKING:
        yield Script(adapter=adapter, words="[[http:429]]", end=UNENDING, jobs=0, group="no room")
        found = "ambiguous" if adapter == VAP_V1 else "adopted"
        yield Script(
            adapter=adapter, words="[[lost-reply]]", end="unconfirmed unavailable", settled=found, group="lost"
        )


def of_vap() -> Iterator[Script]:
    """Yield what VAP's stand-in alone knows, and each of its errors."""
    for adapter in (VAP, VAP_V1):
        for code, (status, _) in VAP_CODES.items():
            yield _refusal(adapter, code, status)
        for style in STYLES:
            words = f"[[errors:{style}]] [[refuse:insufficient_balance]]"
            yield Script(adapter=adapter, words=words, end="refused funds", jobs=0, group="creates")
        places = [place for place in PLACES if "outputs" not in place and place != "music_url"]
        for words in (*(f"[[place:{place}]]" for place in places), *_HARMLESS):
            yield Script(adapter=adapter, words=words, end="succeeded", group="shapes")
        yield Script(adapter=adapter, words="[[expired]]", end="failed timeout")
        yield Script(adapter=adapter, words="[[cancelled]]", end="failed provider")
        yield Script(adapter=adapter, words="[[broken-json]]", end=UNENDING, group="unseen")
        for words in ("[[cover]]", "[[place:music_url]]"):
            yield Script(
                adapter=adapter,
                words=words,
                end="succeeded",
                group="shapes",
                operation="vap/music",
                parameters={"duration": 30},
            )
    for place in ("outputs", "outputs-list", "result-outputs"):
        yield Script(
            adapter=VAP,
            words=f"[[place:{place}]]",
            end="succeeded",
            group="shapes",
            operation="vap/streaming-campaign",
            parameters={"prompt": ""},
        )


_HARMLESS = (
    "[[items:3]]", "[[processing]]", "[[long-type]]", "[[cost-number]]", "[[actual:0.05]]", "[[null-error]]",
    "[[broken-json*3]]", "[[slow:50]]", "[[slow-read:50]]", "[[no-webhook]]", "[[webhook-twice]]", "[[bad-signature]]",
)  # fmt: skip


def of_tripo() -> Iterator[Script]:
    """Yield what Tripo's stand-in alone knows, and each of its errors."""
    for code, known in TRIPO_CODES.items():
        yield _refusal(TRIPO, str(code), known.http)
    for word, end, jobs in (("2009", "refused validation", 0), ("1000", "unconfirmed unavailable", 0)):
        yield Script(adapter=TRIPO, words=f"[[soft-error:{word}]]", end=end, jobs=jobs, group="creates")
    yield Script(adapter=TRIPO, words="[[soft-error:2000*2]]", end="succeeded", group="creates")
    for words in ("[[bare-create]]", "[[null-progress]]"):
        yield Script(adapter=TRIPO, words=words, end="succeeded")
    for adapter in (TRIPO, TRIPO_V2):
        yield Script(adapter=adapter, words="[[expired]]", end="expired timeout")
        yield Script(adapter=adapter, words="[[moderated:banned]]", end="moderated moderated")
        yield Script(adapter=adapter, words="[[cancelled]]", end="cancelled")
    yield Script(
        adapter=TRIPO, words="[[flat-views]]", end="succeeded", operation="tripo/image-to-multiview", file="image"
    )
    for words in ("[[rig-key:topology]]", "[[not-riggable]]"):
        yield Script(adapter=TRIPO, words=words, end="succeeded", operation="tripo/rig-check", file="source")


def _refusal(adapter: str, code: str, status: int) -> Script:
    """Say what a documented error under an HTTP status makes of a create."""
    if status == 429:
        return Script(adapter=adapter, words=f"[[refuse:{code}*1]]", end="succeeded", group="creates")
    end = "unconfirmed" if status >= 500 else "refused"
    return Script(adapter=adapter, words=f"[[refuse:{code}]]", end=end, jobs=0, group="creates")


SCRIPTS = tuple(itertools.chain(of_all(), of_vap(), of_tripo()))
_IN_EVERY_GENERATION = ("", "[[fail]]", "[[moderated]]", "[[unknown-status]]", "[[no-output]]", "[[lost-reply]]")
_OF_ALL = {str(script) for script in of_all()}


def is_fast(script: Script) -> bool:
    """Tell whether a script says more than that an older generation comes to the same end as today's does.

    What the wire and the driver do alike for every adapter is tried with today's; the rest of the table is slow.
    """
    is_alike = str(script) in _OF_ALL or script.words.startswith("[[place:") or script.words in _HARMLESS
    return script.era == "today" or not is_alike or script.words in _IN_EVERY_GENERATION


POSTED: Mapping[str, str] = {"usage-items": "/usage", "text-balance": "/balance", "upload-url": "/presign"}
"""Tokens that are not written into a prompt, and the path at which they strike."""
