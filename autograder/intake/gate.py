"""`take_in`: one hand-in from the class folder to a notebook that can be graded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode

from autograder.intake import choosing, names, released
from autograder.intake.refusal import Mends
from autograder.intake.weaving import weave


@dataclass
class Intake:
    """What is graded.

    Attributes
    ----------
    notebook : NotebookNode
        Valid, of format 4: the lab's cells as released and in their order, with the student's text
        where a student writes; of metadata, outputs and ids nothing is the student's.
    files : dict of str to bytes
        What was handed in beside it, by relative path.
    mends : list of str
        One Chinese sentence for each thing that was mended.
    moment : datetime, optional
        When it was handed in, by a usable timestamp.txt.
    """

    notebook: NotebookNode = field(repr=False)
    files: dict[str, bytes] = field(repr=False)
    mends: list[str]
    moment: datetime | None = None


def take_in(folder: Path, lab: str) -> Intake:
    """Read one hand-in and mend what is only form. Nothing is written.

    Parameters
    ----------
    folder : Path
        ``…/<student>/<lab>/``, as collected, as nbgrader's exchange left it or filled by hand.
    lab : str
        The lab's id, e.g. "E3".

    Raises
    ------
    Ungradable
        With the reason, when there is nothing that can be graded. It is never a mark of 0.
    JudgeError
        There is no such lab.
    """
    release = released.of(lab)
    mends = Mends()
    source, entries = choosing.scan(folder)
    try:
        chosen = choosing.choose(source, entries, release, mends)
        files = choosing.files(source, entries, chosen.entry, mends)
        when = choosing.moment(source, entries, mends)
        notebook = weave(chosen.match, release)
    finally:
        source.close()
        names.forget()
    return Intake(notebook, files, mends.sentences, when)
