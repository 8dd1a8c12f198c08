"""How the warm process, its owner and its children talk: small messages, and frames of cells.

Messages go over SOCK_SEQPACKET (one send is one message) and may carry file descriptors; frames
go over a stream: four bytes of length, then JSON in UTF-8.
"""

from __future__ import annotations

import array
import json
import os
import socket
from collections.abc import Sequence
from typing import Any

_LARGEST_MESSAGE = 1 << 17
_MOST_DESCRIPTORS = 8


def send_message(to: socket.socket, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    to.sendmsg([json.dumps(message).encode()], rights)


def receive_message(source: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message and its descriptors; None when the other side is gone."""
    data, ancillary, _, _ = source.recvmsg(
        _LARGEST_MESSAGE, socket.CMSG_SPACE(4 * _MOST_DESCRIPTORS)
    )
    fds = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    for fd in fds:
        os.set_inheritable(fd, False)
    return (json.loads(data) if data else None), list(fds)


def frame(content: dict[str, Any]) -> bytes:
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    encoded = data.encode("utf-8", "replace")
    return len(encoded).to_bytes(4, "big") + encoded
