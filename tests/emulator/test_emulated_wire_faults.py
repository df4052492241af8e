"""Every fault of the printer's wire does to lines and replies what its name says."""

from __future__ import annotations

import pytest
from emulated_work import Talker

from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.protocol.marlin_host import MarlinHost
from printcare.protocol.wire import Received


def test_a_lost_ok_is_lost_and_the_line_executed(profile):
    talker = Talker(Bench(profile, faults=["lost-ok@line:2"]))
    talker.say("G91")
    assert talker.raw(talker.frame("G1 X5 F6000"), limit_s=5.0) == []
    assert "X:5.00" in talker.say("M114")[0]


def test_a_doubled_ok_comes_twice(profile):
    talker = Talker(Bench(profile, faults=["double-ok@line:2"]))
    talker.say("G91")
    talker.bench.receive("printer", talker.frame("G90"))
    assert talker.run(0.1) == ["ok N2 P15 B3"] * 2


def test_a_dropped_line_raises_resend_at_the_next_number(profile):
    talker = Talker(Bench(profile, faults=["drop@line:1"]))
    assert talker.raw(talker.frame("G91"), limit_s=1.0) == []
    assert talker.raw(talker.frame("G90"))[1] == "Resend: 1"


@pytest.mark.parametrize("kind", ["corrupt", "truncate"])
def test_a_damaged_line_is_not_executed_as_sent(profile, kind):
    for seed in range(12):
        talker = Talker(Bench(profile, seed=seed, faults=[f"{kind}@line:1"]))
        lines = talker.raw(talker.frame("G1 X5 F6000"), limit_s=1.0)
        assert (
            any(line.startswith(("Resend: 1", "echo:Unknown")) for line in lines) or lines == [] or kind == "truncate"
        )
        assert "X:5.00" not in "".join(talker.raw(b"M114\n")) or any("Unknown" in line for line in lines)


def test_a_line_without_its_n_is_a_foreign_word(profile):
    talker = Talker(Bench(profile, faults=["lost-n@line:1"]))
    assert talker.raw(talker.frame("G91"))[0] == 'echo:Unknown command: "1 G91"'


def test_joined_lines_become_one_and_are_asked_for_again(profile):
    talker = Talker(Bench(profile, faults=["join-lines@line:1"]))
    both = talker.frame("G91") + talker.frame("G90")
    assert "Resend: 1" in talker.raw(both)


def test_a_stale_resend_asks_for_an_old_number(profile):
    talker = Talker(Bench(profile, faults=["stale-resend@line:5:3"]))
    talker.all("G91", "G90", "G91", "G90")
    talker.bench.receive("printer", talker.frame("G91"))
    assert talker.run(0.1) == ["Resend: 2", "ok", "ok N5 P15 B3"]


def test_a_resend_may_come_without_its_ok(profile):
    talker = Talker(Bench(profile, faults=["resend-no-ok@line:1"]))
    talker.bench.receive("printer", b"N1 G91*1\n")
    assert talker.run(0.1)[-1] == "Resend: 1"


def test_garbage_and_overflow_strike_their_line(profile):
    talker = Talker(Bench(profile, faults=["garbage@line:1", "rx-overflow@line:2:5"]))
    talker.bench.receive("printer", talker.frame("G91"))
    said = b"".join(data for _, data in talker.bench.advance(talker.bench.now_s + 0.1))
    assert len(said) > 64
    assert talker.bench.receive("printer", talker.frame("G90")) is None
    talker.run(0.1)
    assert [fault["kind"] for fault in talker.bench.truth()["faults"]] == ["garbage", "rx-overflow"]


def test_a_mute_printer_speaks_again_after_its_time(profile):
    talker = Talker(Bench(profile, faults=["mute@line:1:3"]))
    assert talker.raw(talker.frame("G91"), limit_s=2.0) == []
    talker.run(2.0)
    assert talker.say("G90") == ["ok N2 P15 B3"]


def test_latency_delays_and_clumps_replies(profile):
    talker = Talker(Bench(profile, faults=["latency@line:1:50"]))
    talker.say("G91")
    sent_s = talker.bench.now_s
    talker.say("G90")
    assert 0 < talker.bench.now_s - sent_s <= 0.05 + 1e-9


def test_an_unplugged_port_closes_and_comes_back_with_boot_text(profile):
    bench = Bench(profile, faults=["unplug@line:1:5"])
    talker = Talker(bench)
    bench.receive("printer", talker.frame("G91"))
    assert ("printer", b"") in bench.advance(bench.now_s + 0.1)
    assert bench.is_unplugged()
    said = bench.advance(bench.now_s + 10.0)
    assert ("printer", b"start\n") in said


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_real_host_brings_every_line_across_a_noisy_wire_once_and_in_order(profile, seed):
    bench = Bench(profile, seed=seed, faults=["corrupt@rate:0.02", "drop@rate:0.02", "lost-ok@rate:0.02"])
    ports = VirtualPorts(bench)
    host = MarlinHost(profile.link)
    host.open(ports.now())
    host.queue(["G91", *["G1 X0.1 F6000", "G1 X-0.1"] * 500, *["G1 X0.1"] * 10, "M400"])
    while not host.idle and host.ended is None and ports.now() < 600.0:
        ports.send("printer", host.outgoing(ports.now()))
        due_s = host.deadline()
        heard = ports.receive(max(0.0, (due_s or ports.now() + 1.0) - ports.now()) + 1e-6)
        if isinstance(heard, Received):
            host.receive(heard.data, ports.now())
        host.tick(ports.now())
    assert host.ended is None
    assert bench.printer.counted_steps()[0] == 80
    assert {kind for _, kind, _ in bench.noted} == {"corrupt", "drop", "lost-ok"}
