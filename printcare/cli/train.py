"""`printcare train`: the training matrix, an assessment entered by its trainer, and its end."""

from __future__ import annotations

import argparse
import json

DONE = 0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options
    from printcare.domain.training import BY_NAME

    parser = subparsers.add_parser("train", help="who was trained in what, and until when")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    matrix = verbs.add_parser("matrix", help="who may do what by training")
    record = verbs.add_parser("record", help="enter an assessment; the one who enters it is the trainer")
    record.add_argument("login", metavar="LOGIN", help="who was trained")
    record.add_argument("--module", choices=sorted(BY_NAME), required=True)
    record.add_argument("--recipe", metavar="ID/VERSION", default="")
    record.add_argument("--printer", metavar="NAME", default="")
    record.add_argument("--version", metavar="TEXT", required=True, help="of what was read")
    record.add_argument("--note", metavar="TEXT", required=True, help="what was done in the practical assessment")
    record.add_argument("--failed", action="store_true", help="it was not passed; the permission goes at once")
    revoke = verbs.add_parser("revoke", help="end a training before its time")
    revoke.add_argument("key", metavar="ID", help="as the matrix shows it")
    revoke.add_argument("--reason", metavar="TEXT", required=True)
    for verb in (matrix, record, revoke):
        add_record_options(verb)
        add_identity_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import entered, existing_record
    from printcare.domain.training import FAILED, PASSED, Trained
    from printcare.records.accounts import find_login
    from printcare.workflow.authority import allowed
    from printcare.workflow.site.training import matrix, record_training, revoke_training

    with existing_record(arguments) as records:
        account = entered(records, arguments.user)
        if arguments.verb == "record":
            assessed = FAILED if arguments.failed else PASSED
            trained = Trained(
                person=find_login(records, arguments.login) or arguments.login,
                module=arguments.module,
                recipe=arguments.recipe,
                printer=arguments.printer,
                version=arguments.version,
                trainer=account.id,
                read_at=records.context.clock(),
                assessed=assessed,
                note=arguments.note,
            )
            record_training(records, account, trained)
        elif arguments.verb == "revoke":
            revoke_training(records, account, arguments.key, arguments.reason)
        else:
            allowed(records, account, "record.read")
        rows = matrix(records, records.context.clock())
    if arguments.json:
        print(json.dumps({"status": "ok", "matrix": rows}))
        return DONE
    for row in rows:
        counts = "counts" if row["counts"] else "does not count"
        print(f"{row['id']}  version {row['version']}  until {row['until'][:10]}  {counts}")
    return DONE
