"""Feedback pages: one for each student and lab, and overviews for the teacher.

A page says, item by item, what was asked, what was found, what to look at next, and the points;
with what a teacher wrote in formgrader. Everything in it is escaped text, nothing is loaded.

- `items`: what a page shows of one item, and what it never shows
- `student_page`: one student's page
- `overview`: the teacher's pages, of one lab and of the class
- `exam_page`: the teacher's page of an examination, with everyone's times from the log
- `writing`: which pages are written, and where nbgrader looks for them
"""

from autograder.feedback.items import STATUS
from autograder.feedback.student_page import student_page
from autograder.feedback.writing import Feedback, write

__all__ = ["STATUS", "Feedback", "student_page", "write"]
