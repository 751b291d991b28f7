"""`crossover x12 write`: the text, or every reason why there is none."""

import argparse
import sys
from importlib.resources import files

from app.cli.json_values import NotJson
from app.cli.x12_documents import write_document
from app.cli.x12_files import NotReadable, blocks, refuse
from app.cli.x12_output import say
from app.domain.findings import Finding


def write(arguments: argparse.Namespace) -> int:
    if arguments.example is not None:
        sys.stdout.buffer.write(files("app.cli").joinpath("examples", f"{arguments.example}.json").read_bytes())
        return 0
    if arguments.file is None:
        refuse("name the document to write, or - for standard input; --example prints one")
        return 2
    try:
        text, findings = write_document(b"".join(blocks(arguments.file)))
    except NotReadable as error:
        refuse(f"{arguments.file}: {error}")
        return 2
    except NotJson as error:
        text, findings = None, (Finding(code="json_syntax", message=str(error)),)
    say(findings, arguments.file, as_json=arguments.json_findings)
    if text is None:
        return 1
    sys.stdout.buffer.write(text.encode("ascii"))
    return 0
