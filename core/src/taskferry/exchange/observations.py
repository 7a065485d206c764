"""What an adapter saw, checked and made whole."""

from __future__ import annotations

from attrs import evolve

from taskferry.errors import AdapterError
from taskferry.exchange.sound import check_observation, with_sound_cost
from taskferry.reply import Reply
from taskferry.task import Artifact, Observation
from taskferry.text import clean

RAW_AT_MOST = 256 * 1024
"""Bytes kept of a raw reply."""


def observed(seen: object) -> Observation:
    """Give what an adapter returned from a look; raise AdapterError if that is no observation."""
    if not isinstance(seen, Observation):
        raise AdapterError(f"The adapter's fetch returned {type(seen).__name__}, not an Observation.")
    check_observation(seen)
    return seen


def completed(seen: object, reply: Reply | None, base_url: str) -> Observation:
    """Check an observation and add what the reply says by itself; a result's path becomes a URL at the provider."""
    seen = with_sound_cost(observed(seen))
    artifacts = seen.artifacts
    if artifacts:
        names = [artifact.name for artifact in artifacts]
        if len(set(names)) != len(names):
            raise AdapterError(f"The adapter names two artifacts alike: {names}.")
        artifacts = tuple(_whole(artifact, base_url) for artifact in artifacts)
    elif reply is None and seen.failure is None and (seen.provider_status is None or _is_plain(seen.provider_status)):
        return seen
    word, hint, trace_id, raw = seen.provider_status, seen.retry_after, seen.trace_id, seen.raw
    if reply is not None:
        hint = reply.retry_after if hint is None else hint
        trace_id = trace_id or reply.trace_id
        raw = reply.content[:RAW_AT_MOST] if raw is None else raw
    return Observation(
        provider_status=word if word is None or _is_plain(word) else clean(word, 80),
        status=seen.status,
        progress=seen.progress,
        queue_position=seen.queue_position,
        eta=seen.eta,
        artifacts=artifacts,
        cost=seen.cost,
        failure=None if seen.failure is None else seen.failure.bounded,
        retry_after=hint,
        trace_id=trace_id,
        raw=raw,
    )


def _is_plain(word: str) -> bool:
    """Tell whether a word is short and without anything to clean away, as nearly all are."""
    return len(word) <= 80 and word.isascii() and word.isidentifier()


def _whole(artifact: Artifact, base_url: str) -> Artifact:
    url = artifact.url
    return evolve(artifact, url=base_url + url) if url is not None and url.startswith("/") else artifact
