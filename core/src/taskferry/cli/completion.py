"""Completion in bash, zsh and fish: the scripts that a shell reads, and the answers it gets then."""

from __future__ import annotations

import os
from collections.abc import Mapping

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

from taskferry.cli.output import say
from taskferry.errors import TaskferryError

VARIABLE = "_TASKFERRY_COMPLETE"

_BASH = """\
_taskferry_completion() {
    local IFS=$'\\n' line="${COMP_LINE:0:$COMP_POINT}" one kind value prefix
    local word="${line##*[[:space:]]}"
    prefix="${word%"${word##*[=:]}"}"
    COMPREPLY=()
    for one in $(COMP_LINE="$line" _TASKFERRY_COMPLETE=bash_complete "$1" 2>/dev/null); do
        kind="${one%%,*}" value="${one#*,}"
        case "$kind" in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            part) compopt -o nospace 2>/dev/null; COMPREPLY+=("${value#"$prefix"}") ;;
            *) COMPREPLY+=("${value#"$prefix"}") ;;
        esac
    done
}
complete -o nosort -F _taskferry_completion taskferry
"""
_ZSH = """\
#compdef taskferry
_taskferry() {
    local -a whole parts answer
    local kind value
    answer=("${(@f)$(COMP_LINE="${(j: :)words[1,CURRENT]}" _TASKFERRY_COMPLETE=zsh_complete taskferry 2>/dev/null)}")
    for kind value in "${answer[@]}"; do
        case "$kind" in
            dir) _path_files -/ ;;
            file) _path_files ;;
            part) parts+=("$value") ;;
            plain) whole+=("$value") ;;
        esac
    done
    compadd -S '' -- "${parts[@]}"
    compadd -- "${whole[@]}"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _taskferry "$@"
else
    compdef _taskferry taskferry
fi
"""
_FISH = """\
function _taskferry_completion
    for one in (env COMP_LINE=(commandline -cp) _TASKFERRY_COMPLETE=fish_complete taskferry 2>/dev/null)
        set -l parts (string split --max 1 , -- $one)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case '*'
                echo $parts[2]
        end
    end
end
complete --no-files --command taskferry --arguments '(_taskferry_completion)'
"""


def script(shell: str) -> str:
    """Give the script that makes a shell ask."""
    return _SHELLS[shell].source_template


def complete() -> int:
    """Answer a shell that asks, as `VARIABLE` says; what cannot be answered has no completions."""
    from taskferry.cli.group import command_line

    shell, _, instruction = os.environ[VARIABLE].partition("_")
    found = _SHELLS.get(shell)
    if found is None or instruction != "complete":
        return 2
    try:
        answer = found(command_line, {}, "taskferry", VARIABLE).complete()
    except TaskferryError:
        return 1
    if answer:
        say(answer)
    return 0


def _asked() -> tuple[list[str], str]:
    """Give the words before the cursor and the one at it; the line ends at the cursor."""
    line = os.environ.get("COMP_LINE", "")
    words = split_arg_string(line)[1:]
    return (words, "") if not words or line[-1:].isspace() else (words[:-1], words[-1])


class _Bash(BashComplete):
    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Read the line whole: bash parts its words at `=` and `:`."""
        return _asked()

    def format_completion(self, item: CompletionItem) -> str:
        """Give kind and value."""
        return f"{item.type},{item.value}"


class _Zsh(ZshComplete):
    source_template = _ZSH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Read the line."""
        return _asked()

    def format_completion(self, item: CompletionItem) -> str:
        """Give kind and value, a line each."""
        return f"{item.type}\n{item.value}"


class _Fish(FishComplete):
    source_template = _FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Read the line."""
        return _asked()

    def format_completion(self, item: CompletionItem) -> str:
        """Give kind, value, and what it is; fish puts no space behind `=` by itself."""
        return f"{item.type},{item.value}\t{item.help or ''}".rstrip("\t")


_SHELLS: Mapping[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}
SHELLS = tuple(_SHELLS)
