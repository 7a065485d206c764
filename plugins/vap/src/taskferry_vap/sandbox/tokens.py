"""Fault tokens of this stand-in alone: mostly switches between what the sources say differently."""

from __future__ import annotations

from collections.abc import Mapping

from taskferry.sandbox import Phase, Token
from taskferry_vap.sandbox.errors import STYLES
from taskferry_vap.sandbox.results import PLACES

TOKENS: Mapping[str, Token] = {
    "place": Token(Phase.LIFE, "Where the result's URL stands.", "WORD", choices=PLACES),
    "items": Token(Phase.LIFE, "How many results there are, 1 to 9, in a list.", "COUNT"),
    "cover": Token(Phase.LIFE, "Music comes with a cover image."),
    "processing": Token(Phase.LIFE, "The task is `processing`, not `queued` and `executing`."),
    "long-type": Token(Phase.LIFE, "The type is shown as `image_generation`."),
    "cost-number": Token(Phase.LIFE, "Costs are numbers, not strings."),
    "actual": Token(Phase.LIFE, "What the task costs in the end, below the estimate.", "AMOUNT"),
    "null-error": Token(Phase.LIFE, "A healthy task has an `error` key that is null."),
    "broken-json": Token(Phase.READ, "Status reads are answered with half a JSON document."),
    "slow": Token(Phase.CREATE, "The task is created, and the reply comes this much later.", "SECONDS"),
    "slow-read": Token(Phase.READ, "Status reads are answered this much later.", "SECONDS"),
    "no-webhook": Token(Phase.LIFE, "No webhook comes."),
    "webhook-twice": Token(Phase.LIFE, "The webhook of the end comes twice."),
    "bad-signature": Token(Phase.LIFE, "Webhooks are signed with another secret."),
    "errors": Token(Phase.CREATE, "Errors have another shape.", "WORD", choices=STYLES),
}
