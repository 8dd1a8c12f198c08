"""The gate in front of the grader: read what was handed in, mend what is only form, or refuse.

refusal   `Ungradable`, and the list of what was mended
choosing  which of the files is the notebook, which files go with it
reading   bytes → JSON: encodings, damage, outputs left behind
cells     JSON → plain cells, of any notebook format
released  the lab as handed out: the truth for everything that is not the student's
names     what a piece of code assigns and uses (it is only parsed, never run)
matching  which cell of the student's is which cell of the lab
gathering what each cell of the lab holds, and what is the student's own
ordering  the order of cells
answers   answers that stand in other cells
weaving   the notebook that is graded: released cells in place, the student's text in them
markdown  text without live HTML
staging   the same for nbgrader's own ``autograde``
"""

from autograder.intake.gate import Intake, take_in
from autograder.intake.refusal import Ungradable

__all__ = ["Intake", "Ungradable", "take_in"]
