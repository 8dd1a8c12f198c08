"""Input files: everybody's own, and never those of another lab in the same folder."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from crmkit.lab import Lab, inputs

CHAPTERS = [f"ch{n:02d}" for n in range(1, 15)]
SAME_NAME = [
    (one, other, name)
    for one, other in combinations(CHAPTERS, 2)
    for name in sorted(set(inputs.files(one)) & set(inputs.files(other)))
]


@pytest.mark.parametrize(("one", "other", "name"), SAME_NAME)
def test_chapters_in_one_folder_keep_files_of_the_same_name_apart(
    one: str, other: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = Lab(one, "2025000001").file(name), Lab(other, "2025000001").file(name)
    assert first != second
    assert first.read_bytes() != second.read_bytes()


def test_a_file_that_a_student_has_changed_is_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Lab("ch02", "2025000001").file("weights.csv")
    path.write_text("改过", encoding="utf-8")
    assert Lab("ch02", "2025000001").file("weights.csv").read_text(encoding="utf-8") == "改过"
    assert Lab("ch02", "2025000002").file("weights.csv").read_text(encoding="utf-8") != "改过"
