"""The bench of one job: printer, balance and pressure transmitters behind one inbox."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any  # each device has its own events

from printcare.control.plan import JobPlan
from printcare.devices import balance, pressure, printer
from printcare.devices.balance import Scale
from printcare.devices.exchange import Device, wait_s
from printcare.devices.pressure import PressureSource
from printcare.devices.printer import Printer
from printcare.devices.recorder import Keep, RecordedPorts
from printcare.devices.registry import driver
from printcare.domain.checks import Finding, error, warning
from printcare.domain.machine import FirmwareProfile
from printcare.domain.policy import Policy
from printcare.domain.reading import Identity
from printcare.errors import LinkLost, PrintcareError
from printcare.protocol.wire import BALANCE, PRINTER, Command, Message, Ports, pressure_role

MESSAGES_A_TURN = 64  # all there is, as a rule: silence must not be judged before what has come is read
# What locked mode refuses and research is told: the printer is not as its profile was approved.
APPROVED = ("PRINTER_CAPABILITY", "PRINTER_SETTING", "PRINTER_SETTING_UNKNOWN")


class Instruments:
    """Routes what arrives to the device it came from, and writes what may go out.

    `balance_driver` and `pressure_driver` are names of `devices.registry`; there is one transmitter for each tool of
    the profile but a filament's without a force sensor, with the sources `pressure`, `pressure-1` … . An empty balance
    driver makes a bench without one. `keep` is told every byte sent and received.
    """

    def __init__(
        self,
        ports: Ports,
        profile: FirmwareProfile,
        balance_driver: str = "mt-sics",
        pressure_driver: str = "ps1",
        keep: Keep | None = None,
    ) -> None:
        self.ports: Ports = ports if keep is None else RecordedPorts(ports, keep)
        self.printer = Printer(self.ports, profile)
        self._balance: Scale | None = driver(balance_driver)(self.ports) if balance_driver else None
        roles = [pressure_role(number) for number, tool in enumerate(profile.tools) if tool.has_transmitter]
        self.pressures: dict[str, PressureSource] = {
            role: driver(pressure_driver)(self.ports, source=role) for role in roles
        }
        scales: dict[str, Device] = {} if self._balance is None else {BALANCE: self._balance}
        self._devices: dict[str, Device] = {PRINTER: self.printer, **scales, **self.pressures}
        self.speed = 1.0  # process seconds per second of the host's clock
        self.last_line = 0  # of the running program, certainly taken by the printer
        self.set_aside: list[Command] = []  # what people asked for while the devices were greeted

    @property
    def balance(self) -> Scale:
        """Return the balance; raises PrintcareError BALANCE_NONE on a bench that has none."""
        if self._balance is None:
            raise PrintcareError("BALANCE_NONE", "This bench has no balance.", "Use a recipe that weighs nothing.")
        return self._balance

    def connect(self, policy: Policy) -> tuple[dict[str, Identity], tuple[Finding, ...]]:
        """Greet all of them and return who they are with every objection; nothing moves.

        Raises LinkLost or PrintcareError.
        """
        ports = _Greeting(self.ports, self.set_aside)
        who, findings = printer.handshake(ports, self.printer)
        weighs = {} if self._balance is None else {BALANCE: balance.recognise(ports, self._balance)}
        found = {
            PRINTER: who,
            **weighs,
            **pressure.recognise_all(ports, self.pressures),
        }
        if not policy.needs_required_caps:
            findings = tuple(_told(finding) for finding in findings)
        self.speed = float(who.speed)
        return found, (*findings, *_one_bench(found, policy))

    def turn(self, longest_s: float, note: Callable[[str, Any], None], on_command: Callable[[Command], None]) -> None:
        """Pump every device, then wait for messages and hand each to its device; events go to `note`."""
        now = self.ports.now()
        for source, device in self._devices.items():
            for event in device.pump(now):
                note(source, event)
        message = self.ports.receive(wait_s(self._devices, now, longest_s))
        left = MESSAGES_A_TURN
        while message is not None:
            if isinstance(message, Command):
                on_command(message)
            elif not message.data:
                raise LinkLost(message.source, "its link was closed")
            else:
                for event in self._devices[message.source].feed(message.data, message.at_s):
                    note(message.source, event)
            left -= 1
            message = self.ports.receive(0.0) if left else None


class _Greeting:
    """The ports during a greeting, which knows no people: commands are set aside instead of lost."""

    def __init__(self, ports: Ports, aside: list[Command]) -> None:
        self._ports = ports
        self._aside = aside
        self.now, self.send, self.close = ports.now, ports.send, ports.close

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message of a device, or None when none came within the time-out."""
        message = self._ports.receive(timeout_s)
        if isinstance(message, Command):
            self._aside.append(message)
            return None  # the greeting looks at the time and asks again
        return message


def other_balance(plan: JobPlan, found: Identity | None) -> tuple[Finding, ...]:
    """Return why this balance is not the one the batch was planned for; it is that one's checks that count.

    A family without serial numbers says its name; the record then calls one of them by that and its own mark behind a
    colon, and who prepares the batch has compared it.
    """
    if found is None or not plan.balance or plan.balance == found.serial or plan.balance.startswith(f"{found.serial}:"):
        return ()
    told = f"The balance is {found.serial}, the batch was planned for {plan.balance}, whose checks are on record."
    finding = error("E_BALANCE_OTHER", told, "Connect that balance, or plan the batch for this one.", "balance")
    return (finding if plan.policy.needs_checked_balance else _warned(finding),)


def other_firmware(plan: JobPlan, found: Identity) -> tuple[Finding, ...]:
    """Return why this is not the printer that was qualified: it says another firmware than the register holds."""
    if plan.firmware is None or plan.firmware == found.model:
        return ()
    told = f"The printer says {found.model!r}, and was registered and qualified with {plan.firmware or 'none named'!r}."
    remedy = "Connect the qualified printer; or enter the change with `printcare printer change`, and qualify it again."
    finding = error("E_FIRMWARE_OTHER", told, remedy, "printer")
    return (finding if plan.policy.needs_current else _warned(finding),)


def _told(finding: Finding) -> Finding:
    """Return a finding as research mode takes it."""
    return _warned(finding) if finding.code in APPROVED else finding


def _warned(finding: Finding) -> Finding:
    return warning(finding.code, finding.reason, finding.remedy, finding.where)


def _one_bench(found: dict[str, Identity], policy: Policy) -> tuple[Finding, ...]:
    """Return why these devices do not make one bench: simulated beside real, or time running faster than allowed."""
    findings = []
    if len({identity.simulated for identity in found.values()}) > 1:
        told = ", ".join(f"{source} {'simulated' if who.simulated else 'real'}" for source, who in found.items())
        findings.append(error("E_BENCH_MIXED", f"Simulated and real devices together: {told}.", "Use one bench."))
    speeds = {identity.speed for identity in found.values()}
    if len(speeds) > 1 or not all(speed > 0 for speed in speeds):
        told = ", ".join(f"{source} {who.speed}" for source, who in found.items())
        findings.append(error("E_BENCH_SPEED", f"The devices run at different speeds: {told}.", "Use one bench."))
    if speeds != {Decimal(1)} and not policy.accepts_scaled_time:
        told = f"The bench runs at speed {max(speeds)}, and locked mode runs at the speed of the clock."
        findings.append(error("E_BENCH_SCALED", told, "Start the bench with --speed 1, or rehearse."))
    return tuple(findings)
