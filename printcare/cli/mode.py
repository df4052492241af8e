"""`printcare mode`: show the site's mode, or switch it with a process owner's signature."""

from __future__ import annotations

import argparse
import json

DONE = 0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options
    from printcare.domain.policy import POLICIES

    parser = subparsers.add_parser("mode", help="show the site's mode, or switch it, signed")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="the present mode, and which batches are open in it")
    switch = verbs.add_parser("switch", help="switch the mode; never with a batch open")
    switch.add_argument("mode", choices=sorted(POLICIES))
    switch.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record")
    for verb in (show, switch):
        add_record_options(verb)
        add_identity_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import entered_with, existing_record
    from printcare.domain.policy import POLICIES
    from printcare.workflow.authority import allowed
    from printcare.workflow.mode import open_batches, present, switch

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        if arguments.verb == "switch":
            switch(records, account, secret, POLICIES[arguments.mode], arguments.reason)
        else:
            allowed(records, account, "record.read")
        policy, batches = present(records), open_batches(records)
    if arguments.json:
        print(json.dumps({"status": "ok", "mode": policy.mode, "band": policy.band, "open": list(batches)}))
        return DONE
    print(policy.band)
    print(f"open batches: {', '.join(batches) or 'none'}")
    return DONE
