"""`crossover x12`: read, check and write X12 text. No settings, no database, no network."""

import argparse
import functools
import os
import sys
from contextlib import suppress
from typing import Final, TextIO

from app.cli.commands import Commands, Run

_CLOSED_PIPE: Final = 141
"""What a shell shows for a program that SIGPIPE ended."""

_X12 = """\
read and check any mix of 837P, 835, 271, 277, 277CA, 999 and TA1; write 837P, 270 and 276.

exit code 0: nothing is wrong; 1: there is an error finding; 2: a file cannot be opened, the output cannot be written, or
the command is not right.
"""
_READ = """\
what X12 text says, as JSON Lines on standard output: one object for each interchange, one for the header of each
transaction set, one for each claim, payment, answer, status or verdict, one for the end of each transaction set.
`record` says which it is. Findings go to standard error.

examples:
  crossover x12 read remittance.835
  crossover x12 read claims.837 | jq -c 'select(.record == "claim") | .claim'
  zcat *.835.gz | crossover x12 read - 2> findings.txt
"""
_CHECK = """\
check X12 text: envelope and structure of everything that can be read, coordination of benefits of professional claims
(837P), balance of remittances (835). The last line of each file says `clean` or counts. What does not add up is shown
with the cents.

examples:
  crossover x12 check claims.837
  crossover x12 check --json *.835 | jq 'select(.severity == "error")'
  crossover x12 check --error adjustment_negative claims.837      a partner that takes no negative adjustments
  crossover x12 rules                                             the names of the rules
"""
_RULES = """\
list the rules: what it is about, name, severity, since when, where it comes from, what it says. `--error`,
`--warning` and `--ignore` of `read` and `check` take these names.

examples:
  crossover x12 rules
  crossover x12 rules --json | jq -r 'select(.severity == "warning") | .code'
"""
_WRITE = """\
write X12 text from a JSON document: an interchange, and `claim` or `claims` (837P), `eligibility_inquiry` (270),
`status_inquiry` or `status_inquiries` (276). The `claim` that `read` prints is the one that `write` takes. What cannot be
written is a finding on standard error with its place in the document and in the X12 text, and nothing is written.

examples:
  crossover x12 write --example > claim.json
  crossover x12 write claim.json > claim.837
  crossover x12 write claim.json | crossover x12 check -
"""


def add_x12(commands: Commands) -> None:
    x12 = _add(commands, "x12", "read, check and write X12 text", _X12)
    verbs = x12.add_subparsers(title="commands", metavar="COMMAND", required=True)
    read = _add(verbs, "read", "what X12 text says, as JSON Lines", _READ, _quietly(_read))
    read.add_argument("--json-findings", action="store_true", help="the findings as JSON Lines too")
    check = _add(verbs, "check", "what is wrong with X12 text", _CHECK, _quietly(_check))
    check.add_argument("--json", action="store_true", help="findings and counts as JSON Lines")
    for command in (read, check):
        _add_severities(command)
        command.add_argument("files", nargs="+", metavar="FILE", help="X12 text; - is standard input")
    rules = _add(verbs, "rules", "the rules that texts are checked against", _RULES, _quietly(_rules))
    rules.add_argument("--json", action="store_true", help="as JSON Lines")
    write = _add(verbs, "write", "X12 text from a JSON document", _WRITE, _quietly(_write))
    write.add_argument("--json-findings", action="store_true", help="the findings as JSON Lines")
    write.add_argument(
        "--example",
        nargs="?",
        const="claim",
        choices=["claim", "eligibility", "status"],
        help="print a document that can be written, of invented people; a secondary claim unless another is named",
    )
    write.add_argument("file", nargs="?", metavar="CLAIM.json", help="the document; - is standard input")


def _add(commands: Commands, name: str, text: str, description: str, run: Run | None = None) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name, help=text, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if run is not None:
        command.set_defaults(run=run)
    return command


def _add_severities(command: argparse.ArgumentParser) -> None:
    for word, text in (("error", "errors"), ("warning", "warnings"), ("ignore", "not shown")):
        command.add_argument(
            f"--{word}",
            dest="severities",
            action="append",
            default=[],
            type=functools.partial(_weighed, word),
            metavar="RULE",
            help=f"for this partner, findings of this rule are {text}; may be repeated",
        )


def _weighed(word: str, code: str) -> tuple[str, str]:
    return code, word


def _quietly(run: Run) -> Run:
    """Whoever reads the output may have enough of it: `| head`. That nothing can be written is one line."""

    def run_quietly(arguments: argparse.Namespace) -> int:
        from app.cli.x12_files import open_outputs, refuse

        try:
            open_outputs()
            code = run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            _write_nowhere(sys.stdout, sys.stderr)
            return _CLOSED_PIPE
        except OSError as error:  # what is wrong with a file that is read is said where it is read
            _write_nowhere(sys.stdout)
            with suppress(OSError):
                refuse(f"the output cannot be written: {error.strerror or type(error).__name__}")
            return 2
        return code

    return run_quietly


def _write_nowhere(*streams: TextIO) -> None:
    """The interpreter flushes once more when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())


def _read(arguments: argparse.Namespace) -> int:
    from app.cli.x12_reading import read

    return read(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from app.cli.x12_reading import check

    return check(arguments)


def _rules(arguments: argparse.Namespace) -> int:
    from app.cli.x12_reading import rules

    return rules(arguments)


def _write(arguments: argparse.Namespace) -> int:
    from app.cli.x12_writing import write

    return write(arguments)
