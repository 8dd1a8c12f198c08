"""What is drawn: dashboards, the task centre, quizzes, charts and their theme.

Nothing is imported here, so that a notebook loads only the screen it shows.
"""
