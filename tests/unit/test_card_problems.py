"""Wrong cards: each mistake is told with its line, what is wrong, what is allowed, and what was probably meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taskferry import CardError, CardProblem, read_card

CARDS = Path(__file__).parent.parent / "cards"
SMALL = (CARDS / "small.toml").read_text("utf-8")
ACME = (CARDS / "acme.toml").read_text("utf-8")


def problems(text: str) -> tuple[CardProblem, ...]:
    """Give what is wrong with a card."""
    with pytest.raises(CardError) as caught:
        read_card(text, "wrong.toml")
    return caught.value.problems


def changed(card: str, old: str, new: str) -> str:
    """Give a card with one place of it changed."""
    assert old in card
    return card.replace(old, new, 1)


def line(text: str, problem: CardProblem) -> str:
    """Give the line of the card that a problem names."""
    return text.split("\n")[problem.line - 1]


def what(problem: CardProblem) -> str:
    """Give what has to be on that line: the unknown key, or the last name of the path."""
    key = re.match('has "(.*?)"', problem.what)
    return key[1] if key else problem.path.rpartition(".")[2].partition(" #")[0]


SHAPE = {
    "a key": ("remote = {", "remot = {", '[operations.image.submit] has "remot"; did you mean "remote"?'),
    "a table": ("[fetch]", "[fech]", 'has "fech"; did you mean "fetch"?'),
    "an odd key": (
        'source = "',
        'zzz = 1\nsource = "',
        '[provider] has "zzz"; allowed: name, title, base_url, regions, auth, source, unverified, hosts, result_hosts',
    ),
    "a word": ('kind = "image"', 'kind = "imgae"', '[operations.image] kind is "imgae"; did you mean "image"?'),
    "an unlike word": (
        'of = "submit"',
        'of = "look"',
        '[examples #1] of is "look"; allowed: submit, fetch, then, error, recent, balance, cancel, webhook.',
    ),
    "a number": ('title = "Fable"', "title = 3", "[provider] title is 3, not text"),
    "a table for a text": ('title = "Fable"', "title = {}", "[provider] title is a table, not text"),
    "a date": ('title = "Fable"', "title = 2026-11-21", "[provider] title is a date; write it as text, in quotes"),
    "infinity": ("maxLength = 2000", "maximum = inf", "maximum is inf, which JSON has no number for"),
    "a huge number": ("maxLength = 2000", f"maxLength = {2**70}", "maxLength is a number beyond 64 bits"),
    "a duration": ('"10 s, 95', '"10 sec, 95', 'is "10 sec, 95 % under 30 s", which is not written as "60 s, 95 %'),
    "a name": ('name = "fable"', 'name = "Fable!"', '[provider] name is "Fable!", which is not a plain name'),
    "an operation's name": (
        "[operations.image]",
        '[operations."An Image"]',
        "[operations] An Image is not a plain name",
    ),
    "a lacking key": ('title = "Fable"\n', "", '[provider] lacks "title"'),
    "a lacking kind of key": (
        "auth = { bearer",
        'auth = { header = "x-key", kye',
        '[provider.auth] has "kye"; did you',
    ),
    "no scheme": ('{ bearer = "FABLE_API_KEY" }', "{}", "[provider.auth] needs exactly one of bearer, header, query,"),
    "no key": ('{ bearer = "FABLE_API_KEY" }', '{ header = "x" }', '[provider.auth] lacks "key"'),
    "a variable": (
        '"FABLE_API_KEY"',
        '"fable-key"',
        'bearer is "fable-key", which is not the plain name of a variable',
    ),
    "no call": ('post = "/generations", ', "", "[operations.image.submit] needs exactly one of post, put, patch"),
    "two calls": ('get = "/gen', 'post = "/x"\nget = "/gen', "[fetch] needs exactly one of get, post, put, patch"),
    "a path": ('get = "/generations', 'get = "generations', 'get is "generations/{id}", which is no path'),
    "a query in a path": (
        '/generations/{id}"',
        '/generations/{id}?x=1"',
        "which is no path: it begins with a slash and",
    ),
    "two places of a result": ('url = "output.url"', 'url = "a", path = "/b"', "needs exactly one of url, path"),
    "no type": ('type = "string", ', "", "[operations.image.parameters.prompt] needs a type, or an enum"),
    "a rule of a schema": ("maxLength", "maxlength", '.prompt] has "maxlength"; did you mean "maxLength"?'),
    "a reference": ("maxLength = 2000", '"$ref" = "https://x.example"', '.prompt] has "$ref"; allowed: type, enum,'),
    "every host": ("source =", 'hosts = ["*"]\nsource =', '[provider] hosts #1 is "*", which is no host such as'),
    "a top level": ("source =", 'hosts = ["*.com"]\nsource =', 'hosts #1 is "*.com", which is no host such as'),
    "a price": ("submit =", 'price = "much"\nsubmit =', 'price is "much", which is no amount such as "0.40 USD"'),
    "two prices": (
        "submit =",
        'price = { unit = "USD", amount = 1, by = "prompt", amounts = { a = 1 } }\nsubmit =',
        "[operations.image.price] needs either amount or amounts",
    ),
    "a code's kind": (
        "[fetch]",
        '[errors]\nhttp = { "402" = "fund" }\n[fetch]',
        '402 is "fund"; did you mean "funds"?',
    ),
    "a python step": (
        "status = ",
        'python = "run"\nstatus = ',
        'python is "run", which is not written as package.module',
    ),
    "a header": ("source =", 'headers = { "X Y" = "1" }\nsource =', "X Y is not the name of a header"),
}


@pytest.mark.parametrize(("old", "new", "told"), SHAPE.values(), ids=SHAPE)
def test_a_wrong_shape_is_told(old: str, new: str, told: str) -> None:
    """Keys, types and words that the schema does not allow."""
    text = changed(SMALL, old, new)

    found = [problem for problem in problems(text) if told in str(problem)]

    assert len(found) == 1
    assert what(found[0]) in line(text, found[0])


SENSE = {
    "a reserved name": ('name = "acme"', 'name = "any"', '[provider] name is "any", which is reserved'),
    "plain http": ('"https://api.acme', '"http://api.acme', "and a base URL is https, or http to this machine"),
    "a country": ('["*.jobs.acme.example"]', '["*.co.uk"]', 'hosts #1 is "*.co.uk", which lets in hosts of others'),
    "a system variable": ('"ACME_TOKEN"', '"HOME"', '[provider] auth reads "HOME", which holds no key of a provider'),
    "our variable": ('"ACME_TOKEN"', '"TASKFERRY_HOME"', 'auth reads "TASKFERRY_HOME", which holds no key'),
    "the key's header": ("X-Version", "x-key", "[provider.headers] x-key is a header that is not the card's to set"),
    "a key of another scheme": (
        'prefix = "Key "',
        "lifetime = 60",
        "[provider.auth] lifetime does not go with header;",
    ),
    "a signature's header": (
        'header = "X-Acme-Signature"\n',
        "",
        '[webhook] lacks "header", the one that the signature',
    ),
    "a word in two lists": (
        'failed = ["broken"]',
        'failed = ["Done"]',
        'failed #1 is "Done", which is among succeeded too',
    ),
    "no success": (
        'succeeded = ["done", "200"]',
        "succeeded = []",
        "succeeded names no word, so that no job would ever",
    ),
    "a default": ("default = 5,", "default = 6,", "default is refused by its own schema: 6 is not one of 5 or 9"),
    "a pattern": ("maxLength = 4000", 'pattern = "("', "[operations.video.parameters] prompt is no JSON Schema:"),
    "no example": (
        'required = true, description = "What to say."',
        'required = true, pattern = "^[0-9]+$", description = "What to say."',
        '[operations.speech] lacks "example", and the one made from the schema is refused by its own schema:',
    ),
    "an example": ("duration = 5 }", "duration = 7 }", "[operations.video] example is refused by its own schema: 7"),
    "an example's name": (
        '"fast", duration = 5 }',
        '"fast", lenght = 5 }',
        "[operations.video.example] lenght is no param",
    ),
    "a wire form": ('"{}s"', '"s"', 'wire is "s", which needs {} once, for the value'),
    "a wire word": ('"9:16" = "720', '"9:61" = "720', '9:61 is no value of the enum; did you mean "9:16"?'),
    "always nothing": ('default = "16:9", ', "", "always sends the default, which there is none of"),
    "a file that is none": (
        "minimum = 0, max",
        'send = "base64", minimum = 0, max',
        "send is for files; the parameter",
    ),
    "two destinations": (
        'wire = { to = "options.avoid" }',
        'wire = { to = "size" }',
        '[operations.video.parameters] aspect_ratio goes to input.size.ratio in the body, where "negative_prompt" goes',
    ),
    "the body's own": (
        "body = { tag =",
        'body = { input = "x", tag =',
        "[operations.video.parameters] prompt goes to input.prompt in the body, where the body's own member goes",
    ),
    "a second place": (
        'default = "final", ',
        'default = "final", wire = { to = "x" }, ',
        "to is a second place; the call mentions {quality} already",
    ),
    "a price's parameter": (
        'by = "model"',
        'by = "modle"',
        'price] by is "modle", which is no parameter; did you mean',
    ),
    "a price's word": ("{ fast = 5", "{ fasst = 5", 'fasst is no value of the parameter; did you mean "fast"?'),
    "a price's factor": ('times = ["duration"]', 'times = ["prompt"]', 'times #1 is "prompt", which is no number'),
    "an unknown factor": (
        'times = ["duration"]',
        'times = ["seconds"]',
        'times #1 is "seconds", which is no parameter',
    ),
    "a place": (
        'seed = "{seed}"',
        'seed = "{sed}"',
        'seed mentions {sed}, which nothing fills; did you mean "{seed}"?',
    ),
    "a place of a look": (
        'get = "/jobs/{id}"',
        'get = "/jobs/{link}"',
        "[fetch] get mentions {link}, which nothing fills",
    ),
    "a place of a hop": ("{file_id}", "{file}", "mentions {file}, which nothing fills; did you mean"),
    "a place of a file": (
        'path = "/speech/{id}"',
        'path = "/speech/{ids}"',
        "path mentions {ids}, which nothing fills",
    ),
    "a place of a cancel": (
        "/jobs/{id}/cancel",
        "/jobs/{job}/cancel",
        "[cancel] post mentions {job}, which nothing fills",
    ),
    "a place of an upload": (
        'result = "acme://{asset}"',
        'result = "acme://{assets}"',
        "result mentions {assets}, which",
    ),
    "a place without value": (
        'default = "final", ',
        "",
        "quality needs {quality}, which is neither required nor has a d",
    ),
    "an expression": (
        'progress = "data.percent"',
        'progress = "data["',
        '[fetch] progress is "data[", which is no express',
    ),
    "a function": (
        'when = "code &&',
        'when = "lenght(code) &&',
        "there is no function lenght(), did you mean length()?",
    ),
    "a parameter": (
        "$parameters.model",
        "$parameters.modle",
        'there is no parameter "modle"; did you mean "$parameters.m',
    ),
    "a parameter of a look": (
        'eta = "data',
        'eta = "$parameters.seed || data',
        "$parameters is known in a submit alone",
    ),
    "a variable": (
        "$header.x-wait",
        "$heading.x-wait",
        "after a $ there is one of http, header.NAME and parameters.NAME",
    ),
    "results of one name": (
        'name = "preview"',
        'name = "video"',
        'name is "video", which another result is called already',
    ),
    "a listed remote": (
        ', status_url = "links.status" }',
        " }",
        '[recent] remote lacks "status_url", which finds the jobs of',
    ),
    "a signed remote": (
        'remote = { id = "data.id" }\n\n[[ex',
        'remote = { task = "id" }\n\n[[ex',
        "[webhook.remote] task is no m",
    ),
    "a kept name": (
        'remote = { id = "data.id" }\ndone',
        'remote = { operation = "id" }\ndone',
        "operation is a name that is kept",
    ),
    "an example's operation": (
        'operation = "video"',
        'operation = "vidio"',
        'operation is "vidio"; did you mean "video"?',
    ),
    "an example's body": ('body = \'{"code": 0,', 'body = \'{"code" 0,', "body is no JSON: Expecting ':' delimiter"),
    "an expectation": (
        "expect = { remote =",
        "expect = { remotes =",
        '[examples #1.expect] has "remotes"; did you mean "remote"',
    ),
    "a further read": (
        'of = "then"\noperation = "model"',
        'of = "then"\noperation = "video"',
        'of is "then", and the status',
    ),
}


@pytest.mark.parametrize(("old", "new", "told"), SENSE.values(), ids=SENSE)
def test_parts_that_do_not_fit_are_told(old: str, new: str, told: str) -> None:
    """What the schema cannot say: places, words, prices, defaults, hosts, expressions."""
    text = changed(ACME, old, new)

    found = [problem for problem in problems(text) if told in str(problem)]

    assert found
    assert all(what(problem) in line(text, problem) for problem in found)


def test_all_problems_are_told_at_once_in_the_order_of_their_lines() -> None:
    """So that a card is mended in one go."""
    text = SMALL.replace("title", "titel").replace('"string"', '"text"').replace("[[examples]]", "[[exampels]]")

    found = problems(text)

    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    told = "\n".join(map(str, found))
    for part in ('did you mean "title"', 'type is "text"', 'did you mean "examples"'):
        assert part in told


def test_a_misspelt_key_is_not_called_lacking_too() -> None:
    """One mistake is one problem."""
    found = problems(SMALL.replace("remote = {", "remot = {"))

    assert [str(problem) for problem in found] == ['[operations.image.submit] has "remot"; did you mean "remote"?']


def test_a_problem_names_file_line_and_key() -> None:
    """As compilers do, so that editors jump there."""
    with pytest.raises(CardError) as caught:
        read_card(SMALL.replace('kind = "image"', 'kind = "imgae"'), "cards/fable.toml")

    (problem,) = caught.value.problems
    assert str(caught.value) == 'cards/fable.toml:15: [operations.image] kind is "imgae"; did you mean "image"?'
    assert (problem.path, problem.line, problem.nearest) == ("operations.image.kind", 15, "image")
    assert "video" in problem.allowed


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[provider]\nname = ", 2, "is not TOML: Invalid value"),
        ('[provider]\n\nname = "a"\nname = "b"\n', 4, "is not TOML: Cannot overwrite a value"),
        ('a = """', 1, "is not TOML"),
        ("[provider]\n[provider", 2, "is not TOML"),
        ("a = " + "[" * 5000, 1, "is nested too deeply"),
        ("a = " + "1" * 5000, 1, "is not TOML"),
        ("a = '\ud800'", 1, "is not TOML"),
        ("x = " + "[" * 40 + "]" * 40, 1, "is nested too deeply"),
    ],
)
def test_a_text_that_is_no_toml_is_told_with_its_line(text: str, line: int, told: str) -> None:
    """Also where the standard library only says that it is the end of the document."""
    (problem,) = problems(text)

    assert told in str(problem)
    assert problem.line == line
