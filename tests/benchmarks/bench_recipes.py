"""Speed of recipes: a thousand files read and checked, form and sense, as a site with many recipes would.

    python tests/benchmarks/bench_recipes.py [FILES]

Target: 1,000 recipes under 5 s. Every file differs in id, title, version, limits and shelf life; every tenth has a dose
range and so three units to lay out of its own; the others share what their family has laid out already.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from printcare.formats.find import data_file, ids
from printcare.formats.kinds import check_recipe_file
from printcare.formats.recipe import load_recipe, read_recipe

FILES, TARGET_S, OWN_RANGE = 1000, 5.0, 10


def variant(name, number):
    """Return the text of one more recipe of a shipped family."""
    text = data_file("recipes", name)[1].decode("utf-8")
    text = text.replace(f'id = "{name}"', f'id = "{name}-{number:04d}"', 1)
    text = text.replace("version = 1\ntitle = ", f"version = {number % 9 + 1}\ntitle = ", 1)
    text = text.replace("mass_pct = 7.5", f"mass_pct = 7.{number % 5}", 1)
    if number % OWN_RANGE == 0:
        low, high = load_recipe(name).unit_range.dose_mg
        narrowed = high - (high - low) * (number % 97) / 1000
        text = text.replace(f"dose_mg = [{low}, {high}]", f"dose_mg = [{low}, {narrowed}]", 1)
    return text


def main(number):
    families = ids("recipes")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{index:04d}.toml" for index in range(number)]
        for index, path in enumerate(paths):
            path.write_text(variant(families[index % len(families)], index), "utf-8")
        begun, used = time.perf_counter(), time.process_time()
        taken, problems = [], 0
        for path in paths:
            one = time.perf_counter()
            problems += len(check_recipe_file(path.read_bytes(), path.name))
            taken.append((time.perf_counter() - one) * 1000)
        whole_s, cpu_s = time.perf_counter() - begun, time.process_time() - used
        reads = []
        for path in paths[: len(families)]:
            data, one = path.read_bytes(), time.perf_counter()
            read_recipe(data, path.name)
            reads.append((time.perf_counter() - one) * 1000)
    print(f"{number} recipes read and checked: {whole_s:.2f} s ({cpu_s:.2f} s of processor), target {TARGET_S} s")
    print(f"one recipe: median {statistics.median(taken):.2f} ms, slowest {max(taken):.1f} ms; {problems} problems")
    print(f"one load, form alone: median {statistics.median(reads):.2f} ms")
    return 1 if problems or (number == FILES and whole_s > TARGET_S) else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else FILES))
