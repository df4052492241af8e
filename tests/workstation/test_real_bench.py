"""On a real bench a protocol provokes nothing by itself, and asks a person for every weight."""

from __future__ import annotations

import pytest

from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.workstation.real_bench import RealBench

PROFILE = load_profile("marlin-syringe")


def test_a_fault_is_never_switched_on_at_a_real_bench():
    with pytest.raises(PrintcareError, match="FAULT_NOT_PROVOKED"):
        RealBench(PROFILE, {}, print).ports(("clog@unit:1",))


def test_a_person_is_asked_for_each_weight():
    asked = []
    bench = RealBench(PROFILE, {}, asked.append)
    bench.put_on(0, 20000.0)
    assert asked == ["Put 20000 mg on A1 and leave what lies there."]
    assert (bench.is_simulated, bench.struck_s(), bench.each(lambda _, one: one + 1, [1, 2])) == (False, None, [2, 3])
    bench.close()
