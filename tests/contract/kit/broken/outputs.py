"""Adapters that give results which cannot be kept, or not all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve

from contract.kit.breaking import Broken
from contract.kit.sound import Sound
from taskferry import Artifact, Status, dig


class Gives(Broken):
    """Gives other artifacts of a finished job than the sound adapter."""

    def fetch(self, remote: Any) -> Any:
        reply = yield from _reply(self, remote)
        seen = self.seen(reply)
        return evolve(seen, artifacts=self.results(reply, seen)) if seen.status is Status.SUCCEEDED else seen

    def seen(self, reply: Any) -> Any:
        from contract.kit.sound import observation

        return observation(reply)

    def results(self, reply: Any, seen: Any) -> Any:
        return seen.artifacts


def _reply(adapter: Any, remote: Any) -> Any:
    from taskferry import Call

    return (yield Call.get("/jobs/{id}", **remote))


class GivesNothing(Gives):
    """A finished job has no results."""

    caught_by = "test_outputs"

    def results(self, reply: Any, seen: Any) -> Any:
        return []


class WrongKind(Gives):
    """Images are said to be videos."""

    caught_by = "test_outputs"

    def results(self, reply: Any, seen: Any) -> Any:
        return [evolve(artifact, kind="video") for artifact in seen.artifacts]


class FirstAlone(Gives):
    """Of several results only the first is given."""

    caught_by = "test_several_outputs"

    def results(self, reply: Any, seen: Any) -> Any:
        return seen.artifacts[:1]


class NamedAlike(Gives):
    """Results beyond the second have one name."""

    caught_by = "test_several_outputs"

    def results(self, reply: Any, seen: Any) -> Any:
        return [evolve(one, name="more") if place > 1 else one for place, one in enumerate(seen.artifacts)]


class NoAddress(Gives):
    """A result without an address is given all the same."""

    caught_by = "test_success_without_output"

    def results(self, reply: Any, seen: Any) -> Any:
        urls = dig(reply.json, "images") or []
        urls = urls if isinstance(urls, list) else []
        return [Artifact(name=f"image-{number}", kind="image", url=url) for number, url in enumerate(urls)]


class HostNotListed(Broken):
    """Results are said to come from another host than they do."""

    caught_by = "test_files_are_kept"
    service = evolve(Sound.service, result_hosts=("files.sound.example",))


class KeepsOldAddresses(Gives):
    """The addresses of the first look are given for good."""

    caught_by = "test_expired_url_gets_a_fresh_look"

    def results(self, reply: Any, seen: Any) -> Any:
        return self.__dict__.setdefault("results_seen", seen.artifacts)


class SaysItIsKept(Gives):
    """A result says that it is kept."""

    caught_by = "test_empty_file"

    def results(self, reply: Any, seen: Any) -> Any:
        return [evolve(one, path=Path("image.png"), size=70, sha256="0" * 64) for one in seen.artifacts]


class Placeholder(Gives):
    """Where there is no result, a placeholder is given."""

    caught_by = "test_no_output_is_a_failure"

    def results(self, reply: Any, seen: Any) -> Any:
        return seen.artifacts or [Artifact(name="image", kind="image", url="https://cdn.sound.example/none.png")]
