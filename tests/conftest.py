"""Settings for every test: no screen, no user's own files, small counts unless CRMKIT_FULL=1."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))

# Machines differ in speed: no test fails for being slow. The same examples in every small run.
settings.register_profile("small", deadline=None, max_examples=40, derandomize=True)
settings.register_profile("full", deadline=None, max_examples=500)
settings.load_profile("full" if FULL else "small")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

os.environ["MPLBACKEND"] = "Agg"
# As in the course's kernels: threads of scikit-learn that wait for each other cost more than they bring.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def private_ipython(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Kernels that tests start read and write no IPython folder of the user's."""
    folder = tmp_path_factory.mktemp("ipython")
    before = os.environ.get("IPYTHONDIR")
    os.environ["IPYTHONDIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["IPYTHONDIR"]
    else:
        os.environ["IPYTHONDIR"] = before


@pytest.fixture(scope="module", autouse=True)
def default_pandas_options() -> Iterator[None]:
    """What a lab sets for its tables stays in the file of tests that ran it."""
    yield
    if pd := sys.modules.get("pandas"):
        pd.reset_option("^display")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """CRMKIT_CHROMIUM, else Debian's Chromium (best without windows), else playwright's own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    debian = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    path = os.environ.get("CRMKIT_CHROMIUM") or debian
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


# What takes longest goes first, so that no worker is left alone with it at the end.
LONG = ("autograder/run", "autograder/test_class", "browser", "autograder/insight/test_board",
        "autograder/intake/test_nbgrader", "autograder", "chapters", "crmkit/crm")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def weight(item: pytest.Item) -> int:
        place = item.path.relative_to(here).as_posix()
        return next((n for n, start in enumerate(LONG) if place.startswith(start)), len(LONG))

    items.sort(key=weight)
    for item in items:
        if item.get_closest_marker("full") and not FULL:
            item.add_marker(pytest.mark.skip(reason="only in make test-full"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A worker runs a whole file; of the tests over all labs and chapters, what is of one of them."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            if file.endswith(("test_labs.py", "test_every_chapter.py")):
                return file + nodeid.rpartition("[")[2]
            return file

    return ByFile(config, log)


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether this is `make test-full`."""
    return FULL
