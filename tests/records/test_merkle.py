"""RFC 6962's tree against the reference's known answers and against the RFC's own recursive text (T1)."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.records import merkle

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = """
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()
MOST = 300

HASHES = [merkle.leaf_hash(str(number).encode()) for number in range(MOST)]
STORED = merkle.levels(HASHES)


def fetch(level, index):
    return STORED[level][index]


_known = {}


def mth(start, end):
    """MTH of RFC 6962 §2.1, word for word, remembered."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return HASHES[start]
    if (start, end) not in _known:
        k = split(end - start)
        _known[start, end] = sha256(b"\x01" + mth(start, start + k) + mth(start + k, end)).digest()
    return _known[start, end]


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m, start, end):
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if end - start == 1:
        return []
    k = split(end - start)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m, start, end, *, is_whole):
    """SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2."""
    if m == end - start:
        return [] if is_whole else [mth(start, end)]
    k = split(end - start)
    if m <= k:
        return [*subproof(m, start, start + k, is_whole=is_whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, is_whole=False), mth(start, start + k)]


def test_the_nine_known_roots():
    frontier, roots = [], [merkle.root([])]
    for size, leaf in enumerate(LEAVES):
        frontier, _ = merkle.append(size, frontier, merkle.leaf_hash(bytes.fromhex(leaf)))
        roots.append(merkle.root(frontier))
    assert [root.hex() for root in roots] == ROOTS


def test_appending_completes_exactly_the_nodes_of_the_tree():
    frontier, completed = [], {}
    for size, leaf in enumerate(HASHES):
        frontier, nodes = merkle.append(size, frontier, leaf)
        completed |= {(level, index): value for level, index, value in nodes}
        assert merkle.root(frontier) == mth(0, size + 1)
        assert merkle.frontier_at(size + 1, fetch) == frontier
    levels = enumerate(STORED[1:], start=1)
    assert completed == {(level, index): value for level, row in levels for index, value in enumerate(row)}


def test_every_inclusion_proof_is_the_rfc_s_and_verifies():
    for size in range(1, MOST + 1):
        head = mth(0, size)
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, fetch)
            assert proof == path(index, 0, size)
            assert merkle.includes(HASHES[index], index, size, proof, head)


def test_every_consistency_proof_is_the_rfc_s_and_verifies():
    for size in range(1, MOST + 1):
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, fetch)
            assert proof == subproof(old, 0, size, is_whole=True)
            assert merkle.extends(old, mth(0, old), size, mth(0, size), proof)


def spoilt(proof):
    yield [*proof, proof[0]]
    yield [*proof, bytes(32)]
    yield proof[:-1]
    yield proof[1:]
    yield []
    yield [bytes(31), *proof[1:]]
    yield [bytes(32), *proof[1:]]
    if len(set(proof[:2])) == 2:
        yield [proof[1], proof[0], *proof[2:]]


@given(st.integers(2, MOST), st.data())
def test_a_malformed_inclusion_proof_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, head = path(index, 0, size), mth(0, size)
    for wrong in spoilt(proof):
        assert not merkle.includes(HASHES[index], index, size, wrong, head)
    assert not merkle.includes(HASHES[index - 1], index, size, proof, head)
    assert not merkle.includes(HASHES[index], size, size, proof, head)
    assert not merkle.includes(HASHES[index], -1, size, proof, head)


@given(st.integers(2, MOST), st.data())
def test_a_malformed_consistency_proof_is_refused(size, data):
    old = data.draw(st.integers(1, size - 1))
    proof, before, head = subproof(old, 0, size, is_whole=True), mth(0, old), mth(0, size)
    for wrong in spoilt(proof):
        assert not merkle.extends(old, before, size, head, wrong)
    assert not merkle.extends(old, head, size, head, proof)
    assert not merkle.extends(old, before, size, before, proof)
    assert not merkle.extends(0, before, size, head, proof)
    assert not merkle.extends(size + 1, before, size, head, proof)


def test_a_proof_between_equal_sizes_is_empty():
    assert merkle.extends(5, mth(0, 5), 5, mth(0, 5), [])
    assert not merkle.extends(5, mth(0, 5), 5, mth(0, 4), [])
    assert not merkle.extends(5, mth(0, 5), 5, mth(0, 5), [mth(0, 1)])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 3)])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, fetch)


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3)])
def test_no_proof_is_made_between_sizes_that_do_not_follow(old, size):
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_proof(old, size, fetch)
