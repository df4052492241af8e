"""Mutated recordings into every parser for a stated time: `python fuzz_parsers.py [SECONDS] [SEED]`.

Lines of the recorded conversations are cut, joined, doubled, bit-flipped and mixed with noise. No parser may raise or
take longer than LIMIT_S for one chunk. Mutational, not coverage-guided.
"""

from __future__ import annotations

import random
import sys
import time
from decimal import Decimal
from pathlib import Path

from printcare.formats.profile import load_profile
from printcare.protocol.dialects import KLIPPER, REPRAPFIRMWARE, SMOOTHIEWARE
from printcare.protocol.marlin_device import MarlinReceiver
from printcare.protocol.marlin_host import MarlinHost
from printcare.protocol.modbus import ModbusReader, RegisterMap
from printcare.protocol.modbus_device import ModbusSlave
from printcare.protocol.mt_sics import MtSics
from printcare.protocol.mt_sics_device import MtSicsReceiver
from printcare.protocol.other_devices import KlipperReceiver, RrfReceiver, SmoothieReceiver
from printcare.protocol.plain_balance import FAMILIES, PlainBalance
from printcare.protocol.plain_balance_device import PlainReceiver
from printcare.protocol.ps1 import Ps1
from printcare.protocol.ps1_device import Ps1Receiver
from printcare.protocol.single_host import SingleHost

WIRE = Path(__file__).parents[1] / "wire"
LIMIT_S = 0.5
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
    made.receive(data, now)
    made.tick(now)
    made.outgoing(now)


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


PARSERS = {
    **{kind: (lambda kind=kind: host(kind), fed_host) for kind in ("marlin", "klipper", "rrf", "smoothie")},
    "mt-sics": (lambda: asked(MtSics(), "SI", 0.0), fed_instrument),
    **{
        f"balance {name}": (lambda name=name: asked(PlainBalance(name), 0.0, stable=False), fed_instrument)
        for name in FAMILIES
    },
    "modbus": (
        lambda: asked(ModbusReader(RegisterMap(1, 0, "float32", "big", Decimal(1), "mg"), "x"), 0.0),
        fed_instrument,
    ),
    "ps1": (opened_ps1, fed_instrument),
    "marlin device": (lambda: MarlinReceiver(128, 4, 95, emergency_parser=True), fed_device),
    "klipper device": (KlipperReceiver, fed_device),
    "rrf device": (lambda: RrfReceiver(256, 4), fed_device),
    "smoothie device": (lambda: SmoothieReceiver(256, 4), fed_device),
    "mt-sics device": (MtSicsReceiver, fed_device),
    "ps1 device": (Ps1Receiver, fed_device),
    "balance device": (lambda: PlainReceiver("and"), fed_device),
    "modbus device": (lambda: ModbusSlave(1, dict), fed_device),
}


def main(seconds: float, seed: int) -> None:
    rng, lines = random.Random(seed), corpus()
    for name, (make, feed) in PARSERS.items():
        end_s, chunks, made, now = time.monotonic() + seconds / len(PARSERS), 0, make(), 0.0
        while time.monotonic() < end_s:
            if chunks % 20 == 0:
                made, now = make(), 0.0
            data, began_s = mutated(rng, lines), time.monotonic()
            now += rng.random()
            feed(made, data, now)
            chunks += 1
            if time.monotonic() - began_s > LIMIT_S:
                raise SystemExit(f"{name} took too long for {data!r}")
        print(f"{name:16} {chunks:7} chunks without an exception", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
