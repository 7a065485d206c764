"""Results of finished tasks, in every place that a client may look for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taskferry.sandbox import Job
from taskferry_vap.sandbox.outputs import cover_of, names_of, outputs_of
from taskferry_vap.sandbox.products import PRESETS

URL_FIELDS = {"image": "image_url", "video": "video_url", "music": "audio_url"}
_Place = Callable[[str, list[str], dict[str, str]], dict[str, Any]]

_PLACES: Mapping[str, _Place] = {
    "usual": lambda field, urls, cover: {"result": {field: urls[0], "output_url": urls[0], **cover}},
    "items": lambda field, urls, cover: {"result": {"items": [{field: url, **cover} for url in urls]}},
    "typed": lambda field, urls, cover: {"result": {field: urls[0], **cover}},
    "music_url": lambda _, urls, cover: {"result": {"music_url": urls[0], **cover}},
    "output_url": lambda _, urls, cover: {"result": {"output_url": urls[0], **cover}},
    "url": lambda _, urls, cover: {"result": {"url": urls[0], **cover}},
    "top": lambda field, urls, _: {field: urls[0]},
    "result_url": lambda _, urls, __: {"result_url": urls[0]},
}
_PRESET_PLACES: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "outputs": lambda urls: {"outputs": dict(urls)},
    "outputs-list": lambda urls: {"outputs": [{"type": name, "url": url} for name, url in urls.items()]},
    "result-outputs": lambda urls: {"result": {"outputs": dict(urls)}},
}

PLACES = (*_PLACES, *_PRESET_PLACES)


def result_of(job: Job, url: Callable[[str], str]) -> dict[str, Any]:
    """Show what a task has made; `url` signs the URL of a file of it."""
    place = job.script.word("place")
    if job.type in PRESETS:
        urls = {name: url(output.file) for name, output in outputs_of(job).items()}
        return _PRESET_PLACES.get(place or "", _PRESET_PLACES["outputs"])(urls)
    name, urls_of_files = main_urls(job, url)
    usual = "items" if job.type == "music" or len(urls_of_files) > 1 else "usual"
    cover = cover_of(job)
    shown = _PLACES.get(place or usual, _PLACES[usual])
    return shown(URL_FIELDS[name], urls_of_files, {"image_url": url(cover)} if cover else {})


def main_urls(job: Job, url: Callable[[str], str]) -> tuple[str, list[str]]:
    """Give the name of the main output, and the URLs of its files."""
    name, output = next(iter(outputs_of(job).items()))
    return name, [url(file) for file in names_of(job, output)]
