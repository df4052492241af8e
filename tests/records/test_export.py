"""The export and the stand-alone verifier (T2, T3, T5)."""

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from printcare import verify
from printcare.domain.canonical import canonical_bytes
from printcare.records import accounts, signatures
from printcare.records.export import export

PASSWORD = "seventeen grey herons"
LONG = 800


MADE: list[bytes] = []  # one export for every test that does not ask for the record it came from as well


@pytest.fixture
def exported(request):
    """Forty events with units, readings, an account, a signature and checkpoints, exported."""
    if not MADE or "records" in request.fixturenames:
        MADE.append(made_export(*map(request.getfixturevalue, ("records", "weigh", "operator", "cheap", "tmp_path"))))
    return MADE[-1]


def made_export(records, weigh, operator, cheap, tmp_path):
    accounts.create_first(records, "adeline", "Adeline Admin", PASSWORD, hashing=cheap)
    with records.transaction(operator) as tx:
        tx.block("r-1", b"1,2\n", batch_id="B-1", unit_id="u", sensor="p", first_at="a", last_at="b", count=1)
    weigh(0)
    signatures.sign(records, "adeline", PASSWORD, "administrator", "seen", "unit", "B-1/0", hashing=cheap)
    while records.head()[0] < 39:
        weigh(records.head()[0] % 7, str(300 + records.head()[0]))
    made = export(records, tmp_path / "audit.jsonl", operator)
    assert made.size == 40
    return (tmp_path / "audit.jsonl").read_bytes()


def places(data, anchor=None):
    result = verify.verify_export(data, anchor)
    return result["verdict"], [problem["where"] for problem in result["problems"]]


def closed_again(lines):
    """Return an export whose hashes were all made anew, as a careful forger would."""
    content = [line for line in lines if line and json.loads(line).get("kind") not in ("lines", "close")]
    hashes = [sha256(b"\x00" + line).hexdigest() for line in content]
    manifest = [
        canonical_bytes({"kind": "lines", "first": first + 1, "sha256": hashes[first : first + 256]})
        for first in range(0, len(hashes), 256)
    ]
    kinds = Counter(json.loads(line).get("kind", "event") for line in content)
    counts = {kind: kinds.get(kind, 0) for kind in ("block", "checkpoint", "event", "row")}
    before = b"".join(line + b"\n" for line in content + manifest)
    listed = sha256(b"".join(line + b"\n" for line in manifest)).hexdigest()
    sums = {"manifest_sha256": listed, "sha256": sha256(before).hexdigest()}
    return before + canonical_bytes({"kind": "close", "lines": len(content), "counts": counts, **sums}) + b"\n"


def test_an_untouched_export_is_unanchored_without_an_anchor_and_ok_with_one(exported, records):
    made = records.checkpoint()
    assert verify.verify_export(exported)["verdict"] == "UNANCHORED"
    assert verify.verify_export(exported)["root"] == records.head()[1]
    assert places(exported, made.paper) == ("OK", [])
    assert places(exported, made.note) == ("OK", [])
    assert closed_again(exported.split(b"\n")) == exported


def test_every_line_is_canonical(exported):
    assert all(canonical_bytes(json.loads(line)) == line for line in exported.splitlines())


def test_no_name_and_no_secret_leaves_with_the_export(exported):
    assert b"adeline" not in exported.lower()
    assert b"argon2" not in exported


def test_every_changed_byte_is_found_and_its_line_named(exported):
    """One bit of every byte here, every bit of every byte of each kind of line in the next test."""
    missed = [place for place in range(len(exported)) if not is_located(exported, place, 1 << place % 8)]
    assert missed == []


@pytest.mark.parametrize(
    "start",
    [b'{"epoch"', b'{"action":"unit', b'{"bytes"', b'{"first_event_seq"', b'{"id"', b'{"first":', b'{"counts"'],
)
def test_every_bit_of_a_line_of_each_kind_is_found_and_its_line_named(exported, start):
    begin = exported.index(b"\n" + start) + 1 if not exported.startswith(start) else 0
    end = exported.index(b"\n", begin) + 1
    # The list of hashes is long and all alike; the test before changes each of its bytes.
    places = {*range(begin, min(end, begin + LONG)), *range(max(begin, end - 100), end)}
    missed = [(place, bit) for place in places for bit in range(8) if not is_located(exported, place, 1 << bit)]
    assert missed == []


def is_located(data, place, bit):
    flipped = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
    lines = flipped.split(b"\n")
    problems = verify.damage(flipped, lines)
    number = data.count(b"\n", 0, place) + 1
    return bool(problems) and problems[0].where == f"line {number}" and problems[0].code in ("MODIFIED", "TRUNCATED")


def test_a_sample_of_flips_gives_the_verdict_and_exit_code(exported):
    for place in range(0, len(exported), 613):
        flipped = exported[:place] + bytes([exported[place] ^ 4]) + exported[place + 1 :]
        result = verify.verify_export(flipped)
        number = exported.count(b"\n", 0, place) + 1
        assert result["verdict"] in ("MODIFIED", "TRUNCATED")
        assert result["problems"][0]["where"] == f"line {number}"
        assert verify.exit_code(result) == 4


def test_every_verdict_says_what_it_means_and_a_file_of_something_else_is_told_from_a_damaged_one(exported):
    assert verify.MEANINGS.keys() == {"OK", "UNANCHORED", *verify.GRAVITY}
    assert "agrees with itself" in verify.report(verify.verify_export(exported))
    for other in (b"", b"Dear inspector,\n", exported[1:]):
        assert "no export" in verify.verify_export(other)["problems"][0]["reason"]


def test_a_changed_event_is_named_by_its_number(exported):
    lines = exported.split(b"\n")
    event = next(place for place, line in enumerate(lines) if b'"seq":20,' in line)
    lines[event] = lines[event].replace(b"accepted", b"rejected")
    result = verify.verify_export(b"\n".join(lines))
    assert result["problems"] == [
        {"code": "MODIFIED", "where": f"line {event + 1}", "reason": "The event of seq 20 is not as exported."}
    ]


def test_every_cut_of_the_file_is_found(exported):
    ends = [place + 1 for place, byte in enumerate(exported) if byte == 10][:-1]
    for end in [0, 1, *ends, *(place - 7 for place in ends), len(exported) - 1]:
        assert verify.verify_export(exported[:end])["verdict"] in ("TRUNCATED", "MODIFIED")


@pytest.mark.parametrize("size", [0, 5, 33, 39])
def test_a_shorter_log_closed_again_is_truncated_by_its_checkpoints_or_by_an_anchor(exported, records, size):
    made = records.checkpoint()
    lines = exported.split(b"\n")
    short = closed_again(lines[: 1 + size] + lines[41:])
    assert places(short)[0] in ("TRUNCATED", "MODIFIED", "REPLACED", "FORKED")
    bare = [line for line in lines[: 1 + size] if line]
    assert "TRUNCATED" in {p["code"] for p in verify.verify_export(closed_again(bare), made.paper)["problems"]}


@pytest.mark.parametrize(
    "rearrange",
    [
        lambda events: [*events[:9], events[10], events[9], *events[11:]],
        lambda events: [*events[:9], events[9], *events[9:]],
        lambda events: [*events[:9], *events[10:]],
        lambda events: [*events[:9], events[9].replace(b'"seq":10', b'"seq":11'), *events[9:]],
    ],
)
def test_events_swapped_doubled_left_out_or_inserted_are_found_though_all_hashes_are_made_anew(exported, rearrange):
    lines = exported.split(b"\n")
    forged = closed_again([lines[0], *rearrange(lines[1:41]), *lines[41:]])
    verdict, where = places(forged)
    assert verdict in ("MODIFIED", "FORKED")
    assert any(place.startswith(("seq 10", "seq 11")) for place in where)


def edited(data, kind, change):
    lines = []
    for line in data.splitlines():
        content = json.loads(line)
        kept = change(content) if content.get("kind", "event") == kind else content
        lines += [canonical_bytes(kept)] if kept else []
    return closed_again(lines)


def test_a_forged_event_with_all_hashes_made_anew_forks_from_the_signed_heads(exported):
    forged = edited(exported, "event", lambda event: event | {"reason_text": "x"} if event["seq"] == 2 else event)
    assert places(forged)[0] == "FORKED"


def test_a_forged_row_with_all_hashes_made_anew_is_a_state_mismatch(exported):
    def heavier(row):
        return row | {"state": row["state"] | {"net_mg": "999"}} if row["key"] == "B-1/3" else row

    assert places(edited(exported, "row", heavier)) == ("STATE_MISMATCH", ["unit/B-1/3"])
    assert places(edited(exported, "row", lambda row: None if row["key"] == "B-1/3" else row)) == (
        "STATE_MISMATCH", ["unit/B-1/3"],
    )  # fmt: skip


def test_a_number_is_no_truth_value(exported):
    forged = edited(
        exported, "row", lambda row: row | {"state": row["state"] | {"epoch": True}} if row["table"] == "site" else row
    )
    assert places(forged) == ("STATE_MISMATCH", ["site/demo"])


def test_forged_or_missing_readings_are_found(exported):
    assert places(edited(exported, "block", lambda block: block | {"bytes": "AAAA"})) == (
        "STATE_MISMATCH",
        ["reading_block/r-1"],
    )
    assert places(edited(exported, "block", lambda _: None)) == ("STATE_MISMATCH", ["reading_block/r-1"])


def test_a_missing_or_damaged_checkpoint_is_found(exported):
    assert places(edited(exported, "checkpoint", lambda note: None if note["id"] == 1 else note))[0] == "MODIFIED"
    assert places(edited(exported, "checkpoint", lambda note: note | {"note": "x"}))[0] == "MODIFIED"


@pytest.mark.parametrize("change", [{"size": 3}, {"format": "other"}, {"kind": "novel"}])
def test_a_header_that_does_not_fit_is_found(exported, change):
    verdict, where = places(edited(exported, "header", lambda header: header | change))
    assert (verdict, set(where)) == ("MODIFIED", {"line 1"})


@pytest.mark.parametrize("change", [{"site": "x"}, {"epoch": 2}])
def test_events_of_another_log_are_replaced(exported, change):
    forged = edited(exported, "event", lambda event: event | change if event["seq"] == 39 else event)
    assert places(forged)[0] == "REPLACED"


@pytest.mark.parametrize("data", [b"", b"\n", b"hello\n", b"{}\n{}\n{}\n", b"\n\n\n\n", b"\xff\xfe\x00"])
def test_what_is_no_export_never_passes(data):
    assert verify.exit_code(verify.verify_export(data)) == 4


def run(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(
        [sys.executable, "-m", "printcare.verify", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )


def test_the_verifier_runs_on_its_own(exported, records, tmp_path):
    path = tmp_path / "audit.jsonl"
    done = run(path, "--anchor", records.checkpoint().note, "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "OK")
    path.write_bytes(exported.replace(b"301", b"302", 1))
    done = run(path)
    assert done.returncode == 4
    assert done.stdout.startswith("MODIFIED")
    assert run(tmp_path / "none").returncode == 2
    assert run(path, "--anchor", "nonsense").returncode == 2


def test_the_verifier_needs_the_standard_library_and_cryptography_only():
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    roots = {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots |= {name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert roots - set(sys.stdlib_module_names) == {"cryptography"}


def test_an_export_appears_whole_or_not_at_all(records, operator, tmp_path):
    with pytest.raises(OSError, match="missing"):
        export(records, tmp_path / "missing" / "audit.jsonl", operator)
    assert not list(tmp_path.glob("**/*audit*"))
