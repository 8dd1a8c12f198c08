"""What a graded notebook keeps of the outputs of a run.

nbgrader's pages show these outputs in the teacher's own browser, where a script could give marks,
and a sheet of styles could cover the page. So of HTML stays what tables and notices need, and only
if every tag of it is one that is known to do nothing; there is no mending of the rest.
"""

from __future__ import annotations

import re
from typing import Any

from crmkit.lab.snapshot import ANSWER_MIME, RETURNS_MIME

_AS_IT_IS = ("text/plain", "text/latex")
_PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")
_TAGS = (
    "abbr|b|blockquote|br|caption|code|col|colgroup|dd|details|div|dl|dt|em|figcaption|figure|h[1-6]|"
    "hr|i|img|kbd|li|mark|ol|p|pre|s|section|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|"
    "th|thead|tr|u|ul"
)
_NAMES = (
    "align|alt|aria-[a-z]+|border|class|cols?pan|height|id|lang|open|role|rowspan|scope|span|start|"
    "style|title|valign|width|data-[a-z-]+"
)
# No value of an attribute reaches out of the page or out of its place on it.
_WRITTEN_OUT = r"&(?!(?:amp|lt|gt|quot|nbsp|#39|#x27);)"  # anything can be spelled like this
_VALUE = rf"(?:(?!url\(|expression|javascript|position\s*:|@import|{_WRITTEN_OUT})[^\"<>\\])*+"
_PICTURE = r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*+"
_ATTRIBUTE = rf'\s++(?:(?:{_NAMES})(?:="{_VALUE}"|=\d++)?|src="{_PICTURE}")(?=[\s/>])'
_TAG = rf"<(?:{_TAGS})(?:{_ATTRIBUTE})*+\s*+/?>|</(?:{_TAGS})\s*+>"
_HARMLESS = re.compile(rf"(?:[^<]++|<(?=[\s0-9=])|{_TAG}|<!--[^<>]*+-->)*+", re.I)
_STYLES = re.compile(r"<style(?:\s(?:scoped|type=\"text/css\"))*+\s*+>([^<]*+)</style>", re.I)
_SELECTOR = r"\s*+(?:\.dataframe|#T_\w++)[^{},@<>\\]*+"
_RULE = rf"{_SELECTOR}(?:,{_SELECTOR})*+\{{[^{{}}@<>\\(]*+\}}"
_OF_TABLES = re.compile(rf"(?:{_RULE})*+\s*+")


def shown(output: dict[str, Any]) -> dict[str, Any]:
    """An output as the graded notebook keeps it: without what crossed to the judge, and harmless."""
    if "data" not in output:
        return output
    data = {
        mime: content
        for mime, content in output["data"].items()
        if mime in _AS_IT_IS or (mime in _PICTURES and _BASE64.fullmatch(str(content)))
    }
    html = output["data"].get("text/html")
    if isinstance(html, str):
        kept = _STYLES.sub(_styles_of_tables, html)
        if _HARMLESS.fullmatch(_STYLES.sub("", kept)):
            data["text/html"] = kept
    if not data and not {ANSWER_MIME, RETURNS_MIME} & output["data"].keys():
        data["text/plain"] = "（这里的输出含有脚本或页面不能显示的内容，没有保留）"
    return {**output, "data": data}


def _styles_of_tables(found: re.Match[str]) -> str:
    return found[0] if _OF_TABLES.fullmatch(found[1]) else ""
