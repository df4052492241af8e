"""A sealed file opens with its passphrase, whole and unchanged, or not at all."""

import json

import pytest

from printcare.errors import PrintcareError
from printcare.records.sealing import CHUNK_BYTES, TAG_BYTES, is_sealed, seal, unseal

PASSPHRASE = "seven wet otters under a bridge"
CHEAP = 2


@pytest.fixture
def files(tmp_path):
    return tmp_path / "plain", tmp_path / "sealed", tmp_path / "opened"


def sealed_bytes(files, content):
    plain, sealed, _ = files
    plain.write_bytes(content)
    seal(plain, sealed, PASSPHRASE, cost=CHEAP)
    return sealed.read_bytes()


def code_of(call, *arguments, **named):
    with pytest.raises(PrintcareError) as refused:
        call(*arguments, **named)
    return refused.value.code


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_what_is_sealed_opens_to_the_same_bytes(files, size):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    sealed = sealed_bytes(files, content)
    unseal(files[1], files[2], PASSPHRASE)
    assert files[2].read_bytes() == content
    assert is_sealed(files[1])
    assert not is_sealed(files[0])
    assert size < 2 or content[:64] not in sealed
    assert files[1].stat().st_mode & 0o077 == 0


def test_two_seals_of_one_file_have_nothing_in_common(files, tmp_path):
    first = sealed_bytes(files, b"the same")
    seal(files[0], tmp_path / "second", PASSPHRASE, cost=CHEAP)
    second = (tmp_path / "second").read_bytes()
    told = [json.loads(each.split(b"\n", 1)[0]) for each in (first, second)]
    assert told[0]["salt"] != told[1]["salt"]
    assert first.split(b"\n", 1)[1] != second.split(b"\n", 1)[1]


def pieces(sealed):
    header, _, rest = sealed.partition(b"\n")
    size = CHUNK_BYTES + TAG_BYTES
    return header + b"\n", [rest[place : place + size] for place in range(0, len(rest), size)]


@pytest.mark.parametrize(
    "change",
    [
        lambda header, parts: header + b"".join(parts[:-1]),
        lambda header, parts: header + b"".join(parts)[:-1],
        lambda header, parts: header + parts[1] + parts[0] + parts[2],
        lambda header, parts: header + b"".join(parts) + parts[2],
        lambda header, parts: header + parts[0] + parts[2],
        lambda header, parts: header + parts[0][:-1] + bytes([parts[0][-1] ^ 1]) + parts[1] + parts[2],
        lambda header, parts: header.replace(b'"prefix": "', b'"prefix":"') + b"".join(parts),
        lambda header, parts: header.replace(b'"cost": 2,', b'"cost": 4,') + b"".join(parts),
        lambda header, parts: header,
    ],
    ids=["last piece gone", "last byte gone", "swapped", "repeated", "middle gone", "a bit", "header", "cost", "empty"],
)
def test_a_file_changed_anywhere_does_not_open_and_leaves_nothing(files, change):
    sealed = sealed_bytes(files, b"a" * (2 * CHUNK_BYTES + 5))
    files[1].write_bytes(change(*pieces(sealed)))
    assert code_of(unseal, files[1], files[2], PASSPHRASE) == "SEAL_BROKEN"
    assert not files[2].exists()


def test_another_passphrase_opens_nothing(files):
    sealed_bytes(files, b"secret")
    assert code_of(unseal, files[1], files[2], PASSPHRASE + " ") == "SEAL_BROKEN"
    assert not files[2].exists()


@pytest.mark.parametrize(
    "header",
    [
        b"SQLite format 3\x00",
        b"{}\n",
        b"[]\n",
        b'{"cost": 3, "format": "printcare-sealed-1", "prefix": "00000000000000", "salt": ""}\n',
        b'{"cost": 1073741824, "format": "printcare-sealed-1", "prefix": "00000000000000", "salt": ""}\n',
        b'{"cost": "2", "format": "printcare-sealed-1", "prefix": "00000000000000", "salt": ""}\n',
        b'{"cost": 2, "format": "printcare-sealed-1", "prefix": "00", "salt": ""}\n',
    ],
)
def test_what_is_no_sealed_file_is_told_before_any_memory_is_taken(files, header):
    files[1].write_bytes(header)
    assert code_of(unseal, files[1], files[2], PASSPHRASE) == "SEAL_BROKEN"


def test_a_short_passphrase_and_a_file_that_is_there_are_refused(files):
    sealed_bytes(files, b"x")
    assert code_of(seal, files[0], files[2], "short") == "PASSPHRASE_SHORT"
    assert code_of(seal, files[0], files[1], PASSPHRASE, cost=CHEAP) == "COPY_TARGET"
    assert code_of(unseal, files[1], files[0], PASSPHRASE) == "COPY_TARGET"
    assert files[0].read_bytes() == b"x"
