"""`crossover inbound`: what the clearinghouse brought and no practice has."""

import argparse
import sys

from app.cli.commands import Commands, add, load_settings


def add_inbound(commands: Commands) -> None:
    inbound = commands.add_parser("inbound", help="what the clearinghouse brought and no practice has")
    verbs = inbound.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add(verbs, "list", "the documents that wait for an operator: id, kind, state, why, since when", _inbound_list)
    retry = add(verbs, "retry", "fetch, read and route such a document once more", _inbound_retry)
    retry.add_argument("document", help="its id, as the list shows it")


def _inbound_list(_arguments: argparse.Namespace) -> int:
    import asyncio

    from app.bootstrap import master_keys_of, required
    from app.local.inbound_documents import waiting_documents

    settings = load_settings()
    url = required(settings.database_url, "DATABASE_URL")
    for one in asyncio.run(waiting_documents(url, master_keys_of(settings))):
        since = one.received_at.isoformat(timespec="seconds")
        print(one.id, one.kind.value, one.state.value, one.failure or "-", since, sep="\t")
    return 0


def _inbound_retry(arguments: argparse.Namespace) -> int:
    import asyncio
    from uuid import UUID

    from app.bootstrap import master_keys_of, required
    from app.local.inbound_documents import retry_document

    settings = load_settings()
    url = required(settings.database_url, "DATABASE_URL")
    try:
        document_id = UUID(arguments.document)
    except ValueError:
        print("crossover: this is no id of a document", file=sys.stderr)
        return 1
    if not asyncio.run(retry_document(url, master_keys_of(settings), document_id)):
        print("crossover: no document of this id waits", file=sys.stderr)
        return 1
    print("The document is fetched, read and routed again.")
    return 0
