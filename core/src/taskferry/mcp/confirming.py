"""Asks the user before a dear job, where the client can ask: in the call itself, or by a second round of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from mcp.server.context import HandlerResult
from mcp_types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from taskferry.cost import Amount
from taskferry.errors import UsageError
from taskferry.mcp.errors import declined
from taskferry.mcp.paying import price
from taskferry.mcp.profile import Submission
from taskferry.mcp.session import Session
from taskferry.mcp.state import RequestContext

VARIABLE = "TASKFERRY_CONFIRM_ABOVE"
_KEY = "confirm_cost"
_SCHEMA = {
    "type": "object",
    "properties": {
        "confirm": {"type": "boolean", "title": "Submit the job", "description": "Submit the job at this price."}
    },
    "required": ["confirm"],
}


class Confirming:
    """The prices above which users are asked, by unit; without any, nobody is asked anything."""

    def __init__(self, above: Sequence[Amount] = ()) -> None:
        self._above = {amount.unit: amount for amount in above}

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Confirming:
        """Read `TASKFERRY_CONFIRM_ABOVE`, as `1 USD, 40 credits`; raise UsageError for what is no amount."""
        texts = [text for text in environ.get(VARIABLE, "").split(",") if text.strip()]
        try:
            return cls([Amount.parse(text) for text in texts])
        except UsageError as error:
            raise UsageError(f"{VARIABLE}: {error}") from error

    async def stops(
        self, session: Session, submission: Submission, params: CallToolRequestParams, request: RequestContext
    ) -> HandlerResult:
        """Give what the call answers instead of a job: the question, or that the user declined; None to go on.

        A client that cannot ask its user is never asked: for it there are max_cost and the caps.
        """
        if not self._above or not _can_ask(request):
            return None
        amount = await price(session, submission)
        if not self._is_dear(amount):
            return None
        words = "of unknown price" if amount is None else f"about {amount}"
        message = f"Submit {submission.operation} for {words}? The provider bills the account."
        if request.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            answer = await request.session.elicit_form(message, _SCHEMA, related_request_id=request.request_id)
            return None if _agreed(answer) else declined(words)
        answered = (params.input_responses or {}).get(_KEY)
        asked = _digest(submission, words)
        if answered is None or params.request_state != asked:  # not asked yet, or about another job or price
            question = ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=_SCHEMA))
            return InputRequiredResult(input_requests={_KEY: question}, request_state=asked)
        return None if _agreed(answered) else declined(words)

    def _is_dear(self, amount: Amount | None) -> bool:
        """Tell whether a price has to be confirmed; one that is not known, or in a unit without a limit, has to."""
        limit = None if amount is None else self._above.get(amount.unit)
        return amount is None or limit is None or amount.value > limit.value


def _digest(submission: Submission, words: str) -> str:
    """Stand for what the user was asked about: the job as it would be sent, and its price.

    The SDK seals the state and binds it to the tool, its arguments and who calls. What a tool makes of the same
    arguments may change between two rounds, by a default or a profile; an answer never goes for what it then is.
    """
    job = json.dumps([submission.operation, submission.parameters, words], sort_keys=True, default=str)
    return hashlib.sha256(job.encode()).hexdigest()


def _can_ask(request: RequestContext) -> bool:
    """Tell whether the client shows its user forms; an elicitation capability that names no mode means forms."""
    capabilities = request.session.client_capabilities
    elicitation = None if capabilities is None else capabilities.elicitation
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _agreed(answer: object) -> bool:
    if not isinstance(answer, ElicitResult) or answer.action != "accept":
        return False
    return (answer.content or {}).get("confirm") is True
