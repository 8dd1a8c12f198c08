"""nbgrader's extension point for late hand-ins: the class's late policy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import BasePlugin
from traitlets import Unicode

from autograder.gradebook.exact import exact
from autograder.gradebook.exceptions import read_leaves
from autograder.gradebook.lateness import own_deadline
from autograder.gradebook.settings import settings_of


class LateTable(BasePlugin):
    """Penalty by the table in the class's grading.yaml.

    For nbgrader_config.py::

        c.AssignLatePenalties.plugin_class = "autograder.gradebook.late_plugin.LateTable"
        c.LateTable.course = "<the class folder>"
    """

    course = Unicode(help="The class folder, which holds grading.yaml").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The penalty in points, None without one.

        nbgrader calls it for a hand-in that is late by nbgrader's deadline; an extension that it
        does not know yet still counts.
        """
        settings = settings_of(Path(self.course))
        lab = self.parent.assignment_id
        gradebook: Gradebook = self.parent.gradebook
        submission = gradebook.find_submission(lab, student_id)
        leave = read_leaves(Path(self.course)).get((student_id, lab))
        if leave is not None and leave.excused:
            return None
        due = settings.deadlines.get(lab, submission.assignment.duedate)
        own = own_deadline(due, submission.extension, leave)
        late = timedelta(seconds=total_seconds_late)
        if own is not None and submission.timestamp is not None:
            late = submission.timestamp - own
        points = exact(submission.max_score)
        deduction = settings.late.deduct(late, exact(score), points)
        return float(deduction.amount) or None
