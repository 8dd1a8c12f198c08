"""A seccomp filter for code that only computes: no sockets, no tracing, no mounts, no namespaces.

Programs of classic BPF over (system call, machine, arguments); see seccomp(2). What is refused
gives EPERM, or ENOSYS where libraries try a call and have another way.
"""

from __future__ import annotations

import os
import struct

from crmkit.kernels.confinement import syscalls

# machine → (audit number, which column of the tables below holds its call numbers)
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_EPERM, _ENOSYS = 1, 38
_NAMESPACES = 0x7E020080  # every CLONE_NEW… flag of clone(2)

_REFUSED = {  # call: (x86_64, aarch64)
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "bpf": (321, 280), "perf_event_open": (298, 241),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "reboot": (169, 142), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "syslog": (103, 116),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262), "personality": (135, 92),
    # memory that belongs to no process, so that no limit would count it
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    # the network, and services of the machine that listen on a path
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200),
}  # fmt: skip
_UNKNOWN = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "pidfd_open": (434, 434), "clone3": (435, 435),  # libc then takes clone, whose flags show
}  # fmt: skip
# Landlock does not rule over these; they change what others own. They seem to work and do nothing,
# as shutil.copy would fail otherwise.
_PRETENDED = {
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, -1), "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54),
    "utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
}  # fmt: skip
_TRUNCATE = (76, 45)
_SOCKETPAIR, _CLONE = (53, 199), (56, 220)
_KILL, _TKILL, _TGKILL = (62, 129), (200, 130), (234, 131)
_QUEUE, _TGQUEUE = (129, 138), (297, 240)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_AT_CALL, _AT_MACHINE, _AT_ARGUMENT = 0, 4, 16
_SOCK_STREAM = 1


def available() -> bool:
    """Whether there is a filter for this machine."""
    return os.uname().machine in _MACHINES


def install(*, files_of_others: bool, truncate: bool, signals: bool) -> None:
    """Install the filter for this process and all it starts.

    Parameters
    ----------
    files_of_others
        Make changes of modes, owners, times and attributes do nothing.
    truncate
        Refuse truncate(2) by path too.
    signals
        Let signals go to this very process (and its own group) only.
    """
    machine, column = _MACHINES[os.uname().machine]
    code: list[bytes] = []

    def add(operation: int, value: int, then: int = 0, otherwise: int = 0) -> None:
        code.append(struct.pack("HBBI", operation, then, otherwise, value))

    def answer(call: tuple[int, int], result: int) -> None:
        if call[column] >= 0:
            add(_EQUAL, call[column], 0, 1)
            add(_RETURN, result)

    add(_LOAD, _AT_MACHINE)
    add(_EQUAL, machine, 1, 0)
    add(_RETURN, _KILL_PROCESS)
    add(_LOAD, _AT_CALL)
    if column == 0:  # the x32 numbers of the same calls
        add(_AT_LEAST, 0x40000000, 0, 1)
        add(_RETURN, _ERRNO | _EPERM)
    for call in _REFUSED.values():
        answer(call, _ERRNO | _EPERM)
    for call in _UNKNOWN.values():
        answer(call, _ERRNO | _ENOSYS)
    if files_of_others:
        for call in _PRETENDED.values():
            answer(call, _ERRNO)
    if truncate:
        answer(_TRUNCATE, _ERRNO | _EPERM)
    if signals:
        own = os.getpid()
        answer(_TKILL, _ERRNO | _EPERM)
        for call in (_KILL, _TGKILL, _QUEUE, _TGQUEUE):
            add(_EQUAL, call[column], 0, 5)
            add(_LOAD, _AT_ARGUMENT)
            add(_EQUAL, own, 2, 0)
            add(_EQUAL, 0, 1, 0)
            add(_RETURN, _ERRNO | _EPERM)
            add(_RETURN, _ALLOW)
    add(_EQUAL, _SOCKETPAIR[column], 0, 5)  # event loops need a stream; datagrams can be addressed
    add(_LOAD, _AT_ARGUMENT + 8)
    add(_AND, 0xF)
    add(_EQUAL, _SOCK_STREAM, 1, 0)
    add(_RETURN, _ERRNO | _EPERM)
    add(_RETURN, _ALLOW)
    add(_EQUAL, _CLONE[column], 0, 4)
    add(_LOAD, _AT_ARGUMENT)
    add(_ANY_BIT, _NAMESPACES, 0, 1)
    add(_RETURN, _ERRNO | _EPERM)
    add(_RETURN, _ALLOW)
    add(_RETURN, _ALLOW)
    syscalls.no_new_privileges()
    syscalls.install_filter(code)
