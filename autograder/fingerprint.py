"""Fingerprints: has a hand-in, or a judge, changed since it was last used?"""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256(data: bytes) -> str:
    """The sha256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def of_folder(folder: Path) -> str:
    """One sha256 over names and contents of all regular files below a folder."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
            lines.append(f"{path.relative_to(folder).as_posix()}\0{sha256(path.read_bytes())}")
    return sha256("\n".join(lines).encode())
