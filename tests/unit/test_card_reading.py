"""Reading cards: every table as values, from text, from a file, from a package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st

from taskferry import (
    Card,
    CardError,
    CardProblem,
    FailureKind,
    HeaderKey,
    Kind,
    SignedToken,
    Status,
    Typical,
    load_card,
    read_card,
)
from taskferry.cards import card_schema
from taskferry.cards.model import ArtifactSpec, PriceSpec

CARDS = Path(__file__).parent.parent / "cards"
SMALL = (CARDS / "small.toml").read_text("utf-8")
ACME = (CARDS / "acme.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def acme() -> Card:
    """Give the card that has everything."""
    return load_card(CARDS / "acme.toml")


def test_the_smallest_card_has_thirty_lines_and_reads() -> None:
    """What is left out has its default."""
    card = read_card(SMALL, "small.toml")

    assert SMALL.count("\n") <= 30
    assert (card.name, card.base_url, card.key_variables) == (
        "fable",
        "https://api.fable.example/v1",
        ("FABLE_API_KEY",),
    )
    assert card.operations["image"].description == "Text to image"
    assert card.errors.message == "message"
    assert [example.line for example in card.examples] == [25, 28]


def test_a_provider_is_read(acme: Card) -> None:
    """Address, hosts, key and what the documentation leaves open; the first region is the default one."""
    assert acme.base_url == "https://api.acme.example/v1"
    assert list(acme.regions) == ["global", "eu"]
    assert acme.scheme == HeaderKey(name="X-Key", prefix="Key ")
    assert acme.key_variables == ("ACME_API_KEY", "ACME_TOKEN")
    assert acme.unverified == ("Whether a cancelled job is billed.",)
    assert acme.not_accepted == (429, 503)
    assert not acme.runs_python


def test_status_words_are_read_without_regard_to_case_where_the_card_says_so(acme: Card) -> None:
    """Each word by itself, whatever type it is written as."""
    card = read_card(SMALL.replace('["dreaming"]', '[false, 202, "Dreaming"]'))

    assert acme.status.words["done"] is Status.SUCCEEDED
    assert acme.status.unknown is Status.RUNNING
    assert {"false", "202", "Dreaming"} <= card.status.words.keys()
    assert card.status.unknown is None


def test_an_operation_is_read(acme: Card) -> None:
    """Schema without the card's own keys, types told by the enum, durations in seconds, money exact."""
    video = acme.operations["video"]

    assert video.typical == Typical(median=60, slow=240, queue=10)
    assert video.schema["required"] == ["prompt"]
    assert video.schema["additionalProperties"] is False
    assert video.schema["properties"]["duration"] == {
        "type": "integer",
        "enum": [5, 9],
        "default": 5,
        "description": "Length in seconds.",
    }
    assert video.price == PriceSpec(
        unit="credits",
        by="model",
        amounts={"fast": Decimal(5), "best": Decimal(12)},
        times=("duration",),
        note="read 2026-11-21",
    )
    assert acme.operations["speech"].price == PriceSpec(unit="USD", amount=Decimal("0.02"))


def test_parameters_are_read_as_they_travel(acme: Card) -> None:
    """Where to, in which words and form, and how files go."""
    parameters = acme.operations["video"].parameters

    assert parameters["duration"].text == "{}s"
    assert parameters["aspect_ratio"].words["16:9"] == "1280:720"
    assert parameters["aspect_ratio"].always
    assert (parameters["image"].to, parameters["image"].send) == ("input.first_frame", "upload")
    assert (parameters["seed"].to, parameters["audio"].send) == ("seed", "url")


def test_calls_are_read(acme: Card) -> None:
    """With their places, and the results that they lead to, of the operation's kind unless they say other."""
    submit, hop = acme.operations["video"].submit, acme.operations["model"].fetch.then[0]  # type: ignore[union-attr]  # the card has it

    assert (submit.call.method, submit.call.path, submit.under) == ("POST", "/jobs/{model}/video", "input")
    assert submit.cost is not None
    assert not submit.cost.actual
    assert (hop.when, hop.call.path, hop.refusal_ends) == (Status.SUCCEEDED, "/files/{file_id}", True)
    assert hop.artifacts[0].kind is Kind.MODEL
    assert acme.fetch.artifacts[1] == ArtifactSpec(name="preview", kind=Kind.IMAGE, url="data.preview.url")
    assert acme.fetch.cost is not None
    assert (acme.fetch.cost.scale, acme.fetch.cost.actual, acme.fetch.progress_scale) == (Decimal(100), True, 100.0)


def test_the_other_tables_are_read(acme: Card) -> None:
    """Errors, cancel, recent, balance, upload, webhook and examples."""
    assert acme.errors.kinds["1026"] is FailureKind.MODERATED
    assert acme.errors.http[402] is FailureKind.FUNDS
    assert acme.cancel is not None
    assert acme.cancel.call.body == {"reason": "the caller wished it"}
    assert acme.recent is not None
    assert acme.recent.complete
    assert acme.balance is not None
    assert acme.balance.scale == Decimal(100)
    assert acme.upload is not None
    assert acme.upload.prepare is not None
    assert acme.webhook is not None
    assert acme.webhook.prefix == "sha256="
    assert acme.examples[0].expect["cost"] == "25 credits"


def test_operations_of_another_kind_that_share_a_look_make_results_of_their_own_kind() -> None:
    """Without the card having to write the status call twice."""
    second = SMALL[SMALL.index("[operations.image]") : SMALL.index("[fetch]")].replace("image", "clip", 1)
    text = SMALL.replace("[fetch]", second.replace('kind = "image"', 'kind = "video"') + "[fetch]")

    card = read_card(text)

    clip = card.operations["clip"].fetch
    assert clip is not None
    assert (clip.artifacts[0].kind, card.fetch.artifacts[0].kind) == (Kind.VIDEO, Kind.IMAGE)
    assert not card.has_own_fetch("clip")


@pytest.mark.parametrize(
    ("auth", "scheme", "variables"),
    [
        ('{ jwt = "FABLE_KEYS", lifetime = 60 }', SignedToken(lifetime=60), ("FABLE_KEYS",)),
        ('{ jwt = "FABLE_KEYS" }', SignedToken(), ("FABLE_KEYS",)),
        ('{ query = "key", key = ["A_KEY", "B_KEY"] }', "QueryKey(name='key')", ("A_KEY", "B_KEY")),
        ("{ none = true }", "NoKey()", ()),
    ],
)
def test_every_scheme_is_read(auth: str, scheme: object, variables: tuple[str, ...]) -> None:
    """Bearer and header are in the test cards already."""
    card = read_card(SMALL.replace('{ bearer = "FABLE_API_KEY" }', auth))

    assert card.scheme == scheme or repr(card.scheme) == scheme
    assert card.key_variables == variables


def test_steps_in_python_are_read() -> None:
    """And the card says that it has some."""
    card = read_card(SMALL.replace('status = "state"', 'status = "state"\npython = "fable.steps:look"'))

    assert card.runs_python
    assert card.fetch.python == "fable.steps:look"


def test_a_card_is_loaded_from_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `package:file.toml`; a path that exists comes first."""
    package = tmp_path / "fable_cards"
    package.mkdir()
    (package / "__init__.py").write_text('"""Cards."""\n')
    (package / "fable.toml").write_text(SMALL)
    monkeypatch.syspath_prepend(tmp_path)

    card = load_card("fable_cards:fable.toml")

    assert import_module("fable_cards")
    assert (card.name, card.source_name) == ("fable", "fable.toml")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("nowhere_at_all:x.toml", "x.toml:1: cannot be read from nowhere_at_all: ModuleNotFoundError"),
        ("taskferry:absent.toml", "absent.toml:1: cannot be read from taskferry: FileNotFoundError"),
        ("absent.toml", "absent.toml:1: cannot be read: [Errno 2]"),
        (".", "cannot be read: [Errno 21]"),
    ],
)
def test_a_card_that_cannot_be_read_says_why(place: str, told: str) -> None:
    """In one line, as every other problem."""
    with pytest.raises(CardError) as caught:
        load_card(place)

    assert told in str(caught.value)


@pytest.mark.parametrize(("content", "told"), [(b"\xff\xfe", "is not UTF-8"), (b"#" * 1_000_001, "at most 1,000,000")])
def test_a_file_that_is_no_text_or_too_long_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """Before it is taken apart."""
    path = tmp_path / "card.toml"
    path.write_bytes(content)

    with pytest.raises(CardError, match=told):
        load_card(path)


def test_lines_end_as_they_do_on_other_systems() -> None:
    """The card is the same, and so are the lines."""
    assert read_card(SMALL.replace("\n", "\r\n")).examples[1].line == read_card(SMALL).examples[1].line


def tables_with_calls(schema: dict[str, Any]) -> dict[str, set[str]]:
    """Give the keys of each table of the schema that is a call."""
    tables = {name: set(table.get("properties", ())) for name, table in schema["$defs"].items()}
    return {name: keys for name, keys in tables.items() if {"query", "headers", "body"} <= keys}


def test_the_published_schema_is_one_and_knows_every_field_of_the_model() -> None:
    """No key can be read that it does not allow, and calls are written alike everywhere."""
    import jsonschema_rs

    schema = card_schema()

    assert jsonschema_rs.meta.is_valid(schema)
    assert set(tables_with_calls(schema)) == {
        "submit",
        "fetch",
        "hop",
        "cancel",
        "recent",
        "balance",
        "prepare",
        "upload",
    }
    written = {field.name for field in fields(Card)} - {"source_name", "scheme", "key_variables", "lines"}
    assert written <= set(schema["properties"]) | set(schema["$defs"]["provider"]["properties"])


def test_the_test_card_uses_every_key_but_what_it_has_in_another_way() -> None:
    """So that whoever changes the language meets it in the tests of everybody."""
    used = set(re.findall(r"([A-Za-z_]+) *=", ACME)) | set(re.findall(r"\[+(?:operations\.\w+\.)?([a-z]+)", ACME))
    tables = card_schema()["$defs"]
    known = {
        key
        for name, table in tables.items()
        if name not in ("schema", "parameter")
        for key in table.get("properties", ())
    }

    unused = known - used

    address, auth, rare = {"base_url"}, {"bearer", "jwt", "lifetime", "none"}, {"eta_scale", "retry_after_scale"}
    assert unused == address | auth | rare | {"patch", "delete", "field", "python", "text"}


WORDS = [
    "any",
    "x",
    "{id}",
    "",
    "a..b",
    "[",
    "true",
    "$http",
    "$parameters.prompt",
    "*.com",
    "é\\u0000",
    "data.id",
    "{}",
    "/x/{y}",
]
VALUES = ["1", "-1", "0.5", "inf", "nan", "true", "[]", "{}", "[[[]]]", "2026-01-01", '{ a = "b" }', f"{10**30}", "''"]
TEXT_OR_VALUE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|(?<== )[\w.]+")
KEY = re.compile(r"[A-Za-z_]+(?= *=)")


def drawn(data: st.DataObject, found: list[re.Match[str]]) -> re.Match[str]:
    """Give one of them."""
    return found[data.draw(st.integers(0, len(found) - 1))]


def mutated(data: st.DataObject, text: str) -> str:
    """Change one thing of a card: a value, a key, a line, or any letter."""
    replaced = st.sampled_from([*(f'"{word}"' for word in WORDS), *VALUES])
    match data.draw(st.sampled_from(["value", "key", "line", "twice", "letter"])):
        case "value":
            place = drawn(data, list(TEXT_OR_VALUE.finditer(text)))
            return text[: place.start()] + data.draw(replaced) + text[place.end() :]
        case "key":
            keys = list(KEY.finditer(text))
            place, other = drawn(data, keys), drawn(data, keys)
            return text[: place.start()] + other.group() + text[place.end() :]
        case "line" | "twice" as change:
            lines = text.split("\n")
            number = data.draw(st.integers(0, len(lines) - 1))
            lines[number : number + 1] = [lines[number]] * 2 if change == "twice" else []
            return "\n".join(lines)
        case _:
            at = data.draw(st.integers(0, len(text) - 1))
            return text[:at] + data.draw(st.characters()) + text[at + 1 :]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_a_card_says_it_is_read_or_its_problems_are_told(data: st.DataObject) -> None:
    """Never another error, of hundreds of mutated cards; and each problem names a line that the text has."""
    text = data.draw(st.sampled_from([SMALL] * 15 + [ACME]))

    for _ in range(4):
        changed = mutated(data, text)
        problems = problems_of(changed)
        text = text if any("is not TOML" in problem.what for problem in problems) else changed

        assert all(1 <= problem.line <= changed.count("\n") + 1 for problem in problems)


def problems_of(text: str) -> Sequence[CardProblem]:
    """Give what is wrong with a card, nothing if it can be read."""
    try:
        read_card(text)
    except CardError as error:
        return error.problems
    return ()
