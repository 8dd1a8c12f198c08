"""What a state machine must never do, and what it must always still be able to do.

`StateMachine.faults` asks of any machine that every state can be got to and can be left for an
end. The questions here also look at the way a case came: whether it has paid. Each that fails is
told with the shortest way that leads there (a counterexample, as model checkers give: Clarke,
Emerson, Sistla 1986).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass

from crmkit.analytics.process import StateMachine

REACHED = "每个状态都走得到"
LEFT = "没有死路"
PAID_ENDS = "付过款的都能办完"
PAID_KEPT = "收了钱，不会当没付款关掉"
PAID_FIRST = "没付款，发不了货"
UNWATCHED = "没人动也会走完"


@dataclass(frozen=True)
class Finding:
    """One property: whether it holds, where it does not, and the shortest way there.

    Attributes
    ----------
    holds
        None: there is nothing to ask, for nobody ever pays.
    states
        Where it fails.
    way
        Events from the start to the first failure; () when it holds or no way leads there.
    """

    name: str
    holds: bool | None
    states: tuple[str, ...] = ()
    way: tuple[str, ...] = ()


Ways = dict[tuple[str, bool], tuple[str, ...]]


def ways(machine: StateMachine, paying: str) -> Ways:
    """(state, has paid) → the events of a shortest way there; only what can be got to.

    Examples
    --------
    >>> shop = StateMachine.of(["新", "已付"], "新", ["已付"], [("新", "付款", "已付")])
    >>> ways(shop, "付款")
    {('新', False): (), ('已付', True): ('付款',)}
    """
    found: Ways = {(machine.start, False): ()}
    queue = deque(found)
    while queue:
        state, paid = at = queue.popleft()
        for event in machine.events(state):
            to = machine.steps[state, event], paid or event == paying
            if to not in found:
                found[to] = (*found[at], event)
                queue.append(to)
    return found


def check(
    machine: StateMachine, *, paying: str, unpaid_end: str, shipped: Collection[str],
    timers: Collection[str] = (),
) -> list[Finding]:  # fmt: skip
    """The six properties of an order, in the order they are told to a student.

    Parameters
    ----------
    paying
        The event by which the money comes.
    unpaid_end
        The end for orders that were never paid: no money goes back from there.
    shipped
        States in which goods have left the house.
    timers
        Events that happen by themselves when time passes.
    """
    there = ways(machine, paying)
    reachable, ending = machine.reachable(), machine.can_end()
    after = StateMachine(machine.states, machine.start, machine.ends - {unpaid_end}, machine.steps)
    well = after.can_end()
    alone = StateMachine(
        machine.states, machine.start, machine.ends,
        {(s, e): t for (s, e), t in machine.steps.items() if e in timers},
    ).can_end()  # fmt: skip
    pays = any(paid for _, paid in there)

    def told(name: str, wrong: Callable[[str, bool], bool]) -> Finding:
        bad = [at for at in there if wrong(*at)]
        if not bad:
            return Finding(name, True)
        first = min((there[at] for at in bad), key=len)
        return Finding(name, False, tuple(dict.fromkeys(s for s, _ in bad)), first)

    lost = tuple(sorted(machine.states - reachable))
    found = [
        Finding(REACHED, not lost, lost),
        told(LEFT, lambda s, paid: s not in ending),
        told(PAID_ENDS, lambda s, paid: paid and s != unpaid_end and s not in well),
        told(PAID_KEPT, lambda s, paid: paid and s == unpaid_end),
        told(PAID_FIRST, lambda s, paid: not paid and s in shipped),
        told(UNWATCHED, lambda s, paid: s not in alone),
    ]
    if pays:
        return found
    return [Finding(f.name, None) if f.name in (PAID_ENDS, PAID_KEPT) else f for f in found]
