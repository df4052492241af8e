"""The window's end of the endpoint."""

import pytest

from printcare.ui.bridge import Bridge


@pytest.fixture
def bridge(job):
    made = Bridge(job.path)
    made.seen = []
    made.received.connect(lambda name, told, seq: made.seen.append((seq, name, told)))
    yield made
    made.detach()


def _attach(qtbot, bridge):
    with qtbot.waitSignal(bridge.attached, timeout=5000):
        bridge.attach()


def test_what_happened_before_is_replayed_in_order(qtbot, bridge, job):
    job.tell("PhaseBegan", phase="heat")
    job.tell("UnitBegan", index=1)
    _attach(qtbot, bridge)
    qtbot.waitUntil(lambda: len(bridge.seen) == 2)
    assert [name for _, name, _ in bridge.seen] == ["PhaseBegan", "UnitBegan"]


def test_after_a_broken_line_it_asks_for_what_comes_after_the_last_event_seen(qtbot, bridge, job):
    job.tell("PhaseBegan", phase="heat")
    _attach(qtbot, bridge)
    qtbot.waitUntil(lambda: bridge.last_seq == 1)
    with qtbot.waitSignals([bridge.lost, bridge.attached], timeout=5000):
        job.drop()
    job.tell("UnitBegan", index=1)
    qtbot.waitUntil(lambda: bridge.last_seq == 2)
    assert [line["from"] for line in job.heard] == [0, 1]
    assert [seq for seq, _, _ in bridge.seen] == [1, 2]


def test_a_second_attachment_is_told_as_one(qtbot, bridge, job):
    _attach(qtbot, bridge)
    qtbot.waitUntil(lambda: bool(job.clients))
    with qtbot.waitSignal(bridge.attached, timeout=5000) as again:
        job.drop()
    assert again.args == [True]


def test_an_event_seen_before_is_dropped(qtbot, bridge, job):
    _attach(qtbot, bridge)
    job.tell("PhaseBegan", phase="heat")
    qtbot.waitUntil(lambda: bridge.last_seq == 1 or (bool(job.clients) and bridge.last_seq == 1))
    job.answer(seq=1, event="PhaseBegan", data={"phase": "heat"})
    job.tell("UnitBegan", index=1)
    qtbot.waitUntil(lambda: bridge.last_seq == 2)
    assert [seq for seq, _, _ in bridge.seen] == [1, 2]


def test_a_stop_asked_for_while_the_line_is_down_goes_out_when_it_is_back(qtbot, bridge, job):
    assert not bridge.command("stop", "u-0004", "asked")
    _attach(qtbot, bridge)
    qtbot.waitUntil(lambda: job.commands == ["stop"])
    assert job.heard[-1] == {"command": "stop", "user": "u-0004", "reason": "asked"}


def test_a_resume_never_waits(qtbot, bridge, job):
    assert not bridge.command("resume", "u-0004", "asked")
    _attach(qtbot, bridge)
    bridge.command("hold", "u-0004", "asked")
    qtbot.waitUntil(lambda: bool(job.commands))
    assert job.commands == ["hold"]


def test_a_refused_command_is_told_and_no_event(qtbot, bridge, job):
    _attach(qtbot, bridge)
    qtbot.waitUntil(lambda: bool(job.clients))
    with qtbot.waitSignal(bridge.refused, timeout=5000) as refused:
        job.answer(seq=0, event="Refused", data={"code": "E_ROLE", "reason": "no", "remedy": "ask"})
    assert refused.args[0]["code"] == "E_ROLE"
    assert bridge.seen == []


@pytest.mark.parametrize("line", [b"not JSON\n", b"[1]\n", b'{"seq": "x"}\n', b'{"event": "UnitEnded"}\n'])
def test_what_is_no_message_ends_the_attachment_and_is_told(qtbot, bridge, job, line):
    _attach(qtbot, bridge)
    qtbot.waitUntil(lambda: bool(job.clients))
    with qtbot.waitSignal(bridge.broken, timeout=5000):
        job.say(line)


def test_after_the_end_it_does_not_come_back(qtbot, bridge, job):
    _attach(qtbot, bridge)
    job.tell("JobEnded", outcome="completed", reason="")
    qtbot.waitUntil(lambda: bridge.is_over)
    with qtbot.assertNotEmitted(bridge.lost, wait=50):
        job.drop()
