"""nbgrader's configuration for a class folder: the kit's steps in nbgrader's own pipeline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from crmkit.errors import KitError

FILE = "nbgrader_config.py"
STUB = '''"""nbgrader reads this file; the settings stand in the kit (autograder/nbgrader_config.py)."""

from pathlib import Path

from autograder.nbgrader_config import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821
'''


def configure(c: Any, root: Path) -> None:
    """Fill a traitlets config for the class in `root`."""
    root = root.resolve()
    if "nbgrader.apps" in sys.modules:  # one of nbgrader's own programs
        from autograder.intake.staging import look_before_nbgrader

        look_before_nbgrader()
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = "crm"
    c.CourseDirectory.db_url = f"sqlite:///{(root / 'gradebook.db').as_posix()}"
    c.Exchange.root = str(root / "exchange")
    c.GenerateAssignment.preprocessors = [
        "autograder.preprocessor.HandOut",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.SaveCells",
    ]
    # What nbgrader does to mend a hand-in, the kit's intake has done before.
    c.Autograde.exporter_class = "autograder.intake.staging.Staged"
    c.Autograde.post_convert_hook = "autograder.preprocessor.finish"
    c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
    c.Autograde.autograde_preprocessors = [
        "autograder.preprocessor.RunAndJudge",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.AssignLatePenalties.plugin_class = "autograder.gradebook.late_plugin.LateTable"
    c.LateTable.course = str(root)


def load(root: Path) -> Any:
    """The configuration of a class: the kit's, and what the teacher has added to its file.

    Raises
    ------
    KitError
        The file cannot be read.
    """
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    config = Config()
    configure(config, root)
    try:
        config.merge(PyFileConfigLoader(FILE, path=str(root)).load_config())
    except Exception as e:  # a file of the teacher's: anything may come
        raise KitError(
            f"班级的设置文件「{root / FILE}」有错（{type(e).__name__}: {e}）：请改正，或删去它"
        ) from e
    return config
