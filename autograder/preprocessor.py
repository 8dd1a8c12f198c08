"""Where the kit plugs into nbgrader: two preprocessors, everything else stays nbgrader's."""

from __future__ import annotations

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Unicode

from autograder import build, judge, record, sandbox
from autograder import grade as grading
from autograder.fingerprint import of_folder
from crmkit.lab.snapshot import ANSWER_MIME, RETURNS_MIME


class HandOut(NbGraderPreprocessor):
    """Turns the instructor's notebook into the student's (in place of nbgrader's own steps)."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        return build.student(nb), resources


class RunAndJudge(NbGraderPreprocessor):
    """Runs the student's cells in a backend and writes the judge's scores into the grade cells.

    It stands in place of nbgrader's Execute; nbgrader's SaveAutoGrades then reads the scores.
    """

    records = Unicode(help="Folder of the records, one JSON file per submission").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        lab = resources["nbgrader"]["assignment"]
        student = resources["nbgrader"]["student"]
        limits = sandbox.Limits()
        files = sandbox.gather(Path(resources["metadata"]["path"]), limits)
        sources = {i: c.source for i, c in enumerate(nb.cells) if c.cell_type == "code"}
        spec = judge.load(lab)
        made, run = grading.grade(sources, files, spec, student, sandbox.best(), limits)
        results = {r.id: r for r in made.items}
        for i, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            cell.execution_count = None
            cell.outputs = [from_dict(_plain(o)) for o in run.outputs.get(i, [])]
            if is_grade(cell) and not is_solution(cell):
                result = results[cell.metadata.nbgrader["grade_id"]]
                cell.outputs = [from_dict(o) for o in grading.outputs_for_nbgrader(result)]
        handed_in = Path(self.records).parent / "submitted" / student / lab
        made.inputs["submission"] = of_folder(handed_in)
        record.write(made, Path(self.records))
        return nb, resources


def _plain(output: dict) -> dict:
    """An output without the data that crossed to the judge."""
    if "data" not in output:
        return output
    data = {k: v for k, v in output["data"].items() if k not in (ANSWER_MIME, RETURNS_MIME)}
    return {**output, "data": data}
