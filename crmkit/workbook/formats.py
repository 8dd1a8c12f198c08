"""Recognise what a file really is, whatever it is called, and refuse what is not a workbook."""

from __future__ import annotations

import difflib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from crmkit.workbook.errors import WorkbookError, refusal
from crmkit.workbook.limits import MAX_BYTES

PathLike = str | os.PathLike[str]

SAVE_AS_XLSX = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再读"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# First bytes of files that students pick by mistake, and what to call them.
_OTHER_FILES = (
    (b"%PDF", "是 PDF 文档", "请从平台重新导出 xlsx 或 csv"),
    (b"\x89PNG", "是图片", "请选择表格文件"),
    (b"\xff\xd8\xff", "是图片", "请选择表格文件"),
    (b"GIF8", "是图片", "请选择表格文件"),
    (b"Rar!", "是 RAR 压缩包", "请先解压，再读里面的表格"),
    (b"7z\xbc\xaf", "是 7z 压缩包", "请先解压，再读里面的表格"),
    (b"\x1f\x8b", "是 gzip 压缩包", "请先解压，再读里面的表格"),
    (b"SQLite format 3", "是 SQLite 数据库", "请选择表格文件"),
    (b"{\\rtf", "是 RTF 文档", "请选择表格文件"),
    (b"\x09\x00\x04\x00", "是 Excel 2.0 的旧格式", SAVE_AS_XLSX),
    (b"\x09\x02\x06\x00", "是 Excel 3.0 的旧格式", SAVE_AS_XLSX),
    (b"\x09\x04\x06\x00", "是 Excel 4.0 的旧格式", SAVE_AS_XLSX),
)
_CONTROL_BYTES = bytes([*range(9), *range(14, 32)])
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|meta|style|body|table)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A file in memory: its name for messages, its bytes, and what they are."""

    name: str
    data: bytes
    kind: str  # "xlsx", "xls" or "text"

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    @property
    def extension(self) -> str:
        return Path(self.name).suffix.lower()


def open_source(file: PathLike | bytes, name: str = "（内存中的文件）") -> Source:
    """Read `file` (a path, or the bytes of one) and say what it is.

    Raises
    ------
    WorkbookError
        It is missing, locked, too large, or no workbook and no text table.
    """
    if isinstance(file, (bytes, bytearray, memoryview)):
        data = bytes(file)
    else:
        name, data = _read(file)
    if Path(name).suffix.lower() in (".et", ".ett"):
        raise refusal(name, "是 WPS 表格自己的格式（.et）", "请在 WPS 里另存为 .xlsx 后再读")
    if not data:
        raise refusal(name, "是空文件（0 字节）", "多半是下载或上传没有完成，请重新取得这个文件")
    if len(data) > MAX_BYTES:
        raise _too_large(name, len(data))
    return Source(name, data, _kind(name, data))


def _read(path: PathLike) -> tuple[str, bytes]:
    try:
        where = Path(path)
        name = where.name or str(path)
    except TypeError as error:
        raise WorkbookError(
            f"要读的文件请给出路径（文字），现在给的是 {type(path).__name__}。"
        ) from error
    try:
        info = where.stat()
        if stat.S_ISDIR(info.st_mode):
            raise refusal(name, "是一个文件夹", "请写出文件夹里那个文件的名字")
        if not stat.S_ISREG(info.st_mode):
            raise refusal(name, "不是普通文件", "请选择 .xlsx 或 .csv 文件")
        if info.st_size > MAX_BYTES:
            raise _too_large(name, info.st_size)
        if name.startswith("~$"):
            raise refusal(
                name, "是 Excel 打开文件时的临时标记", f"请改读「{name[2:]}」，并先关闭 Excel"
            )
        # one byte more than allowed: the file may have grown since stat()
        with where.open("rb") as stream:
            return name, stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise refusal(name, "找不到", _look_alikes(where)) from error
    except PermissionError as error:
        raise refusal(
            name, "打不开（没有权限，或被别的程序占用）", "请先在 Excel 或 WPS 里关闭它，再试一次"
        ) from error
    except (OSError, ValueError) as error:
        raise refusal(name, "打不开", f"系统的说明：{error}") from error


def _too_large(name: str, size: int) -> WorkbookError:
    return refusal(
        name,
        f"太大（{size / 2**20:.0f} MB，最多 {MAX_BYTES // 2**20} MB）",
        "请按时间段分成几个文件再导出，或删去图片和空白的工作表",
    )


def _look_alikes(path: Path) -> str:
    folder = path.parent
    try:
        names = sorted(p.name for p in folder.iterdir())
    except OSError:
        return f"文件夹「{folder.name or folder}」也不存在，请检查路径"
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    if close:
        return f"同一文件夹里名字相近的有：{'、'.join(close)}"
    return "请检查文件名和所在的文件夹"


def _kind(name: str, data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if data.startswith(_OLE):
        return _compound(name, data)
    for magic, what, remedy in _OTHER_FILES:
        if data.startswith(magic):
            raise refusal(name, what, remedy)
    _refuse_markup(name, data)
    # Text has hardly any control bytes, except UTF-16, which announces itself.
    controls = len(data) - len(data.translate(None, _CONTROL_BYTES))
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and controls * 100 > len(data):
        raise refusal(name, "不是表格文件（内容是二进制数据）", "请选择 .xlsx 或 .csv 文件")
    return "text"


def _compound(name: str, data: bytes) -> str:
    """Old Office files and encrypted new ones share one container; its stream names tell them."""

    def has(stream: str) -> bool:
        return (stream + "\0").encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise refusal(
            name, "有打开密码", "请在 Excel 或 WPS 里输入密码打开，去掉密码后另存为 .xlsx"
        )
    if has("Workbook") or has("Book"):
        return "xls"
    if has("WordDocument"):
        raise refusal(name, "是 Word 文档", "请把其中的表格复制到 Excel，另存为 .xlsx")
    if has("PowerPoint Document"):
        raise refusal(name, "是 PowerPoint 文档", "请选择表格文件")
    raise refusal(name, "不是完整的 Excel 文件（里面没有工作簿）", SAVE_AS_XLSX)


def _refuse_markup(name: str, data: bytes) -> None:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:13].lower() == b"mime-version:":
        raise refusal(name, "其实是网页存档（MHTML），不是工作簿", SAVE_AS_XLSX)
    if start.startswith(b"{") and b'"cells"' in data and b'"nbformat"' in data:
        raise refusal(name, "是笔记本（ipynb），不是工作簿", "请选择表格文件")
    if not start.startswith(b"<"):
        return
    if b"urn:schemas-microsoft-com:office:spreadsheet" in data[:8192]:
        raise refusal(name, "是“XML 表格 2003”，不是现在的工作簿格式", SAVE_AS_XLSX)
    if _HTML.search(data[:8192]):
        raise refusal(name, "其实是网页（HTML），只是名字像工作簿", SAVE_AS_XLSX)
    if start.startswith(b"<?xml"):
        raise refusal(name, "是 XML 文件，不是工作簿", SAVE_AS_XLSX)
