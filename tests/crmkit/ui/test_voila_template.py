"""The template and settings of the Voila pages, without a server."""

from __future__ import annotations

import json
import re

import pytest

from crmkit.ui import voila

FILES = sorted(path for path in voila.template_path().iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_template_names_no_other_server(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.]+", text) == []


def test_template_is_complete() -> None:
    names = {path.name for path in FILES}
    assert {"conf.json", "index.html.j2", "page.css", "error.html", "tree.html"} <= names
    conf = json.loads((voila.template_path() / "conf.json").read_text(encoding="utf-8"))
    assert conf == {"base_template": "lab"}


def test_settings_name_the_template_and_only_the_extensions_a_page_needs() -> None:
    settings = voila.jupyter_config()["VoilaConfiguration"]
    assert settings["template"] == voila.template_path().name
    assert set(settings["extension_allowlist"]) == set(voila.EXTENSIONS)


def test_only_teachers_see_tracebacks() -> None:
    assert voila.jupyter_config()["VoilaConfiguration"]["show_tracebacks"] is False
    assert voila.jupyter_config(teacher=True)["VoilaConfiguration"]["show_tracebacks"] is True


def test_settings_are_plain_json() -> None:
    for settings in (voila.jupyter_config(), voila.lab_overrides()):
        assert json.loads(json.dumps(settings)) == settings
