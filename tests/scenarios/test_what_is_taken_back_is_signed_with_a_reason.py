"""An order that is not made, and a batch that is not printed, are taken back by signature; nothing begun is."""

import pytest
from rehearsing import ONE_DAY, TODAY, Rehearsal, prepared_in

from printcare.domain.control_recipe import PartDose
from printcare.domain.policy import REHEARSAL
from printcare.records.signatures import signatures_of
from printcare.workflow.authority import Refused
from printcare.workflow.batch.cancel import cancel_batch
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.demonstration import BALANCE
from printcare.workflow.order.refuse_order import refuse_order


def cancel(one, reason="the syringe fell", who="a.operator"):
    people, passwords = one.demonstration.people, one.demonstration.passwords
    cancel_batch(one.records, people[who], passwords[who], one.planned.id, reason)


def refuse(one, reason="the dose is for another child", who="b.pharmacist"):
    people, passwords = one.demonstration.people, one.demonstration.passwords
    refuse_order(one.records, people[who], passwords[who], one.order.id, reason)


def refused_with(one, action, deed):
    with pytest.raises(Refused) as stopped:
        deed()
    told = one.records.events(action=action)[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", stopped.value.code)
    return stopped.value.code


def test_a_prepared_batch_is_cancelled_its_cartridge_free_and_its_order_planned_again(tmp_path):
    one = prepared_in(tmp_path, days=ONE_DAY)
    cartridge = one.demonstration.materials()[1].id
    assert one.records.get("cartridge", cartridge)["loaded_for"] == one.planned.id
    assert refused_with(one, "batch.cancel", lambda: cancel(one, " ")) == "E_REASON_MISSING"
    assert refused_with(one, "batch.cancel", lambda: cancel(one, who="r.releaser")) == "NOT_PERMITTED"

    cancel(one)
    state, held = one.batch, one.records.get("cartridge", cartridge)
    assert (state["status"], held["status"], held["loaded_for"]) == ("cancelled", "filled", None)
    (*_, last) = signatures_of(one.records, "batch", one.planned.id)
    assert last.meaning == "cancelled the batch"
    assert last.covers(state)
    assert refused_with(one, "batch.cancel", lambda: cancel(one)) == "E_BATCH_BEGUN"

    show = one.demonstration
    dose = PartDose(one.planned.recipe.verified, *show.materials())
    given = (one.order.id, show.recipe, [dose], one.planned.profile, BALANCE, REHEARSAL, ONE_DAY, TODAY)
    assert plan_batch(one.records, show.people["a.operator"], *given).id != one.planned.id
    one.close()


def test_a_printed_batch_is_not_cancelled(tmp_path):
    one = prepared_in(tmp_path, days=ONE_DAY)
    one.print()
    assert refused_with(one, "batch.cancel", lambda: cancel(one)) == "E_BATCH_BEGUN"
    one.close()


def test_an_order_that_waits_is_refused_and_cannot_be_verified_any_more(tmp_path):
    one = Rehearsal(tmp_path)
    one.demonstration.set_up()
    one.order = one.demonstration.receive(one.demonstration.message())
    assert refused_with(one, "order.refuse", lambda: refuse(one, "")) == "E_REASON_MISSING"
    refuse(one)
    assert one.records.get("prescription", one.order.id)["status"] == "refused"
    assert refused_with(one, "order.refuse", lambda: refuse(one)) == "E_ORDER_STATUS"
    with pytest.raises(Refused) as stopped:
        one.demonstration.verify_and_plan(one.order, one.demonstration.calculate(one.order))
    assert stopped.value.code == "E_ORDER_STATUS"
    one.close()
