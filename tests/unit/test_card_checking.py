"""Checking cards: each example is read with the card, and each expression has to find something."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from taskferry import CardError, check_card, load_card, read_card
from taskferry.cards.checking.unproven import unproven
from taskferry.cards.example import MEDIA, example_parameters, example_value

CARDS = Path(__file__).parent.parent / "cards"
SMALL = (CARDS / "small.toml").read_text("utf-8")
ACME = (CARDS / "acme.toml").read_text("utf-8")


@pytest.mark.parametrize("name", ["acme", "small"])
def test_a_sound_card_has_no_problems(name: str) -> None:
    """One that uses everything, and the smallest one."""
    assert check_card(load_card(CARDS / f"{name}.toml")) == []


def without(card: str, begin: str) -> str:
    """Give a card without the example that begins so."""
    at = card.index(f"[[examples]]\n{begin}")
    end = card.find("[[examples]]", at + 1)
    return card[:at] + (card[end:] if end > 0 else "")


FINDS_NOTHING = {
    "progress": ('progress = "data.percent"', 'progress = "data.percents"', "fetch"),
    "a header": ("$header.x-wait", "$header.x-weight", "fetch"),
    "a result": ('url = "data.preview.url"', 'url = "data.preview.uri"', "fetch"),
    "a message": ('message = "data.reason"\ncode', 'message = "data.reasons"\ncode', "fetch"),
    "a cost": ('at = "data.usage.cents"', 'at = "data.usage.cent"', "fetch"),
    "an estimate": ('at = "data.cost"', 'at = "data.costs"', "submit"),
    "a list": ("data.files[?type == 'glb']", "data.files[?type == 'gbl']", "then"),
    "a hint": ('suggestion = "error.hint"', 'suggestion = "error.hints"', "error"),
    "a prompt": ('prompt = "input.prompt"', 'prompt = "input.text"', "recent"),
}


@pytest.mark.parametrize(("old", "new", "of"), FINDS_NOTHING.values(), ids=FINDS_NOTHING)
def test_an_expression_that_finds_nothing_is_a_problem(old: str, new: str, of: str) -> None:
    """At check time, not at run time; told with its line and the examples that it was looked for in."""
    assert old in ACME
    text = ACME.replace(old, new, 1)

    told = [problem for problem in check_card(read_card(text)) if f'an example of = "{of}"' in problem.what]
    told += [problem for problem in check_card(read_card(text)) if f'an item of "each" of = "{of}"' in problem.what]

    assert told
    assert new.split('"')[-2 if new.endswith('"') else 0].strip() in text.split("\n")[told[0].line - 1]


WEBHOOK = """
[[examples]]
of = "webhook"
body = '{"event": "done", "data": {"id": "job-7"}}'
expect = { remote = { id = "job-7" } }
"""


def test_a_webhooks_expression_that_no_example_proves_is_a_warning_alone() -> None:
    """Providers seldom show one; where the card does, it counts as any other example."""
    shown = ACME + WEBHOOK
    wrong = shown.replace('remote = { id = "data.id" }\n\n[[examples]]', 'remote = { id = "data.job" }\n\n[[examples]]')

    (told,) = unproven(read_card(ACME))
    problems = [str(problem) for problem in check_card(read_card(wrong))]

    assert check_card(read_card(ACME)) == []
    assert str(told).startswith('[webhook.remote] id is "data.id", which no example proves')
    assert "data.id" in ACME.split("\n")[told.line - 1]
    assert (check_card(read_card(shown)), unproven(read_card(shown))) == ([], [])
    assert any('[webhook.remote] id is "data.job", which finds nothing in an example' in one for one in problems)


DOES_NOT_FIT = {
    "an id": (
        'remote = { id = "id" }',
        'remote = { id = "task_id" }',
        "#1] cannot be read: HTTP 200 came without 'task_id'",
    ),
    "a status": (
        'status = "state"',
        'status = "status"',
        "[examples #2] cannot be read: HTTP 200 came without 'status'",
    ),
    "a word": (
        'succeeded = ["completed"]',
        'succeeded = ["done"]',
        '[fetch] has no example of success: add one of = "fetch"',
    ),
    "an error": (
        "[fetch]",
        '[errors]\nwhen = "id"\n[fetch]',
        "[examples #1] cannot be read: The provider gives no reason.",
    ),
    "an expectation": (
        '"state": "dreaming"}\'',
        '"state": "dreaming"}\'\nexpect = { remote = { id = "f-2" } }',
        "[examples #1.expect] remote is {'id': 'f-2'}, but the card reads {'id': 'f-1'}",
    ),
    "an expected status": (
        "f-1.png\"}}'",
        'f-1.png"}}\'\nexpect = { status = "failed", progress = 0.5 }',
        '[examples #2.expect] status is "failed", but the card reads "succeeded"',
    ),
    "an expected number": (
        "f-1.png\"}}'",
        "f-1.png\"}}'\nexpect = { progress = 0.5 }",
        "[examples #2.expect] progress is 0.5, but the card reads nothing",
    ),
    "an unknown word": (
        '"state": "completed"',
        '"state": "resting"',
        '[examples #2] shows the status "resting", which is in no list of [status]',
    ),
    "no error": (
        'of = "fetch"',
        'of = "error"\nbody = \'{"message": "no"}\'\n[[examples]]\nof = "fetch"',
        "[examples #2] is read as no error",
    ),
}


@pytest.mark.parametrize(("old", "new", "told"), DOES_NOT_FIT.values(), ids=DOES_NOT_FIT)
def test_an_example_that_the_card_reads_otherwise_is_a_problem(old: str, new: str, told: str) -> None:
    """With what was expected and what was read."""
    assert old in SMALL

    found = check_card(read_card(SMALL.replace(old, new, 1)))

    assert told in "\n".join(map(str, found))
    assert all(problem.line > 1 for problem in found)


def test_an_address_on_a_foreign_host_is_a_problem() -> None:
    """The transport would stop the look there, since the key goes along."""
    text = SMALL.replace('get = "/generations/{id}"', 'get = "{id}"').replace(
        '"id": "f-1"', '"id": "https://f.example/1"', 1
    )

    (problem,) = check_card(read_card(text))

    assert "the key would go to https://f.example/1; name that host among [provider] hosts" in problem.what
    assert check_card(read_card(text.replace("source =", 'hosts = ["f.example"]\nsource ='))) == []


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        ('of = "submit"', '[operations.image.submit] has no example: add one of = "submit", operation = "image"'),
        ('of = "fetch"', '[fetch] has no example of success: add one of = "fetch", whose status is among succeeded'),
    ],
)
def test_a_card_needs_an_example_of_a_submit_and_of_a_success(begin: str, told: str) -> None:
    """The others can be made from plain paths."""
    found = check_card(read_card(without(SMALL, begin)))

    assert told in "\n".join(map(str, found))


def test_an_operation_that_keeps_the_same_remote_needs_no_example_of_its_own() -> None:
    """The reply to a create is read alike."""
    second = SMALL[SMALL.index("[operations.image]") : SMALL.index("[fetch]")].replace("image]", "clip]", 1)
    text = SMALL.replace("[fetch]", second + "[fetch]").replace('of = "submit"', 'of = "submit"\noperation = "image"')

    assert check_card(read_card(text)) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'expect = { available = "12.50"',
            'expect = { available = "1250"',
            'available is "1250", but the card reads "12.5"',
        ),
        (
            'expect = { outcome = "too_late"',
            'expect = { outcome = "accepted"',
            'is "accepted", but the card reads "too_late"',
        ),
        ("expect = { count = 1", "expect = { count = 2", "count is 2, but the card reads 1"),
        (
            'expect = { artifacts = ["model-1"]',
            'expect = { artifacts = ["m"]',
            "artifacts is ['m'], but the card reads ['model-1']",
        ),
        ('expect = { kind = "funds"', 'expect = { kind = "auth"', 'kind is "auth", but the card reads "funds"'),
        ('cost = "25 credits"', 'cost = "26 credits"', 'cost is "26 credits", but the card reads "25 credits"'),
    ],
)
def test_every_sort_of_example_is_compared(old: str, new: str, told: str) -> None:
    """Balances, cancels, listings, further reads, refusals, costs."""
    assert old in ACME

    found = check_card(read_card(ACME.replace(old, new, 1)))

    assert told in "\n".join(map(str, found))


def test_a_card_with_python_is_checked_only_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checking runs the step."""
    (tmp_path / "fable_steps.py").write_text("def body(parameters):\n    return {'text': parameters['prompt']}\n")
    monkeypatch.syspath_prepend(tmp_path)
    card = read_card(SMALL.replace('post = "/generations",', 'post = "/generations", python = "fable_steps:body",'))

    (problem,) = check_card(card)

    assert "has a step in Python" in problem.what
    assert check_card(card, installed=True) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 12}, "a red fox..."),
        ({"type": "string", "format": "media"}, MEDIA),
        ({"enum": [5, 9]}, 5),
        ({"enum": [5, 9], "default": 9}, 9),
        ({"const": 3}, 3),
        ({"anyOf": [{"type": "boolean"}, {"type": "string"}]}, True),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "number", "maximum": 0.5}, 0.5),
        ({"type": "integer"}, 1),
        ({"type": "array", "items": {"type": "string", "format": "media"}, "minItems": 2}, [MEDIA, MEDIA]),
        ({"type": "object"}, {}),
    ],
)
def test_parameters_are_made_from_the_schema(schema: dict[str, Any], value: object) -> None:
    """The least that it takes."""
    whole = {"required": ["one"], "properties": {"one": schema, "other": {"type": "string"}}}

    assert example_value(schema) == value
    assert example_parameters(whole, {}) == {"one": value}
    assert example_parameters(whole, {"other": "x"}) == {"other": "x"}


KEYS = (
    "id status_url file_id status progress queue_position eta retry_after trace_id message code suggestion at url "
    "expires_at media_type each created_at prompt type model available"
)


def is_sound(text: str) -> bool:
    """Tell whether a card can be read and fits its examples."""
    try:
        return not check_card(read_card(text))
    except CardError:
        return False


def test_no_expression_can_be_misspelt_unnoticed() -> None:
    """Each one in the card that uses everything, by one letter; webhooks have no examples."""
    tables = ACME[: ACME.index("[webhook]")]
    places = [*re.finditer(rf'\b(?:{"|".join(KEYS.split())}) = "([\w$.-]+)"', tables)]

    unnoticed = [place.group() for place in places if is_sound(f"{ACME[: place.end() - 1]}x{ACME[place.end() - 1 :]}")]

    assert len(places) > 30
    assert unnoticed == []
