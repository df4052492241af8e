"""The shipped recipe and profile."""

import pytest

from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe


@pytest.fixture(scope="session")
def recipe():
    return load_recipe("cyclophosphamide-sse")


@pytest.fixture(scope="session")
def profile():
    return load_profile("marlin-syringe")
