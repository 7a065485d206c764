"""The contract kit: what every adapter has to do, as tests that an author gets by subclassing.

    class TestAcme(AdapterContract):
        adapter = AcmeAdapter
        created = {"id": "7"}
        replies = {"waiting": {"state": "waiting"}, "done": {"state": "done", "images": ["https://..."]}}

    class TestLuma(AdapterContract):
        card = "luma.toml"

Each case has a stable name; its message says what is wrong and what to change. Nothing here needs a network or a key.
"""

from __future__ import annotations

from collections.abc import Sequence

from taskferry.cards import Card
from taskferry.testing.contract.abilities import AbilityCases
from taskferry.testing.contract.failures import FailureCases
from taskferry.testing.contract.journeys import JourneyCases
from taskferry.testing.contract.money import MoneyCases
from taskferry.testing.contract.outputs import OutputCases
from taskferry.testing.contract.progress import ProgressCases
from taskferry.testing.contract.purity import PurityCases
from taskferry.testing.contract.remotes import RemoteCases
from taskferry.testing.contract.replies import ReplyCases
from taskferry.testing.contract.running import CaseResult, run_cases_of
from taskferry.testing.contract.schemas import SchemaCases
from taskferry.testing.contract.secrets import SecretCases
from taskferry.testing.contract.statuses import StatusCases
from taskferry.testing.contract.submits import SubmitCases
from taskferry.testing.contract.uploads import UploadCases

__all__ = ["AdapterContract", "CaseResult", "run_cases"]


class AdapterContract(
    SchemaCases,
    SubmitCases,
    UploadCases,
    RemoteCases,
    StatusCases,
    ReplyCases,
    ProgressCases,
    FailureCases,
    OutputCases,
    MoneyCases,
    AbilityCases,
    SecretCases,
    PurityCases,
    JourneyCases,
):
    """Everything that an adapter has to do; subclass it and say what is tested."""


def run_cases(card: Card) -> Sequence[CaseResult]:
    """Run every case on a card, without pytest's runner."""
    return run_cases_of(AdapterContract, card)
