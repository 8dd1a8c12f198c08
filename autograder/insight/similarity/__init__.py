"""Likeness between hand-ins: hints for the teacher to look at, never a conclusion.

- `passages`: fingerprints of token sequences (winnowing), common passages
- `code`, `prose`: from a student's own cells to tokens
- `variants`: answers that belong to another student's data
- `report`: what of it is worth a teacher's look
"""
