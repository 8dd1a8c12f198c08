"""A backend for tests: the cells run in this process, so hundreds of students take seconds.

Everything else is the real thing: IPython's display machinery, the lab folder, the judge.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets import widgets
from traitlets.config import Config

from autograder.sandbox import Limits


class InProcess:
    name = "in-process"
    says = "only for tests"

    @contextmanager
    def open(
        self, files: dict[str, bytes], environment: dict[str, str], limits: Limits
    ) -> Iterator[Session]:
        before = Path.cwd()
        with (
            tempfile.TemporaryDirectory() as folder,
            mock.patch.dict(os.environ, {**environment, "IPYTHONDIR": folder + "/.ipython"}),
        ):
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            os.chdir(folder)
            InteractiveShell.clear_instance()
            session = Session(Path(folder))
            try:
                yield session
            finally:
                session.close()
                InteractiveShell.clear_instance()
                os.chdir(before)


class Session:
    dead = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = set(widgets.widget._instances)
        config = Config({"HistoryManager": {"enabled": False}})
        self._shell = InteractiveShell.instance(colors="nocolor", config=config)

    def close(self) -> None:
        """Let the shell go with all that the student has made, else each keeps the one before."""
        for name in set(widgets.widget._instances) - self._before:
            widgets.widget._instances[name].close()
        atexit.unregister(self._shell.atexit_operations)
        self._shell.restore_sys_module_state()

    def run(self, source: str) -> list[dict[str, Any]]:
        with capture_output() as captured:
            result = self._shell.run_cell(source, store_history=False)
        outputs: list[dict[str, Any]] = [
            {"output_type": "display_data", "data": o.data, "metadata": {}}
            for o in captured.outputs
        ]
        plt.close("all")  # as the inline backend does after each cell
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            outputs.append({"output_type": "error", "ename": type(error).__name__,
                            "evalue": str(error), "traceback": []})  # fmt: skip
        return outputs

    def read(self, path: str) -> bytes | None:
        target = self._folder / path
        return target.read_bytes() if target.is_file() else None
