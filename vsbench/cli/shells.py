"""Completion in bash, where words end at colons and equals signs, too."""

from __future__ import annotations

import os
import shlex
from typing import Any

from click import shell_completion
from click.shell_completion import CompletionItem, add_completion_class

SCRIPT = """\
%(complete_func)s() {
    local IFS=$'\\n' type value
    while IFS=, read -r type value; do
        case $type in
            dir) COMPREPLY=(); compopt -o dirnames ;;
            file) COMPREPLY=(); compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                case $value in *[=/:]) compopt -o nospace ;; esac ;;
        esac
    done < <(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" \
COMP_WORDBREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class BashComplete(shell_completion.BashComplete):
    """Completes words as the program gets them: ``--seat 1=oracle`` is two, not four.

    Bash replaces only what follows the last colon or equals sign, so answers begin there.
    """

    source_template = SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """Split the line up to the cursor into whole words and the one that is being typed."""
        line = os.environ["COMP_LINE"][: int(os.environ["COMP_POINT"])]
        words = split(line)
        incomplete = "" if line[-1:].isspace() or len(words) < 2 else words.pop()
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Write an answer without the part of its word that bash keeps."""
        _, typed = self.get_completion_args()
        breaks = set(os.environ.get("COMP_WORDBREAKS", "=:")) & set("=:")
        kept = typed[: 1 + max((typed.rfind(each) for each in breaks), default=-1)]
        value = str(item.value)
        # The word may begin with the name of an option: --seat=1=oracle.
        starts = (start for start in range(len(kept)) if value.startswith(kept[start:]))
        start = next(starts, len(kept))
        return f"{item.type},{value[len(kept) - start :]}"


def split(line: str) -> list[str]:
    """Split a line as a shell does; the last word may be in an open quotation."""
    words = shlex.shlex(line, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters = True, ""
    found: list[str] = []
    try:
        found.extend(words)
    except ValueError:
        found.append(words.token)
    return found


add_completion_class(BashComplete)
