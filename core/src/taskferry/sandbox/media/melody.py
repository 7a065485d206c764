"""A little melody composed from a prompt, as samples."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from taskferry.sandbox.media.seed import generator

RATE = 24_000
"""Samples per second, one channel."""
SCALE = (0, 2, 4, 7, 9, 12, 14, 16)
"""A major pentatonic scale, in semitones: any order of its notes sounds calm."""
BEATS = 16
BEAT_UNIT = 576
"""Samples in one MP3 frame at this rate; a tune of whole frames can be repeated without encoding it again."""
OVERTONES = ((1, 1.0), (2, 0.35), (3, 0.12))

Samples = npt.NDArray[np.int16]


def melody(prompt: str, seconds: float) -> Samples:
    """Return 16-bit mono samples of exactly the length asked for: one tune, repeated as often as it takes."""
    return np.resize(tune(prompt), round(seconds * RATE))


def tune(prompt: str) -> Samples:
    """Return the tune that is repeated; its end leads into its beginning, and its length is a multiple of BEAT_UNIT."""
    random = generator(prompt, "melody")
    beat = round(RATE * 60 / float(random.uniform(84, 132)) / BEAT_UNIT) * BEAT_UNIT
    root = 220 * 2 ** (int(random.integers(0, 7)) / 12)
    sound = np.zeros(beat * BEATS)
    place = int(random.integers(0, len(SCALE)))
    for number in range(BEATS):
        place = int(np.clip(place + random.integers(-2, 3), 0, len(SCALE) - 1))
        _add(sound, number * beat, _note(root * 2 ** (SCALE[place] / 12), beat * 2))
        if number % 4 == 0:
            bass = (0, 7, 9, 5)[number // 4 % 4]
            _add(sound, number * beat, 0.8 * _note(root / 2 * 2 ** (bass / 12), beat * 4))
    samples: Samples = (sound / np.abs(sound).max() * 0.7 * 32767).astype(np.int16)
    return samples


def _note(frequency: float, length: int) -> npt.NDArray[np.float64]:
    time = np.arange(length) / RATE
    tone = np.zeros(length)
    for multiple, loudness in OVERTONES:
        tone += loudness * np.sin(2 * math.pi * frequency * multiple * time)
    attack = np.minimum(1, time / 0.01)
    faded: npt.NDArray[np.float64] = tone * attack * np.exp(-3.2 * time) * np.linspace(1, 0, length)
    return faded


def _add(sound: npt.NDArray[np.float64], start: int, note: npt.NDArray[np.float64]) -> None:
    places = (start + np.arange(len(note))) % len(sound)
    sound[places] += note
