"""Coverage-guided fuzzing of every parser for a stated time: `python fuzz_parsers.py [SECONDS] [SEED] [PARSER]`.

An input is a conversation of up to 20 chunks, played to a fresh parser. One that reaches a new branch of our protocol
room joins the pool that the next are made from, and is kept in `seeds/`, which a test of the suite plays. Lines of the
recorded conversations are cut, joined, doubled, bit-flipped and mixed with noise. No parser may raise or take longer
than LIMIT_S for one chunk, and no host may count a line as taken before an ok or a Resend was heard.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import time
from decimal import Decimal
from pathlib import Path

from printcare.formats.profile import load_profile
from printcare.protocol.dialects import KLIPPER, REPRAPFIRMWARE, SMOOTHIEWARE
from printcare.protocol.marlin_device import MarlinReceiver
from printcare.protocol.marlin_events import Accepted
from printcare.protocol.marlin_host import MarlinHost
from printcare.protocol.modbus import ModbusReader, closed, request
from printcare.protocol.modbus_device import ModbusSlave
from printcare.protocol.mt_sics import MtSics
from printcare.protocol.mt_sics_device import MtSicsReceiver
from printcare.protocol.other_devices import KlipperReceiver, RrfReceiver, SmoothieReceiver
from printcare.protocol.plain_balance import FAMILIES, PlainBalance
from printcare.protocol.plain_balance_device import PlainReceiver
from printcare.protocol.ps1 import Ps1
from printcare.protocol.ps1_device import Ps1Receiver
from printcare.protocol.register_map import RegisterMap, StatusBit
from printcare.protocol.settings import settings_in
from printcare.protocol.single_host import SingleHost
from printcare.protocol.spectrometer import Sp1
from printcare.protocol.spectrometer_device import Sp1Receiver, identity_line

WIRE = Path(__file__).parents[1] / "wire"
SEEDS = Path(__file__).with_name("seeds")
ROOM = str(Path("printcare") / "protocol")
LIMIT_S = 0.5
CHUNKS = 20
PROGRESS = re.compile(rb"ok|Resend|rs")
LINK = load_profile("marlin-syringe").link
EXTRA = [
    b"S S     100.00 g",
    b"S D 1 mg",
    b"ST,+00123.45  g",
    b"+   1.2557 g  ",
    b"SI ?       18.5 kg ",
    b"    192.21 g     ?",
]
EXTRA += [
    b"P 123456 101.32 OK 6C",
    b"#PS1 v1 kPa 0-1000 sn=1",
    bytes.fromhex("01030442f6e6660000"),
    b"B 1 sample 20",
    b"D 0 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0 10.0 11.0 12.0 13.0 14.0 15.0 16.0",
    b"D 16 1.0 2.0 3.0 4.0",
    b". 1 3A5F",
    b"M sample",
    b"I 20.0",
    b"Steps/mm: X: 80.000, Y: 80.000, E: 800.000:410.500",
    closed(bytes((1, 3, 6, 0x42, 0xF6, 0xE6, 0x66, 0, 1))),
    closed(bytes((1, 0x83, 2))),
    closed(bytes((1, 43, 14, 1, 1, 0, 0, 1, 0, 3)) + b"ABC"),
    request(1, 3, 0, 3),
    closed(bytes((1, 43, 14, 1, 0))),
    b"rs N12",
    b"!!",
    b"ok T:0",
]


def corpus() -> list[bytes]:
    lines = [line[15:] for path in WIRE.rglob("*.txt") for line in path.read_bytes().splitlines()]
    return sorted(set(lines)) + EXTRA


def mutated(rng: random.Random, lines: list[bytes]) -> bytes:
    data = bytearray(b"\n".join(rng.choice(lines) for _ in range(rng.randrange(1, 5))) + b"\n")
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        act = rng.randrange(5)
        if act == 0:
            data[at:at] = rng.randbytes(rng.randrange(9))
        elif act == 1:
            del data[at : at + rng.randrange(9)]
        elif act == 2 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif act == 3:
            data[at:at] = data[max(0, at - 20) : at]
        else:
            data[at:at] = b"9" * rng.choice([1, 30, 5000])
    return bytes(data)


def host(kind: str):
    dialect = {"klipper": KLIPPER, "rrf": REPRAPFIRMWARE, "smoothie": SMOOTHIEWARE}.get(kind)
    made = MarlinHost(LINK) if dialect is None else SingleHost(LINK, dialect)
    made.open_at_once(0.0)
    made.queue([f"G1 X{index} E{index}" for index in range(50)])
    return made


def fed_host(made, data: bytes, now: float) -> None:
    made.heard = getattr(made, "heard", b"") + data
    events = [*made.receive(data, now), *made.tick(now)]
    made.outgoing(now)
    if any(isinstance(event, Accepted) for event in events) and not PROGRESS.search(made.heard):
        raise SystemExit(f"taken for progress: {made.heard!r}")


def fed_instrument(made, data: bytes, now: float) -> None:
    made.receive(data, now)
    made.tick(now)
    made.outgoing()


def fed_device(made, data: bytes, _now: float) -> None:
    made.receive(data)
    if hasattr(made, "queue"):
        made.queue.clear()


def asked(made, *arguments, **named):
    made.ask(*arguments, **named)
    return made


def opened_ps1() -> Ps1:
    made = Ps1()
    made.open(0.0)
    return made


def named(made):
    made.ask_identity(0.0)
    return made


def opened_sp1() -> Sp1:
    made = Sp1()
    made.ask_identity(0.0)
    made.receive(WHO.encode() + b"\n", 0.0)
    made.measure("sample", 0.0)
    return made


def fed_settings(_made, data: bytes, _now: float) -> None:
    for line in data.split(b"\n"):
        settings_in(line.decode("latin-1"))


MAP = RegisterMap(1, 0, "float32", "big", Decimal(1), "mg", stable=StatusBit(2, 0), troubles=(StatusBit(2, 1, "over"),))
WHO = identity_line("NIR", 20, "SP1", "")

PARSERS = {
    **{kind: (lambda kind=kind: host(kind), fed_host) for kind in ("marlin", "klipper", "rrf", "smoothie")},
    "mt-sics": (lambda: asked(MtSics(), "SI", 0.0), fed_instrument),
    **{
        f"balance {name}": (lambda name=name: asked(PlainBalance(name), 0.0, stable=False), fed_instrument)
        for name in FAMILIES
    },
    "modbus": (lambda: asked(ModbusReader(MAP, "x"), 0.0), fed_instrument),
    "modbus identity": (lambda: named(ModbusReader(MAP, "x")), fed_instrument),
    "spectrometer": (opened_sp1, fed_instrument),
    "settings": (lambda: None, fed_settings),
    "ps1": (opened_ps1, fed_instrument),
    "marlin device": (lambda: MarlinReceiver(128, 4, 95, emergency_parser=True), fed_device),
    "klipper device": (KlipperReceiver, fed_device),
    "rrf device": (lambda: RrfReceiver(256, 4), fed_device),
    "smoothie device": (lambda: SmoothieReceiver(256, 4), fed_device),
    "mt-sics device": (MtSicsReceiver, fed_device),
    "ps1 device": (Ps1Receiver, fed_device),
    "balance device": (lambda: PlainReceiver("and"), fed_device),
    "modbus device": (lambda: ModbusSlave(1, lambda: dict.fromkeys(range(8), 7), ("A", "B")), fed_device),
    "spectrometer device": (lambda: Sp1Receiver(WHO, 20, lambda kind, ms: [ms] * 20), fed_device),
}


def play(name: str, chunks: list[bytes]) -> None:
    """Play a conversation to a fresh parser; raises what the parser raises, or SystemExit when it takes too long."""
    make, feed = PARSERS[name]
    made = make()
    for index, data in enumerate(chunks):
        began_s = time.process_time()  # not of the wall: a loaded machine is no hang
        feed(made, data, index * 0.3)
        if time.process_time() - began_s > LIMIT_S:
            raise SystemExit(f"{name} took too long for {data!r}")


def reached(name: str, chunks: list[bytes]) -> set[tuple[str, int, int]]:
    """Play a conversation and return every step from line to line it took in our protocol room."""
    steps: set[tuple[str, int, int]] = set()

    def enter(frame, _event, _argument):
        if ROOM not in frame.f_code.co_filename:
            return None
        before, file = [frame.f_lineno], frame.f_code.co_filename

        def step(inner, _event, _argument):
            steps.add((file, before[0], inner.f_lineno))
            before[0] = inner.f_lineno
            return step

        return step

    sys.settrace(enter)
    try:
        play(name, chunks)
    finally:
        sys.settrace(None)
    return steps


def kept(name: str) -> list[list[bytes]]:
    """Return the conversations earlier runs kept for a parser."""
    file = SEEDS / f"{name.replace(' ', '-').replace('&', 'and')}.jsonl"
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return [[bytes.fromhex(chunk) for chunk in json.loads(line)] for line in lines]


def keep(name: str, pool: list[list[bytes]]) -> None:
    """Write a parser's pool, smallest first."""
    SEEDS.mkdir(exist_ok=True)
    rows = sorted({json.dumps([chunk.hex() for chunk in chunks]) for chunks in pool}, key=lambda row: (len(row), row))
    file = SEEDS / f"{name.replace(' ', '-').replace('&', 'and')}.jsonl"
    file.write_text("".join(f"{row}\n" for row in rows), "ascii")


def changed(rng: random.Random, chunks: list[bytes], lines: list[bytes]) -> list[bytes]:
    """Return a conversation made of another one: a chunk more, less or changed."""
    made, act = list(chunks), rng.randrange(4)
    if act == 0 or not made:
        made.insert(rng.randrange(len(made) + 1), mutated(rng, lines))
    elif act == 1:
        del made[rng.randrange(len(made))]
    else:
        at = rng.randrange(len(made))
        made[at] = mutated(rng, [*made[at].split(b"\n"), rng.choice(lines)])
    return made[:CHUNKS]


def main(seconds: float, seed: int, only: str = "") -> None:
    lines = corpus()
    names = [name for name in PARSERS if only in ("", name)]
    for name in names:
        rng = random.Random(f"{seed} {name}")
        end_s, tried, seen = time.monotonic() + seconds / len(names), 0, set()
        pool = kept(name)
        for chunks in pool:
            seen |= reached(name, chunks)
        while time.monotonic() < end_s:
            base = rng.choice(pool) if pool and rng.random() < 0.8 else []
            chunks = changed(rng, base, lines)
            new = reached(name, chunks) - seen
            tried += 1
            if new and sum(map(len, chunks)) < 4000:
                seen |= new
                pool.append(chunks)
        keep(name, pool)
        digest = hashlib.sha256(repr(pool).encode()).hexdigest()[:8]
        print(
            f"{name:20} {tried:7} conversations, {len(seen):5} steps reached, {len(pool):4} kept, pool {digest}",
            flush=True,
        )


if __name__ == "__main__":
    words = sys.argv[1:]
    main(float(words[0]) if words else 60.0, int(words[1]) if words[1:] else 1, words[2] if words[2:] else "")
