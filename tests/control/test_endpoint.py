"""The endpoint of a running job: replay from a number, commands in, and a job that never waits for a window."""

from __future__ import annotations

import json
import queue
import socket
import stat

import pytest

from printcare.control import endpoint as module
from printcare.control.endpoint import Endpoint
from printcare.control.events import Noted, Phase, PhaseBegan, Progress, ReadingBlock
from printcare.domain.checks import error
from printcare.errors import PrintcareError

LIMIT_S = 10.0


class Window:
    """A client as the window is one."""

    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(LIMIT_S)
        self.link.connect(str(path))
        self.lines = self.link.makefile("rb")

    def say(self, **message):
        """Send one message."""
        self.link.sendall(json.dumps(message).encode() + b"\n")

    def hear(self):
        """Return the next message, or None at the end."""
        return json.loads(self.lines.readline() or b"null")

    def close(self):
        """Go away."""
        self.lines.close()
        self.link.close()


class Served:
    """An endpoint with its inbox, a clock the test moves, and windows that are closed at the end."""

    def __init__(self, folder, **options):
        self.path = folder / "private" / "job.sock"
        self.inbox = queue.SimpleQueue()
        self.now_s = 0.0
        self.step_s = 0.0  # how far the clock goes at each look
        self.refused = None
        self.windows = []
        self.judged = []
        self.endpoint = Endpoint(self.path, self.inbox.put, self.admit, self.judge, self.clock, **options)

    def admit(self, user, ticket):
        """Admit whoever shows the one ticket there is."""
        return None if ticket == f"ticket of {user}" else error("ENDPOINT_TICKET", "no", "sign in")

    def judge(self, command, is_present):
        """Note who asks, and refuse what the test wants refused."""
        self.judged.append((command.name, command.user_id, is_present))
        return self.refused

    def clock(self):
        """Return the time, and let it pass."""
        self.now_s += self.step_s
        return self.now_s

    def window(self, seen=None):
        """Attach a window, which says what it saw."""
        self.windows.append(Window(self.path))
        if seen is not None:
            self.windows[-1].say(**{"from": seen})
        return self.windows[-1]

    def command(self):
        """Return the next command the job would get."""
        return self.inbox.get(timeout=LIMIT_S)


@pytest.fixture
def served(tmp_path):
    made = Served(tmp_path)
    yield made
    for window in made.windows:
        window.close()
    made.endpoint.close()


def refuse_nobody(*_):
    return None


def noted(text):
    return Noted("command", text, None)


def test_a_window_gets_everything_from_the_number_it_saw(served):
    for text in ("one", "two", "three"):
        served.endpoint.publish(noted(text))
    window = served.window(seen=1)
    served.endpoint.publish(noted("four"))
    heard = [window.hear() for _ in range(3)]
    assert [(told["seq"], told["event"], told["data"]["text"]) for told in heard] == [
        (2, "Noted", "two"),
        (3, "Noted", "three"),
        (4, "Noted", "four"),
    ]


def test_a_window_that_comes_back_reads_on_where_it_was(served):
    served.endpoint.publish(PhaseBegan(Phase.HEAT))
    first = served.window(seen=0)
    assert first.hear() == {"seq": 1, "event": "PhaseBegan", "data": {"phase": "heat"}}
    first.close()
    served.endpoint.publish(PhaseBegan(Phase.SOAK))
    assert served.window(seen=1).hear() == {"seq": 2, "event": "PhaseBegan", "data": {"phase": "soak"}}


def test_several_windows_see_the_same(served):
    windows = [served.window(seen=0) for _ in range(3)]
    served.endpoint.publish(noted("all"))
    assert {window.hear()["data"]["text"] for window in windows} == {"all"}


def test_of_progress_only_the_latest_is_replayed(served):
    for done in (0.1, 0.2, 0.3):
        served.endpoint.publish(Progress(Phase.PRINT, done, 1.0))
    served.endpoint.publish(noted("after"))
    window = served.window(seen=0)
    assert [window.hear()["seq"] for _ in range(2)] == [3, 4]


def test_a_reading_block_is_told_with_its_readings_as_texts(served):
    served.endpoint.publish(ReadingBlock("pressure", "kpa", 1, ((0.0, 1.0, "OK"), (0.1, 1.1, "OK"))))
    assert served.window(seen=0).hear()["data"]["rows"] == [["0", "1", "OK"], ["0.1", "1.1", "OK"]]


def signed_in(served, user="u-0003"):
    window = served.window()
    window.say(sign_in=user, ticket=f"ticket of {user}")
    assert window.hear() == {"seq": 0, "event": "SignedIn", "data": {"user": user}}
    return window


@pytest.mark.parametrize("name", ["resume", "acknowledge", "shelve", "placed"])
def test_a_person_s_command_reaches_the_job_s_inbox(served, name):
    window = signed_in(served)
    window.say(command=name, user="u-0003", reason="lunch")
    command = served.command()
    assert (command.name, command.user_id, command.reason) == (name, "u-0003", "lunch")
    assert served.judged == [(name, "u-0003", True)]
    assert window.hear() == {"seq": 0, "event": "Taken", "data": {"command": name, "user": "u-0003"}}


def test_a_ticket_of_nobody_signs_in_nobody(served):
    window = signed_in(served)
    window.say(sign_in="u-0004", ticket="guessed")
    assert window.hear()["data"]["code"] == "ENDPOINT_TICKET"
    window.say(command="resume", user="u-0003")
    served.command()
    assert served.judged == [("resume", "u-0003", False)]  # a sign-in that failed ends the one before it


def test_a_command_in_another_s_name_is_judged_as_one_of_who_is_not_here(served):
    signed_in(served).say(command="resume", user="u-0009")
    served.command()
    assert served.judged == [("resume", "u-0009", False)]


def test_who_signs_out_speaks_for_nobody(served):
    window = signed_in(served)
    window.say(sign_in="")
    assert window.hear()["data"] == {"user": ""}
    window.say(command="resume", user="u-0003")
    served.command()
    assert served.judged == [("resume", "u-0003", False)]


@pytest.mark.parametrize("name", ["hold", "stop"])
def test_whoever_is_signed_in_makes_it_safe_and_nobody_is_asked_whether_they_may(served, name):
    served.refused = error("NOT_PERMITTED", "no", "ask")
    window = signed_in(served)
    window.say(command=name, user="u-0003", reason="smoke")
    assert (served.command().user_id, served.judged) == ("u-0003", [])
    assert window.hear() == {"seq": 0, "event": "Taken", "data": {"command": name, "user": "u-0003"}}


@pytest.mark.parametrize("name", ["hold", "stop"])
@pytest.mark.parametrize("user", ["", "u-0003"])
def test_whoever_stands_there_may_make_it_safe_and_under_nobody_s_name(served, name, user):
    served.window().say(command=name, user=user, reason="smoke")
    assert served.command().user_id == module.UNSIGNED


def test_one_link_s_sign_in_is_not_another_s(served):
    signed_in(served)
    served.window().say(command="resume", user="u-0003")
    served.command()
    assert served.judged == [("resume", "u-0003", False)]


def test_a_command_the_judge_refuses_is_answered_and_goes_no_further(served):
    served.refused = error("NOT_PERMITTED", "no", "ask")
    window = served.window()
    window.say(command="resume", user="u-0009")
    assert window.hear()["data"]["code"] == "NOT_PERMITTED"
    assert served.inbox.empty()


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"\xff\xfe",
        b"[1]",
        b'{"from": -1}',
        b'{"from": true}',
        b'{"from": "1"}',
        b'{"command": "print", "user": "u"}',
        b'{"command": "resume"}',
        b'{"sign_in": 3}',
        b'{"sign_in": "u", "ticket": 3}',
        b'{"command": "stop", "user": "system"}',
        b'{"command": "resume", "user": ""}',
        b'{"command": "stop", "user": 3}',
        b'{"command": "stop", "user": "u", "reason": 1}',
    ],
)
def test_what_is_no_message_is_refused_in_words(served, line):
    window = served.window()
    window.link.sendall(line + b"\n")
    assert window.hear()["data"]["code"] == "ENDPOINT_MESSAGE"
    assert served.inbox.empty()


def test_a_line_without_end_costs_the_client_its_link_and_nobody_else(served):
    other = served.window(seen=0)
    window = served.window()
    window.link.sendall(b"x" * (2 * module.LINE_BYTES))
    assert window.lines.readline() == b""
    served.endpoint.publish(noted("still here"))
    assert other.hear()["data"]["text"] == "still here"


def test_a_client_that_talks_and_never_listens_is_cut_off(served):
    window = served.window()
    is_cut = False
    while not is_cut:
        try:
            window.link.sendall(b"?\n" * 1000)
        except (BrokenPipeError, ConnectionResetError):
            is_cut = True
    assert served.inbox.empty()


def test_a_window_that_never_reads_delays_neither_the_job_nor_another_window(served):
    served.window(seen=0)
    text = "x" * 10_000
    for _ in range(200):  # two megabytes: far more than a socket takes
        served.endpoint.publish(noted(text))
    other = served.window(seen=199)
    assert other.hear()["seq"] == 200


def test_a_slow_window_gets_every_event_in_order(served):
    slow = served.window(seen=0)
    for number in range(300):
        served.endpoint.publish(noted(f"{number} " + "x" * 5000))
    assert [slow.hear()["seq"] for _ in range(300)] == list(range(1, 301))


def test_a_lost_window_holds_the_job_after_five_seconds(served, monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    window = served.window(seen=0)
    served.endpoint.publish(noted("seen"))
    window.hear()
    window.close()
    served.step_s = 1.0
    command = served.command()
    assert (command.name, command.user_id, command.reason) == ("hold", "system", "window lost")


def test_a_job_nobody_ever_watched_is_not_held(served):
    served.window().close()
    served.now_s = 1000.0
    window = served.window(seen=0)
    served.endpoint.publish(noted("x"))
    window.hear()
    assert served.inbox.empty()


def test_a_policy_of_unattended_units_lets_a_lost_window_be(tmp_path):
    made = Served(tmp_path, holds_when_lost=False)
    window = made.window(seen=0)
    made.endpoint.publish(noted("seen"))
    window.hear()
    window.close()
    made.step_s = module.WINDOW_LOST_S + 1
    for _ in range(3):  # three turns of the endpoint, each longer than the limit
        other = made.window()
        other.say(command="resume", user="u-1")
        assert made.command().name == "resume"
        other.close()
    assert made.inbox.empty()
    made.endpoint.close()


def test_the_last_event_is_given_before_the_endpoint_closes(served):
    window = served.window(seen=0)
    served.endpoint.publish(noted("first"))
    window.hear()
    served.endpoint.publish(noted("the end"))
    served.endpoint.close()
    assert window.hear()["data"]["text"] == "the end"
    assert window.hear() is None
    assert not served.path.exists()


def test_closing_does_not_wait_for_a_window_that_does_not_read(served):
    window = served.window(seen=0)
    served.endpoint.publish(noted("x"))
    window.hear()
    served.endpoint.publish(noted("x" * 5_000_000))
    served.step_s = 0.5
    served.endpoint.close()
    assert not served.path.exists()


def test_the_socket_is_this_user_s_alone(served):
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.path.parent.stat().st_mode) == 0o700


def test_another_user_s_process_is_turned_away(served, monkeypatch):
    monkeypatch.setattr(module, "_is_of_this_user", lambda _: False)
    assert served.window().lines.readline() == b""


def test_the_file_of_a_dead_job_is_replaced_and_a_living_job_is_not(tmp_path, served):
    with pytest.raises(PrintcareError) as refused:
        Endpoint(served.path, served.inbox.put, refuse_nobody, refuse_nobody, lambda: 0.0)
    assert refused.value.code == "ENDPOINT_IN_USE"
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(served.path.parent / "dead.sock"))
    dead.close()
    Endpoint(served.path.parent / "dead.sock", served.inbox.put, refuse_nobody, refuse_nobody, lambda: 0.0).close()


def test_a_folder_open_to_others_is_refused(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(PrintcareError, match="ENDPOINT_PATH"):
        Endpoint(folder / "job.sock", print, refuse_nobody, refuse_nobody, lambda: 0.0)


def test_a_path_too_long_for_a_socket_is_refused_in_words(tmp_path):
    folder = tmp_path / ("d" * 120)
    with pytest.raises(PrintcareError, match="ENDPOINT_PATH"):
        Endpoint(folder / "job.sock", print, refuse_nobody, refuse_nobody, lambda: 0.0)


def test_a_system_without_socket_files_says_so(tmp_path, monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(PrintcareError, match="ENDPOINT_UNSUPPORTED"):
        Endpoint(tmp_path / "x", print, refuse_nobody, refuse_nobody, lambda: 0.0)


def test_where_the_other_end_cannot_be_asked_the_file_s_mode_must_do(monkeypatch):
    monkeypatch.delattr(socket, "SO_PEERCRED")
    left, right = socket.socketpair()
    with left, right:
        assert module._is_of_this_user(left)
