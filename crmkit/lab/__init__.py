"""The student's side of grading: own data, `answer`, public checks, typed snapshots."""

from crmkit.lab.lab import Lab

__all__ = ["Lab"]
