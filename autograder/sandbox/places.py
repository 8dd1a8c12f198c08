"""What a student's process may see of this machine: Python, the kit's public part, the data."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import yaml

import autograder
import crmkit
from crmkit import shops

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC = (
    "alternatives", "fonts", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
    "mime.types", "nsswitch.conf", "passwd", "ssl/openssl.cnf", "timezone",
)  # fmt: skip
_PUBLIC_FACTS = ("version", "as_of", "licence", "shops")
_NOT_DATA = {"generate", "meta.yaml", "__pycache__", "__init__.py"}


def python() -> list[Path]:
    """Folders of this interpreter and its libraries that do not lie below /usr."""
    found = {
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(os.path.realpath(sys.executable)).parents[1],
    }
    found |= {Path(sysconfig.get_path(n)) for n in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {Path(p) for p in sys.path if p.endswith("-packages")}
    return _outermost([p for p in found if not p.is_relative_to("/usr") and p.is_dir()])


def kit() -> Path:
    """The package that notebooks import."""
    return Path(crmkit.__file__).resolve().parent


def private() -> list[Path]:
    """What must not be seen even where it lies inside something that may."""
    judges = Path(autograder.__file__).resolve().parent
    found = [judges]
    if not judges.parent.name.endswith("-packages"):  # a checkout: class folders, sources, tests
        found.append(judges.parent)
    return found


def data() -> list[Path]:
    """The public part of the data folder, but for meta.yaml."""
    return sorted(
        p for p in shops.root().iterdir() if p.name not in _NOT_DATA and not p.name.startswith(".")
    )


def public_meta() -> str:
    """meta.yaml without what only tests and judges read.

    Which customers every variant keeps stays in: the cut needs it.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    whole = yaml.load((shops.root() / "meta.yaml").read_text(encoding="utf-8"), Loader=loader)
    public = {name: whole[name] for name in _PUBLIC_FACTS if name in whole}
    public["planted"] = {
        shop: {"customers": facts["customers"]}
        for shop, facts in whole["planted"].items()
        if "customers" in facts
    }
    return yaml.safe_dump(public, allow_unicode=True)


def mirror_data(target: Path) -> Path:
    """A data folder of links, with the public meta.yaml, where there is no private root."""
    target.mkdir()
    for path in data():
        (target / path.name).symlink_to(path)
    (target / "meta.yaml").write_text(public_meta(), encoding="utf-8")
    return target


def readable() -> list[Path]:
    """All that may be read where there is no private root: never a private place."""
    system = [Path(p) for p in SYSTEM if Path(p).exists() and not Path(p).is_symlink()]
    links = [Path(p) for p in SYSTEM if Path(p).is_symlink()]
    etc = [Path("/etc", name) for name in ETC]
    found: list[Path] = []
    for place in (*system, *python()):
        found += _without(place, private(), keep=python())
    return [*found, *links, *(p for p in etc if p.exists()), kit(), *data()]


def _without(place: Path, hidden: list[Path], keep: list[Path]) -> list[Path]:
    """`place`, or the entries that cover it but for `hidden`."""
    if any(place.is_relative_to(h) and not _kept(place, h, keep) for h in hidden):
        return []
    if not any(h.is_relative_to(place) for h in hidden):
        return [place]
    try:
        entries = sorted(place.iterdir())
    except OSError:
        return []
    return [p for entry in entries for p in _without(entry, hidden, keep)]


def _kept(place: Path, hidden: Path, keep: list[Path]) -> bool:
    """Whether `place` is (part of) Python's, which happens to lie inside a hidden folder."""
    return any(place.is_relative_to(k) and k.is_relative_to(hidden) and k != hidden for k in keep)


def _outermost(paths: list[Path]) -> list[Path]:
    return sorted(p for p in paths if not any(p != q and p.is_relative_to(q) for q in paths))
