"""What takes a process's rights away: namespaces, Landlock, seccomp, resource limits."""

from crmkit.kernels.confinement.plan import Allowance, Plan, confine

__all__ = ["Allowance", "Plan", "confine"]
