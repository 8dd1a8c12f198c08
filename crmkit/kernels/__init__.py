"""Kernels that are ready at once: forked from a process that has imported the libraries already.

`warm` starts such a process (`forkserver`) and asks it for children; a child becomes either a
Jupyter kernel (`provisioner`, for Voila and JupyterLab) or a confined runner of a notebook's cells
(`cells`, for the grader). Linux only; whoever asks elsewhere starts a plain process instead.
"""
