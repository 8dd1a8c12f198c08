"""The command that gives a warm process a private root: bubblewrap and what it shows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from autograder.sandbox import places
from crmkit import shops
from crmkit.kernels.confinement.plan import BOX

# Kept by the warm process for its children's own namespaces; the children lose every one.
_CAPABILITIES = ("SYS_ADMIN", "SETPCAP")
_OF_ROOT = ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH")


def program() -> str | None:
    return shutil.which("bwrap", path=f"/usr/bin:/bin:/usr/local/bin:{os.environ.get('PATH', '')}")


def command(base: Path, *, user_namespace: bool) -> list[str]:
    """bubblewrap and its options; what it shall run follows.

    Parameters
    ----------
    base
        A private folder of ours; the public meta.yaml is laid into it.
    user_namespace
        Needed by everybody but root.
    """
    found = program()
    if found is None:
        raise FileNotFoundError("bwrap")
    meta = base / "meta.yaml"
    meta.write_text(places.public_meta(), encoding="utf-8")
    meta.chmod(0o644)
    options = [found, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv"]
    options += ["--hostname", "box", "--cap-drop", "ALL"]
    if user_namespace:
        options += ["--unshare-user", "--uid", "0", "--gid", "0"]
    for name in _CAPABILITIES if user_namespace else (*_CAPABILITIES, *_OF_ROOT):
        options += ["--cap-add", f"CAP_{name}"]
    for system in places.SYSTEM:
        if Path(system).is_symlink():
            options += ["--symlink", os.readlink(system), system]
        elif Path(system).is_dir():
            options += ["--ro-bind", system, system]
    for name in places.ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", BOX]
    shown = [Path(s) for s in places.SYSTEM]
    hidden = sorted(places.private(), reverse=True)  # inner ones first
    inner = [h for h in hidden if any(h.is_relative_to(p) for p in shown)]
    for path in sorted(inner):
        options += ["--tmpfs", str(path)]
    targets = [*places.python(), places.kit(), *places.data()]
    # made here, as bubblewrap's own way makes them for its own user only
    for folder in sorted({q for p in targets for q in p.parents if len(q.parts) > 1}):
        if not any(folder.is_relative_to(p) for p in shown):
            options += ["--dir", str(folder)]
    for path in places.python():
        options += ["--ro-bind", str(path), str(path)]
        for secret in hidden:
            if secret.is_relative_to(path) and secret != path:
                options += ["--tmpfs", str(secret), "--remount-ro", str(secret)]
    options += ["--ro-bind", str(places.kit()), str(places.kit())]
    for path in places.data():
        options += ["--ro-bind", str(path), str(path)]
    options += ["--ro-bind", str(meta), str(shops.root() / "meta.yaml")]
    for path in sorted(inner):
        options += ["--remount-ro", str(path)]
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/", "--"]
