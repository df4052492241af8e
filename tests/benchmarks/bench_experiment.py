"""Time the analysis of a 30-run design: four responses fitted, the best settings found, ranges proposed around them."""

from __future__ import annotations

import sys
import time
from decimal import Decimal

from printcare.cli.main import start_lightly

LIMIT_S = 1.0
FACTORS = ("a", "b", "c", "d")
RESPONSES = ("mass_bias_pct", "mass_rsd_pct", "pressure_kpa", "lag_s")
CENTRES = 6  # with 24 of the face-centred design: 30 runs


def experiment() -> dict[str, object]:
    """Return a recorded experiment of 30 runs on two cartridges, every response a known law with scatter."""
    import numpy as np

    from printcare.extrusion.designs import Factor, lay_out

    studied = [Factor(name, "1", Decimal(10), Decimal(20), Decimal("0.1")) for name in FACTORS]
    design = lay_out("central-composite-faced", studied, centres=CENTRES, blocks=2, seed=1)
    rng = np.random.default_rng(1)
    values = design.coded() @ rng.normal(0, 0.4, (len(FACTORS), len(RESPONSES)))
    values += rng.normal(0, 0.1, values.shape)
    runs = [
        {
            "number": run.number,
            "block": run.block,
            "settings": [str(value) for value in run.settings],
            "is_centre": run.is_centre,
            "results": {name: [{"value": f"{value:.4f}"}] for name, value in zip(RESPONSES, row, strict=True)},
        }
        for run, row in zip(design.runs, values, strict=True)
    ]
    factors = [
        {"path": f"parameters.{name}", "unit": "1", "low": "10", "high": "20", "step": "0.1"} for name in FACTORS
    ]
    responses = [{"name": name, "unit": "1", "low": "-0.9", "high": "0.9"} for name in RESPONSES]
    return {"kind": design.kind, "seed": 1, "factors": factors, "responses": responses, "runs": runs}


def main() -> int:
    """Analyse once to load everything, then once by the processor's clock; return 1 where it takes too long."""
    start_lightly()  # as every command does, before numpy is loaded
    from printcare.extrusion.design_space import PROBABILITY
    from printcare.workflow.study.experiment_analysis import fitted, space_of

    state = experiment()
    took_s = 0.0
    for _ in range(3):
        began = time.process_time()
        space = space_of(state, fitted(state))
        settings, chance = space.best()
        space.proposed(settings, PROBABILITY)
        took_s = time.process_time() - began
    print(
        f"{len(state['runs'])} runs, {len(RESPONSES)} responses: {took_s:.3f} s, P = {chance:.3f} (limit {LIMIT_S:g} s)"
    )
    return 0 if took_s < LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
