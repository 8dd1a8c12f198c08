"""Write the course data: ``python -m datasets.generate [--to FOLDER] [--check]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import build

HERE = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m datasets.generate", description=__doc__)
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write to")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file differs"
    )
    options = parser.parse_args()
    files = build.everything()
    stale = build.stale(options.to, files)
    changed = [n for n, data in files.items() if not _same(options.to / n, data)]
    for name in changed:
        print(("differs: " if options.check else "writes: ") + name)
    for name in stale:
        print(("should not be there: " if options.check else "removes: ") + name)
    if options.check:
        return 1 if changed or stale else 0
    for name in changed:
        path = options.to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    for name in stale:
        (options.to / name).unlink()
    print(
        f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB, {len(changed)} changed"
    )
    return 0


def _same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


if __name__ == "__main__":
    sys.exit(main())
