"""What the verification of the database finds (T3, T4, T5, T9)."""

import shutil
import sqlite3
from dataclasses import replace
from hashlib import sha256

import pytest
from raw_database import raw_database

from printcare.domain.canonical import canonical_bytes
from printcare.errors import PrintcareError
from printcare.records import accounts, audit, schema, signatures
from printcare.records.store import Store

PASSWORD = "seventeen grey herons"


@pytest.fixture
def full(records, operator, weigh, cheap):
    """Fill a record with at least one row in every bound table."""
    accounts.create_first(records, "ada", "Ada Admin", PASSWORD, hashing=cheap)
    weigh(1)
    with records.transaction(operator) as tx:
        for table in sorted(set(schema.BOUND) - {"unit", "signature", "account", "person", "site", "station_key"}):
            if table == "reading_block":
                tx.block("r-1", b"1,2\n", batch_id="B-1", unit_id="u", sensor="p", first_at="a", last_at="b", count=1)
            elif table == "received_message":
                tx.keep(table, "m-1", b"message", {"kind": "fhir"}, action="message.received")
            else:
                tx.record(f"{table}.made", table, "x-1", new={"status": "new", "batch_id": "B-1", "text": "é"})
    signatures.sign(records, "ada", PASSWORD, "administrator", "seen", "unit", "B-1/1", hashing=cheap)
    return records


def found(records, anchor=None):
    result = audit.verify(records.url, anchor)
    return result["verdict"], [(problem["code"], problem["where"]) for problem in result["problems"]]


def test_an_untouched_record_is_unanchored_without_an_anchor_and_ok_with_one(full):
    assert found(full) == ("UNANCHORED", [])
    made = full.checkpoint()
    assert found(full, made.paper) == ("OK", [])
    assert found(full, made.note) == ("OK", [])
    assert found(full, made.paper.lower().replace(" ", " - ")) == ("OK", [])


def test_events_after_the_anchor_are_named_as_not_covered(full, weigh):
    made = full.checkpoint()
    weigh(2)
    result = audit.verify(full.url, made.paper)
    assert (result["verdict"], result["unanchored"]) == ("OK", f"{made.size + 1}-{made.size + 1}")


def test_every_bound_table_has_a_row_to_tamper_with(full):
    assert all(full.all(table) for table in schema.BOUND)


ANY_ROW = (
    "state = replace(state, '\"', '\" ')",
    "state = NULLIF(state, '') || ' '",
    "version = version + 1",
    "last_event_seq = 1 + last_event_seq",
    "first_event_seq = first_event_seq + 1",
    "row_hash = 'x'",
)
MOST_SEARCHED = max(map(len, schema.BOUND.values()))
CHANGES = [dict.fromkeys(schema.BOUND, change) for change in ANY_ROW]
CHANGES += [
    {table: f"{members[place]} = 'forged'" for table, members in schema.BOUND.items() if place < len(members)}
    for place in range(MOST_SEARCHED)
]
CHANGES += [dict.fromkeys(schema.KEPT_BY_DIGEST, "bytes = x'00'")]
CHANGES += [
    dict.fromkeys(schema.KEPT_BY_COMMITMENT, change) for change in ("value = x'00'", "secret = NULL", "value = 'text'")
]


def kept_aside(full, raw):
    """Keep one row of every bound table aside; return its key by table."""
    keys = {table: next(iter(full.all(table))) for table in schema.BOUND}
    for table, key in keys.items():
        raw.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE key = '{key}'")
        raw.execute(f"CREATE TEMP TABLE other_{table} AS SELECT * FROM kept_{table}")
        raw.execute(f"UPDATE other_{table} SET key = 'zz'")
    return keys


def named(keys):
    return "STATE_MISMATCH", sorted(("STATE_MISMATCH", f"{table}/{key}") for table, key in keys.items())


def found_sorted(full):
    verdict, problems = found(full)
    return verdict, sorted(problems)


# Every table is changed at once: each verification must name all of them, each once, and nothing else.
def test_a_raw_update_of_a_row_of_every_bound_table_is_found_and_named(full, raw):
    keys = kept_aside(full, raw)
    for changes in CHANGES:
        raw.without_guards(*(f"UPDATE {table} SET {to} WHERE key = '{keys[table]}'" for table, to in changes.items()))
        assert found_sorted(full) == named({table: keys[table] for table in changes}), changes
        raw.without_guards(
            *(f"DELETE FROM {table} WHERE key = '{keys[table]}'" for table in changes),
            *(f"INSERT INTO {table} SELECT * FROM kept_{table}" for table in changes),
        )
    assert found(full) == ("UNANCHORED", [])


def test_a_row_removed_from_or_added_to_every_bound_table_is_found_and_named(full, raw):
    keys = kept_aside(full, raw)
    raw.without_guards(*(f"INSERT INTO {table} SELECT * FROM other_{table}" for table in keys))
    assert found_sorted(full) == named(dict.fromkeys(keys, "zz"))
    raw.without_guards(*(f"DELETE FROM {table} WHERE key IN ('zz', '{key}')" for table, key in keys.items()))
    assert found_sorted(full) == named(keys)


def test_a_row_changed_behind_the_record_is_found_even_after_a_lawful_change_over_it(full, raw, weigh):
    state = canonical_bytes({"batch_id": "B-1", "status": "accepted", "net_mg": "999.9"}).decode()
    raw.execute("UPDATE unit SET state = ? WHERE key = 'B-1/1'", (state,))
    seq = weigh(1, "301.2")
    result = audit.verify(full.url)
    assert result["verdict"] == "STATE_MISMATCH"
    assert f"At seq {seq}" in result["problems"][0]["reason"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            "UPDATE event SET payload = CAST(replace(CAST(payload AS TEXT), 'done', 'gone') AS BLOB) WHERE seq = 6",
            "seq 6",
        ),
        ("UPDATE event SET payload = 'x' WHERE seq = 6", "seq 6"),
        ("UPDATE event SET leaf_hash = x'00' WHERE seq = 6", "seq 6"),
        ("UPDATE event SET action = 'unit.blessed' WHERE seq = 6", "seq 6"),
        ("UPDATE event SET actor_id = 'u-0001' WHERE seq = 6", "seq 6"),
        ("UPDATE event SET ts_utc = '2020' WHERE seq = 6", "seq 6"),
        ("UPDATE event SET object_id = 'B-1/2' WHERE seq = 6", "seq 6"),
        ("DELETE FROM event WHERE seq = 6", "seq 6"),
        ("UPDATE event SET seq = -1 WHERE seq = 6", "seq 1"),
        ("UPDATE node SET hash = x'00' WHERE level = 2 AND place = 1", "node 2/1"),
        ("DELETE FROM node WHERE level = 1 AND place = 0", "node 1/0"),
        ("UPDATE head SET frontier = x'00'", "head"),
        ("UPDATE head SET last_at = '2020'", "head"),
        ("UPDATE head SET size = size - 1", "head"),
        ("DELETE FROM head", "head"),
        ("UPDATE checkpoint SET size = 1 WHERE id = 2", "checkpoint 2"),
        ("UPDATE checkpoint SET note = 'x' WHERE id = 1", "checkpoint 1"),
        ("UPDATE checkpoint SET note = replace(note, '— ', '- ') WHERE id = 1", "checkpoint 1"),
        ("DELETE FROM checkpoint WHERE id = 1", "checkpoint 1"),
    ],
)
def test_a_change_of_the_log_is_modified_and_located(full, raw, change, where):
    raw.without_guards(change)
    verdict, problems = found(full)
    assert verdict == "MODIFIED"
    assert problems[0] == ("MODIFIED", where)


def test_events_swapped_or_doubled_are_found(full, raw):
    raw.without_guards(
        "UPDATE event SET seq = -5 WHERE seq = 5",
        "UPDATE event SET seq = 5 WHERE seq = 6",
        "UPDATE event SET seq = 6 WHERE seq = -5",
    )
    assert found(full)[1][0] == ("MODIFIED", "seq 5")


def test_an_inserted_event_is_found(full, raw):
    size = full.head()[0]
    raw.without_guards(
        "CREATE TEMP TABLE again AS SELECT * FROM event ORDER BY seq DESC LIMIT 1",
        "UPDATE again SET seq = seq + 1",
        "INSERT INTO event SELECT * FROM again",
    )
    assert ("MODIFIED", f"seq {size + 1}") in found(full)[1]


def cut(raw, size, *, is_thorough):
    """Cut the tail; a thorough forger mends head, nodes, rows and checkpoints as well."""
    statements = [f"DELETE FROM event WHERE seq > {size}"]
    if is_thorough:
        statements += [
            f"DELETE FROM node WHERE (place + 1) << level > {size}",
            f"DELETE FROM checkpoint WHERE size > {size}",
        ]
        statements += [f"DELETE FROM unit WHERE first_event_seq > {size}"]
    raw.without_guards(*statements)
    if is_thorough:
        frontier = frontier_of(raw, size)
        last_at = raw.execute(f"SELECT ts_utc FROM event WHERE seq = {size}").fetchone()[0]
        raw.execute("UPDATE head SET size = ?, frontier = ?, last_at = ?", (size, frontier, last_at))


def frontier_of(raw, size):
    parts, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            query = (
                "SELECT hash FROM node WHERE level = ? AND place = ?"
                if level
                else "SELECT leaf_hash FROM event WHERE ? = 0 AND seq = ? + 1"
            )
            parts.append(raw.execute(query, (level, start >> level)).fetchone()[0])
            start += 1 << level
    return b"".join(parts)


def test_a_cut_tail_is_truncated(full, raw):
    cut(raw, full.head()[0] - 3, is_thorough=False)
    assert found(full)[0] == "TRUNCATED"


@pytest.mark.sqlite_file
def test_every_thorough_cut_before_an_anchor_is_truncated_and_without_one_never_ok(records, weigh, copied):
    anchors = {}
    for number in range(6):
        weigh(number)
        anchors[records.head()[0]] = records.checkpoint()
    for size in range(3, max(anchors)):
        url = copied(records, f"cut-{size}")
        copy = raw_database(url)
        cut(copy, size, is_thorough=True)
        copy.close()
        assert audit.verify(url)["verdict"] == "UNANCHORED"
        for anchor, made in anchors.items():
            both = audit.verify(url, [made.paper, made.note])
            assert both["verdict"] == ("TRUNCATED" if anchor > size else "OK")
            assert len(both["problems"]) == (2 if anchor > size else 0)


def test_a_whole_rewrite_signed_with_the_stolen_key_is_forked_from_its_anchor(
    records, weigh, context, operator, new_url, tmp_path
):
    weigh(1)
    weigh(2)
    made = records.checkpoint()
    other = tmp_path / "rewrite"
    other.mkdir()
    shutil.copy(tmp_path / "station-key.pem", other)
    with Store.open(new_url("other"), context, key_directory=other) as rewritten:
        for number in range(4):
            with rewritten.transaction(operator) as tx:
                tx.record("unit.weighed", "unit", f"B-1/{number}", new={"net_mg": "300.0"})
        assert found(rewritten) == ("UNANCHORED", [])
        assert found(rewritten, made.paper) == ("FORKED", [("FORKED", f"anchor {made.size}")])
        assert found(rewritten, made.note)[0] == "FORKED"


@pytest.mark.parametrize(("site", "key"), [("elsewhere", "own"), ("demo", "own")])
def test_another_database_is_replaced_by_its_origin_or_its_key(
    records, weigh, context, operator, new_url, tmp_path, site, key
):
    weigh(1)
    made = records.checkpoint()
    other = tmp_path / key
    with Store.open(new_url("other"), replace(context, site=site), key_directory=other) as store:
        for number in range(4):
            with store.transaction(operator) as tx:
                tx.record("unit.weighed", "unit", f"B-1/{number}", new={"net_mg": "300.0"})
        assert found(store, made.note)[0] == "REPLACED"


def test_a_checkpoint_by_a_key_outside_the_register_is_key_unknown(records, raw, context, new_url, tmp_path):
    other = tmp_path / "other"
    with Store.open(new_url("other"), context, key_directory=other) as store:
        note = store.checkpoint().note
    size = int(note.split("\n")[1])
    raw.execute("INSERT INTO checkpoint SELECT MAX(id) + 1, 1, ?, ? FROM checkpoint", (size, note))
    assert ("KEY_UNKNOWN", "checkpoint 2") in found(records)[1]


def test_a_note_with_a_forged_head_under_the_station_s_key_id_does_not_verify(records, raw, weigh):
    weigh(1)
    note = records.checkpoint().note.replace("\n3\n", "\n2\n")
    raw.execute("INSERT INTO checkpoint SELECT MAX(id) + 1, 1, 2, ? FROM checkpoint", (note,))
    assert found(records)[1][0] == ("MODIFIED", "checkpoint 3")


@pytest.mark.parametrize("change", ["epoch = 2", "site = 'x'", "origin = 'x'"])
def test_a_head_of_another_log_is_replaced(records, raw, change):
    raw.execute(f"UPDATE head SET {change}")
    assert found(records) == ("REPLACED", [("REPLACED", "head")])


def test_a_dropped_changed_or_added_trigger_is_found(records, raw):
    raw.execute("DROP TRIGGER event_never_update")
    raw.execute("CREATE TRIGGER node_extra BEFORE DELETE ON node BEGIN SELECT 1; END")
    assert found(records)[1] == [
        ("STATE_MISMATCH", "trigger event_never_update"),
        ("STATE_MISMATCH", "trigger node_extra"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM credential",
        "UPDATE credential SET hash = 'x'",
        "INSERT INTO credential VALUES ('u-9', 'm', 'x', 0, NULL, 0)",
    ],
)
def test_a_password_planted_behind_the_record_is_found(full, raw, change):
    raw.execute(change)
    verdict, problems = found(full)
    assert verdict == "STATE_MISMATCH"
    assert problems[0][1].startswith("credential/u-")


def test_a_signing_key_planted_behind_the_record_is_found(full, raw):
    raw.execute("UPDATE wrapped_key SET wrapped = 'x'")
    assert found(full)[1] == [("STATE_MISMATCH", "wrapped_key/u-0001")]


def test_failure_counters_may_change_without_an_event(full, raw):
    raw.execute("UPDATE credential SET failures = 2")
    assert found(full)[0] == "UNANCHORED"


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda state: state | {"meaning": "released"}, "STATE_MISMATCH"),
        (lambda state: state | {"public_key": "00" * 32}, "KEY_UNKNOWN"),
        (lambda state: {name: value for name, value in state.items() if name != "value"}, "STATE_MISMATCH"),
    ],
)
def test_a_signature_nobody_made_is_found_even_with_an_event_of_its_own(full, operator, forge, code):
    state = next(iter(full.all("signature").values()))
    with full.transaction(operator) as tx:
        tx.record("signature.made", "signature", "forged", new=forge(state))
    assert found(full) == (code, [(code, "signature/forged")])


def test_a_missing_table_is_told(full, raw):
    raw.execute("DROP TABLE unit")
    assert found(full)[1][0] == ("MODIFIED", "database file")


@pytest.mark.sqlite_file
def test_a_damaged_file_is_told(full, tmp_path):
    full.close()
    path = tmp_path / "record.sqlite"
    data = bytearray(path.read_bytes())
    page = 4096
    data[3 * page : 4 * page] = bytes(255 - byte for byte in data[3 * page : 4 * page])
    path.write_bytes(data)
    verdict, problems = found(full)
    assert verdict == "MODIFIED"
    assert ("MODIFIED", "database file") in problems


@pytest.mark.sqlite_file
def test_no_record_is_made_by_looking_for_one(tmp_path):
    with pytest.raises(PrintcareError, match="NO_RECORD"):
        audit.verify(f"sqlite:///{tmp_path}/none.sqlite")
    assert not list(tmp_path.iterdir())


@pytest.mark.sqlite_file
def test_another_program_s_database_is_not_judged(tmp_path):
    sqlite3.connect(tmp_path / "x.sqlite").execute("CREATE TABLE diary (day TEXT)").connection.close()
    with pytest.raises(PrintcareError, match="FOREIGN_DATABASE"):
        audit.verify(f"sqlite:///{tmp_path}/x.sqlite")


@pytest.mark.parametrize("anchor", ["", "twelve", "12 ABC", "origin\n1\n\n\n"])
def test_an_anchor_that_cannot_be_read_is_told(records, anchor):
    with pytest.raises(PrintcareError, match="ANCHOR_UNREADABLE"):
        audit.verify(records.url, anchor)


def test_the_readings_commit_to_their_bytes(full):
    assert full.get("reading_block", "r-1")["sha256"] == sha256(b"1,2\n").hexdigest()


@pytest.mark.sqlite_file
def test_an_index_that_hides_rows_is_told(full, raw):
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_master SET sql = replace(sql, '(status)', '(batch_id)') WHERE name = 'unit_by_status'")
    verdict, problems = found(full)
    assert verdict == "MODIFIED"
    assert problems[0] == ("MODIFIED", "database file")
