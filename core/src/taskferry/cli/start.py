"""Where the console script starts: hands over to a command and turns what goes wrong into a line and an exit code."""

from __future__ import annotations

import os
import sys

from taskferry import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NO_COLOUR = "--no-color"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, by default the process's own, and give its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        sys.stdout.write(f"taskferry {__version__}\n")
        return 0
    from taskferry.cli.output import ReaderGone, prepare_streams

    prepare_streams()
    try:
        code = _run(_without_colour(given))
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        return _reader_gone()
    return code


def _without_colour(given: list[str]) -> list[str]:
    """Take `--no-color` out, wherever it is before `--`; whatever draws asks NO_COLOR."""
    end = given.index("--") if "--" in given else len(given)
    if NO_COLOUR not in given[:end]:
        return given
    os.environ["NO_COLOR"] = "1"
    return [one for one in given[:end] if one != NO_COLOUR] + given[end:]


def _run(given: list[str]) -> int:
    if given[:1] in (["list"], ["status"]):
        from taskferry.cli.quick import answer

        try:
            code = answer(given)
        except KeyboardInterrupt:
            from taskferry.cli import errors

            return errors.report_interrupt(as_json="--json" in given)
        if code is not None:
            return code
    if "_TASKFERRY_COMPLETE" in os.environ:
        from taskferry.cli.completion import complete

        return complete()
    return _command(given)


def _command(given: list[str]) -> int:
    from click.exceptions import Abort, ClickException

    from taskferry.cli import errors
    from taskferry.cli.group import command_line
    from taskferry.cli.output import ReaderGone
    from taskferry.errors import TaskferryError

    as_json = "--json" in given[: given.index("--") if "--" in given else None]
    try:
        code = command_line.main(args=given, prog_name="taskferry", standalone_mode=False)
    except ClickException as error:
        return errors.report_usage(error, as_json=as_json)
    except TaskferryError as error:
        return errors.report(error, as_json=as_json)
    except (Abort, KeyboardInterrupt):
        return errors.report_interrupt(as_json=as_json)
    except (ReaderGone, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 -- a defect of ours still owes a script its document and its exit code
        return errors.report_defect(error, as_json=as_json)
    return code if isinstance(code, int) else 0


def _reader_gone() -> int:
    """Leave quietly when whoever read stdout has gone, as `head` does; the last flush at exit must not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return 141


if __name__ == "__main__":
    sys.exit(main())
