"""The plain backend: an ordinary kernel process in a temporary folder, with time limits.

It contains accidents (an endless loop, a dead kernel), not attacks.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.sandbox import Limits

# What a kernel needs from the grader's environment; nothing else (tokens, paths) is passed on.
_PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "CRMKIT_DATASETS",
)


class PlainKernel:
    """Runs a notebook in a kernel process of the same Python."""

    name = "plain"
    says = "普通进程：限时，各用各的临时文件夹；不隔离文件和网络，只适合批改信得过的班级"

    @contextmanager
    def open(
        self, files: dict[str, bytes], environment: dict[str, str], limits: Limits
    ) -> Iterator[PlainSession]:
        with tempfile.TemporaryDirectory(prefix="crmkit-", ignore_cleanup_errors=True) as temporary:
            base = Path(temporary)
            folder, home = base / "work", base / "home"
            folder.mkdir()
            home.mkdir()
            for name, content in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            lend_font_list(home / "mpl")
            session = PlainSession(folder, home, environment, limits)
            try:
                yield session
            finally:
                session.close()

    def close(self) -> None:
        """Nothing is kept between submissions."""


class PlainSession:
    """One kernel. After a cell ran out of time the kernel is gone and later cells say so."""

    def __init__(
        self, folder: Path, home: Path, environment: dict[str, str], limits: Limits
    ) -> None:
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import KernelManager

        self._folder, self._limits = folder, limits
        self._end = time.monotonic() + limits.total_seconds
        kept = {k: v for k in _PASSED_ON if (v := os.environ.get(k)) is not None}
        env = {
            **kept, "HOME": str(home), "IPYTHONDIR": str(home / "ipython"),
            "MPLCONFIGDIR": str(home / "mpl"), "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            # the same order of sets in every run; no pandas.py of a student's in place of pandas
            "PYTHONHASHSEED": "0", "PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1",
            **environment,
        }  # fmt: skip
        # no kernel folders: the kernel of this very Python, not one the user registered by that name
        own = KernelSpecManager(kernel_dirs=[])
        self._manager = KernelManager(kernel_name="python3", kernel_spec_manager=own)
        if os.name == "posix":  # no network port that another process could talk to
            self._manager.transport = "ipc"
            self._manager.ip = str(home / "kernel")
        own_modules_last = [
            "--InteractiveShellApp.ignore_cwd=True",
            "--InteractiveShellApp.exec_lines=import sys; sys.path.append(''); del sys",
        ]
        self._manager.start_kernel(cwd=str(folder), env=env, extra_arguments=own_modules_last)
        self._client: Any = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.dead = ""

    def run(self, source: str) -> list[dict[str, Any]]:
        if self.dead:
            return [_error("NotRun", self.dead)]
        outputs: list[dict[str, Any]] = []
        left = self._limits.output_chars
        full = False

        def collect(message: dict[str, Any]) -> None:
            nonlocal left, full
            output = _output(message)
            if output is None:
                return
            left -= _size(output)
            if left >= 0:
                outputs.append(output)
            else:
                full = True

        seconds = min(self._limits.cell_seconds, self._end - time.monotonic())
        try:
            self._client.execute_interactive(
                source, store_history=True, allow_stdin=False, stop_on_error=False,
                output_hook=collect, timeout=max(seconds, 0.1),
            )  # fmt: skip
        except TimeoutError:
            if not self._interrupt():
                self.dead = "内核已停止：前面的单元格运行超时"
            outputs.append(
                _error(
                    "Timeout",
                    f"这个单元格运行超过 {seconds:.0f} 秒，已停止：检查有没有不会结束的循环",
                )
            )
        except RuntimeError as e:  # jupyter_client: "Kernel died before replying"
            self.dead = "内核已停止：前面的单元格让内核崩溃了"
            outputs.append(_error("KernelDied", f"运行这个单元格时内核崩溃（{e}）"))
        if full:
            outputs.append(_error("TooMuchOutput", "输出太多，后面的没有保留"))
        return outputs

    def read(self, path: str) -> bytes | None:
        target = self._folder / path
        root = self._folder.resolve()
        if target.is_symlink() or not target.resolve().is_relative_to(root) or not target.is_file():
            return None
        return target.read_bytes() if target.stat().st_size <= self._limits.file_bytes else None

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def _interrupt(self) -> bool:
        """Stop the running cell; False when the kernel had to be ended."""
        self._manager.interrupt_kernel()
        try:
            self._client.execute_interactive(
                "pass", store_history=False, timeout=5, allow_stdin=False
            )
        except (TimeoutError, RuntimeError):
            self._manager.shutdown_kernel(now=True)
            return False
        return True


def lend_font_list(target: Path) -> None:
    """Give matplotlib our list of fonts: looking for fonts anew costs seconds per submission."""
    import matplotlib

    target.mkdir()
    for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(path, target)


def _output(message: dict[str, Any]) -> dict[str, Any] | None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        return {"output_type": "stream", "name": content["name"], "text": content["text"]}
    if kind in ("display_data", "execute_result"):
        return {"output_type": "display_data", "data": content["data"], "metadata": {}}
    if kind == "error":
        return {"output_type": "error", **{k: content[k] for k in ("ename", "evalue", "traceback")}}
    return None


def _size(output: dict[str, Any]) -> int:
    if "data" in output:  # answers have a limit of their own
        return sum(
            len(str(v))
            for k, v in output["data"].items()
            if not k.startswith("application/vnd.crmkit")
        )
    return len(output.get("text", "")) + sum(map(len, output.get("traceback", [])))


def _error(name: str, words: str) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": name,
        "evalue": words,
        "traceback": [f"{name}: {words}"],
    }
