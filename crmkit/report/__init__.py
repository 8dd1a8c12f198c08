"""A shop's monthly report: numbers, words, HTML, and the command that writes the file.

The page is put together by the notebook labs/reports/monthly.ipynb, run by papermill with the
parameters `shop` and `month`: a teacher can open it, change it, and the command follows.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from crmkit import __version__, shops, startup
from crmkit.report.page import ReportError, check, stylesheet, templates

NOTEBOOK = "labs/reports/monthly.ipynb"
_SECTION = '<div class="crm-report'

__all__ = ["NOTEBOOK", "ReportError", "ReportFailed", "check", "write"]


class ReportFailed(ReportError):
    """The notebook stopped with an error."""

    exit_code = 1


def write(shop: str, month: str, out: Path | None = None, *, notebook: Path | None = None) -> Path:
    """Run the notebook for `shop` and `month` and write the page.

    Parameters
    ----------
    shop, month
        E.g. "tea", "2025-11".
    out
        The file, default reports/<shop>-<month>.html in the current folder.
    notebook
        Another notebook than the kit's own.

    Returns
    -------
    Path
        The file. An older one is replaced only when the new one is complete.

    Raises
    ------
    ReportError
        For an unusable month or an unwritable file; ReportFailed when the notebook fails.
    ShopError
        For an unknown shop.
    """
    month = check(shop, month).label
    out = Path(out) if out is not None else Path("reports") / f"{shop}-{month}.html"
    source = notebook or Path(__file__).resolve().parents[2] / NOTEBOOK
    if not source.is_file():
        raise ReportError(f"找不到月报模板「{source}」。请在完整的课程文件夹中运行。")
    sections = _run(source, {"shop": shop, "month": month})
    page = templates().get_template("page.html")
    text = page.render(
        title=f"{shops.TITLES[shop]} {month} 经营月报",
        version=__version__,
        css=stylesheet(),
        sections=sections,
    )
    _replace(out, text)
    return out


def _run(source: Path, parameters: dict[str, str]) -> list[str]:
    """The sections that the notebook shows, in its order."""
    startup.skip_unused_grammars()
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    with tempfile.TemporaryDirectory() as private:
        before = os.environ.get("IPYTHONDIR")
        # The user's own start-up files and history have no part in a report.
        os.environ["IPYTHONDIR"] = private
        startup.quiet_kernels(Path(private))
        try:
            done = papermill.execute_notebook(
                str(source),
                None,
                parameters=parameters,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                cwd=str(source.parent),
            )
        except PapermillExecutionError as error:
            raise ReportFailed(
                f"月报模板「{source.name}」第 {error.exec_count} 个单元格运行出错"
                f"（{error.ename}：{error.evalue}）。旧的月报没有改动。"
            ) from error
        except DeadKernelError as error:
            raise ReportFailed(
                "运行月报的内核中途退出，可能是内存不足。旧的月报没有改动。"
            ) from error
        finally:
            if before is None:
                os.environ.pop("IPYTHONDIR")
            else:
                os.environ["IPYTHONDIR"] = before
    sections = list(_sections(done))
    if not sections:
        raise ReportFailed(f"月报模板「{source.name}」没有输出任何内容。旧的月报没有改动。")
    return sections


def _sections(notebook: Any) -> Any:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            text = output.get("data", {}).get("text/html", "")
            if text.startswith(_SECTION):
                yield text


def _replace(out: Path, text: str) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=out.parent, suffix=".part", delete=False
        ) as new:
            new.write(text)
        try:
            Path(new.name).chmod(0o644)
            os.replace(new.name, out)
        except OSError:
            Path(new.name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ReportError(
            f"不能写入「{out}」（{error.strerror}）。请关闭正在打开它的程序，或用 --out 换一个位置。"
        ) from error
