"""Cases: the notebook file, its encoding, format and odd content."""

from __future__ import annotations

import json

from tests.autograder.broken_materials import Nb, cell, changed, content, given, new, text, worked

# ------------------------------------------------------------------- the file and its encoding

content("as it should be", lambda: text().encode())
content("UTF-8 with BOM", lambda: b"\xef\xbb\xbf" + text().encode(), "BOM")
content("UTF-16 as Notepad saves it", lambda: text().encode("utf-16"), "UTF-16")
content("UTF-16 without a mark", lambda: text().encode("utf-16-be"), "UTF-16")
content("GBK", lambda: text().encode("gb18030"), "GBK")
content("ends of line of Windows", lambda: json.dumps(worked(), indent=1).replace("\n", "\r\n").encode())  # fmt: skip
content("something behind the end", lambda: text().encode() + b'\n{"cells": []}', "末尾多出")
content("zeros behind the end", lambda: text().encode() + b"\0" * 4096)
content("a few bytes broken in an output",
        lambda: text().replace('"outputs": []', '"outputs": [{"text": "@@"}]', 1).encode()
        .replace(b"@@", b"\xff\xfe\x80"), "坏的字节")  # fmt: skip
content("doubled JSON keys", lambda: text().replace('"nbformat": 4', '"nbformat": 3, "nbformat": 4').encode(), "重复的 JSON 键")  # fmt: skip
content("NaN in the metadata", lambda: text(worked() | {"metadata": {"x": float("nan"), "y": float("inf")}}).encode())  # fmt: skip
content("a tab as it is in a text", lambda: text().replace("\\n", "\\n\t", 1).replace("\\n\t", "\\n\t", 1).encode())  # fmt: skip
content("an integer of many digits", lambda: text(worked() | {"metadata": {}}).replace('"metadata": {}', '"metadata": {"n": ' + "9" * 9000 + "}").encode())  # fmt: skip
content("empty file", b"", reason="空文件（0 字节）")
content("only white space", b" \n\n", reason="没有内容")
content("only zeros", b"\0" * 5000, reason="没有内容")
content("cut off", lambda: text().encode()[:9000], reason="不完整")
content("cut off inside a string", lambda: text().encode()[: text().encode().find(b"customers") + 4], reason="不完整")  # fmt: skip
content("web page under the name of a notebook", b"<!DOCTYPE html>\n<html><body>E3</body></html>", reason="网页")  # fmt: skip
content("PDF under the name of a notebook", b"%PDF-1.7\n%\xe2\xe3", reason="PDF")
content("Python under the name of a notebook", b"# In[1]:\nmale = 1\n", reason="Python 脚本")  # fmt: skip
content("workbook under the name of a notebook", b"PK\x03\x04\x14\0", reason="压缩包或 Office 文件")
content("JSON that is no notebook", b'{"name": "E3"}', reason="不是笔记本")
content("a list", b"[1, 2, 3]", reason="不是笔记本")
content("a merge conflict", lambda: text().replace('"nbformat": 4', '\n<<<<<<< HEAD\n"nbformat": 4\n=======\n>>>>>>> b\n').encode(), reason="合并冲突")  # fmt: skip
content("random bytes", bytes(range(1, 256)) * 9, reason="不是笔记本")
content("nested too deeply", b'{"cells": ' + b"[" * 200_000, reason="套得太深")
content("single quotes", lambda: text().replace('"cells"', "'cells'").encode(), reason="不是有效的 JSON")  # fmt: skip


content("half a character in a text", lambda: text().replace('lab.as_of"', 'lab.as_of # \\ud83d"', 1).encode())  # fmt: skip


@changed("ends of line of Windows and control characters in a text")
def control_characters(nb: Nb) -> None:
    nb["cells"].insert(3, new("s = 1\r\nt = 1"))
    cell(nb, "E3-12")["source"] += "\x00\x07"


@changed("outputs of 50 MB", "MB，多半是保存下来的输出")
def large_outputs(nb: Nb) -> None:
    one = cell(nb, "E3-11-work")
    one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["好" * 1000] * 17_000}]


@changed("metadata of 2 MB, trusted, attachments, widgets")
def large_metadata(nb: Nb) -> None:
    nb["metadata"].update(widgets={"state": "x" * 2_000_000}, trusted=True, signature="?")
    cell(nb, "E3-12")["attachments"] = {"a.png": {"image/png": "x" * 1000}}
    for one in nb["cells"]:
        one["metadata"]["trusted"] = True


@changed("format 3", "nbformat 3")
def format_three(nb: Nb) -> Nb:
    cells = []
    for one in nb["cells"]:
        old = {"cell_type": one["cell_type"], "metadata": one["metadata"]}
        if one["cell_type"] == "code":
            old |= {"input": one["source"].splitlines(keepends=True), "outputs": [], "language": "python", "collapsed": False, "prompt_number": 1}  # fmt: skip
        else:
            old["source"] = one["source"]
        cells.append(old)
    cells.insert(0, {"cell_type": "heading", "level": 2, "metadata": {}, "source": "我的作业"})
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "E3"},
            "worksheets": [{"cells": cells[:20]}, {"cells": cells[20:]}]}  # fmt: skip


@changed("format 4.2, no cell ids")
def no_ids(nb: Nb) -> None:
    nb["nbformat_minor"] = 2
    for one in nb["cells"]:
        del one["id"]


@changed("format 4.5, no cell ids", "编号（id）")
def ids_missing(nb: Nb) -> None:
    for one in nb["cells"]:
        del one["id"]


@changed("every cell with the same id", "编号（id）")
def ids_doubled(nb: Nb) -> None:
    for one in nb["cells"]:
        one["id"] = "E3-01-work"


@changed("format 99, metadata a list", "版本号或元数据不合规范")
def odd_version(nb: Nb) -> None:
    nb.update(nbformat=99, nbformat_minor=-1, metadata=[])


@changed("no format, no metadata", "版本号或元数据不合规范")
def no_version(nb: Nb) -> None:
    del nb["nbformat"], nb["nbformat_minor"], nb["metadata"]


@changed("sources as lists, one with a number in it", "不是文本")
def source_lists(nb: Nb) -> None:
    for one in nb["cells"]:
        one["source"] = one["source"].splitlines(keepends=True)
    nb["cells"].insert(4, new("x") | {"source": ["a = 1\n", 7]})
    nb["cells"].insert(4, new("x") | {"source": {"x": 1}})


@changed("cells that are none", "不是有效的单元格", "类型「cod」不认识")
def odd_cells(nb: Nb) -> None:
    cell(nb, "E3-05-work")["cell_type"] = "cod"
    nb["cells"][3:3] = [None, 5, "x"]


@changed("cell metadata that is none")
def odd_metadata(nb: Nb) -> None:
    given(nb, "read_excel")["metadata"] = "x"
    nb["cells"].insert(5, new("y = 1") | {"metadata": None})


@changed("two thousand empty cells")
def empty_cells(nb: Nb) -> None:
    nb["cells"] += [new("", id=f"e{n}") for n in range(2500)]


@changed("far too many cells", reason="单元格（上限")
def many_cells(nb: Nb) -> None:
    nb["cells"] += [new("1", id=f"e{n}") for n in range(2500)]


@changed("a picture pasted as text", "太长")
def long_cell(nb: Nb) -> None:
    nb["cells"].append(new("![](data:image/png;base64," + "A" * 500_000 + ")", "markdown"))
