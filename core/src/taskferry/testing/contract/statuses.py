"""Cases about the provider's words for where a job stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taskferry.status import Status
from taskferry.task import Observation
from taskferry.testing.contract.base import Contract
from taskferry.testing.contract.bodies import json_of, name_of, replaced, with_body, without, word_of
from taskferry.testing.contract.driving import Driven
from taskferry.testing.contract.requiring import require, shown, skip, told
from taskferry.testing.contract.samples import Look, OperationSamples

_ENDS_OF_FAILURE = (Status.FAILED, Status.MODERATED, Status.EXPIRED, Status.CANCELLED)
_NEW_WORD = "zzz-new"
_OTHER_TYPES: tuple[Any, ...] = (7, 1.5, True, [], ["done"], {}, {"name": "done"})


class StatusCases(Contract):
    """What words mean, and what those mean that nobody has heard of."""

    def test_status_words(self) -> None:
        """Every documented word has the status that it stands for, and is shown as the provider writes it."""
        for of in self.subject.operations:
            self.subject.done(of)
            for word, _, seen in self.subject.statuses(of):
                expected = self.subject.samples.status_of(word)
                allowed = _ENDS_OF_FAILURE if expected is Status.FAILED else (expected,)
                require(
                    seen.status is not None,
                    f"status-words: {word!r} is documented and has no status; add it to the table of words",
                )
                require(
                    expected is None or seen.status in allowed,
                    f"status-words: {word!r} is read as {seen.status} and means {expected}; correct the table of words",
                )
                require(
                    word_of(seen.provider_status).lower() == word.lower(),
                    f"status-words: provider_status is {seen.provider_status!r}; give the provider's own word, "
                    f"{word!r}",
                )

    def test_unknown_word_changes_nothing(self) -> None:
        """A word that is in no table leaves the status as it is, and is shown."""
        for of, look in self._every_look():
            driven = self._with_word(of, look, _NEW_WORD)
            seen = driven.result
            require(
                isinstance(seen, Observation),
                f"unknown-word: fetch raised {told(driven.error) if driven.error else 'nothing'} for the unknown word "
                f"{_NEW_WORD!r}; leave status None (STATUS.get(word))",
            )
            require(
                seen.status is self.subject.samples.unknown,
                f"unknown-word: fetch mapped the unknown word {_NEW_WORD!r} to {seen.status}; leave status None "
                "(STATUS.get(word))",
            )
            require(
                seen.provider_status == _NEW_WORD and seen.failure is None,
                f"unknown-word: fetch hides the unknown word {_NEW_WORD!r}, or makes a failure of it; give it as "
                "provider_status, without a failure",
            )

    def test_word_in_another_case(self) -> None:
        """A word in other letters means the same or nothing, never something else."""
        for of in self.subject.operations:
            for word, look, usual in self.subject.statuses(of):
                for other in {word.upper(), word.lower(), word.capitalize()} - of.looks.keys():
                    seen = self._with_word(of, look, other).result
                    status = seen.status if isinstance(seen, Observation) else None
                    require(
                        status in (None, usual.status, self.subject.samples.unknown),
                        f"wrong-case: {word!r} is {usual.status} and {other!r} is {status}; map it to the same status "
                        "or to None",
                    )

    def test_word_missing(self) -> None:
        """A reply without its word, or with null, ends nothing: it is malformed or changes nothing."""
        for of, look in self._every_look():
            for path in of.word_paths:
                body = json_of(look[0])
                for changed in (without(body, path), replaced(body, path, None)):
                    self._ends_nothing(of, look, changed, f"a reply without {name_of(path)!r}")

    def test_word_of_another_type(self) -> None:
        """A word that is a number, a list or an object ends nothing, and raises nothing but MalformedReply."""
        for of, look in self._every_look():
            for value in _OTHER_TYPES:
                if word_of(value) not in of.looks:
                    body = replaced(json_of(look[0]), of.word_paths[0], value)
                    self._ends_nothing(of, look, body, f"the word {shown(value)}")

    def _ends_nothing(self, of: OperationSamples, look: Look, body: Any, what: str) -> None:
        driven = self.subject.fetch(self.subject.remote(of), (with_body(look[0], body), *look[1:]))
        require(
            driven.typed,
            f"word-type: {what} raised {told(driven.error) if driven.error else ''}; read it with reply.at(path, str), "
            "which raises MalformedReply",
        )
        seen = driven.result
        status = seen.status if isinstance(seen, Observation) else None
        require(
            status in (None, self.subject.samples.unknown),
            f"word-type: {what} was read as {status}; leave status None, or raise MalformedReply",
        )

    def _every_look(self) -> Iterator[tuple[OperationSamples, Look]]:
        found = [(of, look) for of in self.subject.operations if of.word_paths for look in of.looks.values()]
        if not found:
            skip("the word is not in the body of a status reply")
        return iter(found)

    def _with_word(self, of: OperationSamples, look: Look, word: str) -> Driven:
        body = json_of(look[0])
        for path in of.word_paths:
            body = replaced(body, path, word)
        return self.subject.fetch(self.subject.remote(of), (with_body(look[0], body), *look[1:]))
