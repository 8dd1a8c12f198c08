"""kill -9 at any moment."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from crmkit.crm import audit
from tests.crmkit.crm.store import worker
from tests.crmkit.crm.store.soundness import FULL, Made, check_sound
from tests.crmkit.crm.store.worker import start, told


@pytest.mark.slow
def test_a_shop_killed_at_any_moment_has_every_change_it_told_of_and_none_by_half(
    path: Path, made: Made, fresh: audit.State
) -> None:
    rng = random.Random(20251231)
    seen = 0
    for n in range(100 if FULL else 5):
        if n % 5 == 0:  # several lives on one file, then a new one
            shutil.copy(made("tea"), path)
        process, pipe = start(worker.live, path, n)
        assert pipe.poll(120) and pipe.recv() == "ready"
        process.join(rng.uniform(0.05, 2.5))
        assert process.is_alive(), told(pipe)
        process.kill()
        process.join()
        changes = told(pipe)
        there = check_sound(path, fresh)
        assert [c for c in changes if there.get(c[0]) != c[1]] == []
        seen += len(changes)
    assert seen
