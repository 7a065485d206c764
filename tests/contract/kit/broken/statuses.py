"""Adapters that read the provider's words wrongly."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from contract.kit.sound import STATUS, observation
from taskferry import Call, Observation, Reply, Status, dig


class Rereads(Broken):
    """Reads a look as the sound adapter does, and then the word anew."""

    def fetch(self, remote: Any) -> Any:
        reply = yield Call.get("/jobs/{id}", **remote)
        return evolve(observation(reply), status=self.status(dig(reply.json, "state")))

    def status(self, word: Any) -> Any:
        return STATUS.get(word)


class FailedIsDone(Rereads):
    """A word of failure is taken for success."""

    caught_by = "test_status_words"

    def status(self, word: Any) -> Any:
        return Status.SUCCEEDED if word == "error" else STATUS.get(word)


class ForgetsAWord(Rereads):
    """A documented word is not in the table."""

    caught_by = "test_status_words"

    def status(self, word: Any) -> Any:
        return None if word == "waiting" else STATUS.get(word)


class OwnWords(Broken):
    """The provider's word is replaced by ours."""

    caught_by = "test_status_words"

    def fetch(self, remote: Any) -> Any:
        seen = yield from super().fetch(remote)
        return evolve(seen, provider_status=None if seen.status is None else seen.status.value)


class UnknownIsFailed(Rereads):
    """A word that nobody knows ends the job."""

    caught_by = "test_unknown_word_changes_nothing"

    def status(self, word: Any) -> Any:
        return STATUS.get(word, Status.FAILED)


class UnknownIsRunning(Rereads):
    """A word that nobody knows means that the job runs."""

    caught_by = "test_unknown_word_changes_nothing"

    def status(self, word: Any) -> Any:
        return STATUS.get(word, Status.RUNNING)


class UnknownRaises(Rereads):
    """A word that nobody knows is a KeyError."""

    caught_by = "test_unknown_word_changes_nothing"

    def status(self, word: Any) -> Any:
        return STATUS[word]


class CapitalsFail(Rereads):
    """A word in capitals means something else."""

    caught_by = "test_word_in_another_case"

    def status(self, word: Any) -> Any:
        return STATUS.get(word) or (Status.FAILED if str(word).isupper() else None)


class MissingIsFailed(Broken):
    """Without its word, a job has failed."""

    caught_by = "test_word_missing"

    def fetch(self, remote: Any) -> Any:
        reply: Reply = yield Call.get("/jobs/{id}", **remote)
        if reply.json.get("state") is None:
            return Observation(status=Status.FAILED)
        return observation(reply)


class AnyTypeIsAWord(Broken):
    """A word that is a list is looked for in the table, where it cannot be."""

    caught_by = "test_word_of_another_type"

    def fetch(self, remote: Any) -> Any:
        reply: Reply = yield Call.get("/jobs/{id}", **remote)
        if STATUS.get(reply.json.get("state")) is None:
            return Observation(provider_status=str(reply.json.get("state")))
        return observation(reply)


class TruthIsDone(Broken):
    """A word that is true means success."""

    caught_by = "test_word_of_another_type"

    def fetch(self, remote: Any) -> Any:
        reply: Reply = yield Call.get("/jobs/{id}", **remote)
        if reply.json.get("state") is True:
            return Observation(status=Status.SUCCEEDED)
        return observation(reply)
