"""Grading a class: many workers run and judge, one writer keeps the gradebook."""
