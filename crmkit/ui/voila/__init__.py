"""The kit's Voila template and the settings with which Voila and JupyterLab show its pages.

The template lies in ``crm/``; whoever starts a server makes it known below a Jupyter data folder
(``voila/templates/crm``) and takes the settings from `jupyter_config` and `lab_overrides`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATE = "crm"
# All lab extensions that a page needs. Without a list Voila loads every one that is installed:
# 16 MB instead of 5, and nbgrader's does not start there.
EXTENSIONS = (
    "@voila-dashboards/widgets-manager8",
    "@jupyter-widgets/jupyterlab-manager",
    "anywidget",
)


def template_path() -> Path:
    """The folder of the template; its name is the template's."""
    return Path(__file__).parent / TEMPLATE


def jupyter_config(*, teacher: bool = False) -> dict[str, Any]:
    """Traits for a Jupyter server that shows the pages (or for Voila on its own).

    Parameters
    ----------
    teacher
        Show tracebacks on a page where a cell fails; students get one Chinese sentence.
    """
    return {
        "VoilaConfiguration": {
            "template": TEMPLATE,
            "extension_allowlist": list(EXTENSIONS),
            "show_tracebacks": teacher,
        },
        "VoilaExecutor": {"cell_error_instruction": "（页面的这一部分没有算出来，请告诉老师。）"},
        # Both None: the MathJax that Voila brings along, not the one on a CDN.
        "ServerApp": {"tornado_settings": {"mathjax_url": None, "mathjax_config": None}},
    }


def lab_overrides() -> dict[str, dict[str, Any]]:
    """Defaults of JupyterLab: Chinese, no news, no look for updates."""
    return {
        "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"},
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
            "doNotDisturbMode": True,
        },
    }
