"""nbgrader's configuration for a class folder: the kit's two steps in nbgrader's own pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

STUB = '''"""nbgrader reads this file; the settings stand in the kit (autograder/nbgrader_config.py)."""

from pathlib import Path

from autograder.nbgrader_config import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821
'''


def configure(c: Any, root: Path) -> None:
    """Fill a traitlets config for the class in `root`."""
    root = root.resolve()
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = "crm"
    c.CourseDirectory.db_url = f"sqlite:///{(root / 'gradebook.db').as_posix()}"
    c.Exchange.root = str(root / "exchange")
    c.GenerateAssignment.preprocessors = [
        "autograder.preprocessor.HandOut",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.SaveCells",
    ]
    c.OverwriteCells.add_missing_cells = True
    c.OverwriteCells.missing_cell_notification = "提交里缺少这个单元格（{cell_id}），已补回。\n"
    c.Autograde.autograde_preprocessors = [
        "autograder.preprocessor.RunAndJudge",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.RunAndJudge.records = str(root / "records")
