"""Start Jupyter's programs sooner and without words that are not for the user."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def skip_unused_grammars() -> None:
    """Keep jsonschema from compiling 39 grammars when it is imported: seconds at every start.

    They serve the formats "iri" and "iri-reference" only, which neither notebooks nor Jupyter's
    events use. Call it before the first import of nbformat, nbclient or a Jupyter server.
    """
    # None in sys.modules makes an import fail; jsonschema treats this one as optional.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def quiet_kernels(ipython: Path) -> None:
    """Make kernels that use the IPython folder `ipython` tell only errors to the terminal.

    Otherwise each one warns (in English) that it talks without encryption, on this one machine.
    """
    profile = ipython / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    settings = {"IPKernelApp": {"log_level": 40}}
    (profile / "ipython_kernel_config.json").write_text(json.dumps(settings), encoding="utf-8")
