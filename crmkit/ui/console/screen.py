"""What a screen is made of. A module's author writes a `Screen` with these; nothing here draws.

A screen is one function of the CRM: a form, and `load(crm, values)` that calls the module and
says what to show as a `View` (or hands over what the method returned, see `crmkit.ui.console.auto`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from crmkit.ui.console.fields import Field, Values
from crmkit.ui.console.figures import Figure

if TYPE_CHECKING:
    from crmkit.crm.session import Session

Row = dict[str, Any]
Forms = Sequence[Field] | Callable[["Session", "Row | None"], Sequence[Field]]


@dataclass(frozen=True)
class Card:
    """A figure at the top. `value` may be an `Indicator`; its parts are then written below it."""

    label: str
    value: Any
    kind: str = ""  # as in `cells`; found from value and label when empty
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Group:
    """A class of customers (or of anything) as a card: its size, its share, a few facts."""

    title: str
    value: Any
    share: float | None = None
    facts: Sequence[tuple[str, Any, str]] = ()  # label, value, kind
    unit: str = "人"


@dataclass(frozen=True)
class Call:
    """What an action works on."""

    crm: Session
    values: Values
    row: Row = field(default_factory=dict)
    rows: Sequence[Row] = ()  # the chosen rows
    key: str = ""  # identity of the row
    keys: Sequence[str] = ()  # identities of the chosen rows
    token: str = ""  # of the dry run that was looked at
    tell: Callable[[str], None] = lambda said: None  # how far long work has come


@dataclass(frozen=True)
class Download:
    """A file for the user."""

    name: str
    content: bytes
    kind: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Done:
    """What an action did. `undo` takes it back and returns what to say of it."""

    message: str
    undo: Callable[[Session], str | None] | None = None
    view: View | None = None  # shown in the dialog: a report row by row, for example
    download: Download | None = None
    warn: bool = False


@dataclass(frozen=True)
class Action:
    """A button: a form, an optional dry run, a confirmation, a result.

    Parameters
    ----------
    run
        Does it through the CRM's method; returns what to say (text, `Done` or None).
    on
        ``"screen"``, ``"row"``, ``"rows"`` (the selection) or ``"drawer"``.
    fields
        The form, or a function of (session, row) that gives it, with values of the row as defaults.
    text
        A sentence above the form, or a function of the `Call` that gives it (how many, which).
    preview
        The dry run: what would happen, shown before the button that does it can be pressed.
    changes
        Whether the role needs the right to change data here (`act`).
    right
        A right of its own that it needs, such as 导出.
    when
        For which rows it is offered.
    direct
        Runs at once: without form and confirmation.
    """

    label: str
    run: Callable[[Call], Any]
    on: Literal["screen", "row", "rows", "drawer"] = "screen"
    fields: Forms = ()
    text: str | Callable[[Call], str] = ""
    preview: Callable[[Call], Any] | None = None
    changes: bool = True
    right: str = ""
    when: Callable[[Row], bool] | None = None
    main: bool = False
    danger: bool = False
    direct: bool = False
    confirm: str = ""  # words on the button that does it
    icon: str = ""
    function: str = ""  # the function whose right counts, when it is not the screen's own


@dataclass(frozen=True)
class Event:
    """One entry of a timeline."""

    when: Any
    title: str
    text: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Section:
    """A part of a drawer: one of facts (label, value, kind), frame, events, text."""

    title: str
    facts: Sequence[tuple[str, Any, str]] = ()
    frame: pd.DataFrame | None = None
    events: Sequence[Event] = ()
    text: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawer:
    """Details of one row, in a panel at the side. `reveal` gives it with personal data in clear."""

    title: str
    status: str = ""
    lead: Sequence[tuple[str, Any, str]] = ()  # a line of facts under the title
    chips: Sequence[str] = ()
    sections: Sequence[Section] = ()
    actions: Sequence[Action] = ()
    reveal: Callable[[Session], Drawer] | None = None


@dataclass(frozen=True)
class Source:
    """A list that its module pages: ``fetch(page, size, sort)`` gives the rows and how many there are.

    `sorts` are the columns it can sort by; none for a fixed order.
    """

    fetch: Callable[[int, int, Sequence[tuple[str, bool]]], tuple[pd.DataFrame, int]]
    total: int
    sorts: Sequence[str] = ()
    several: bool = False  # whether it sorts by more than one column


@dataclass(frozen=True)
class Table:
    """Rows. Python keeps them; the browser gets the page that it shows.

    Parameters
    ----------
    id
        Column that names a row; needed for a selection and for a drawer. Default: the first.
    kinds
        Column → kind, where `cells.kind_of` would be wrong.
    hidden
        Columns that are not shown at first; the user may bring them in.
    secret
        Columns that are never shown, but are there for actions (版本 always is).
    drawer
        Makes the details of a row.
    source
        Where further pages come from, when the module pages by itself; `frame` is then the first.
    """

    title: str
    frame: pd.DataFrame
    id: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    secret: Sequence[str] = ()
    drawer: Callable[[Session, Row], Drawer] | None = None
    actions: Sequence[Action] = ()
    note: str = ""
    empty: str = "没有符合条件的记录，请调整条件"
    size: int = 10
    sort: Sequence[tuple[str, bool]] = ()  # column, ascending
    export: bool = True
    export_with: Callable[[Session, Path], Any] | None = None  # the module's own export
    source: Source | None = None


@dataclass(frozen=True)
class View:
    """What a screen shows now. `note` says by which definition; `notes` are its terms."""

    cards: Sequence[Card] = ()
    groups: Sequence[Group] = ()
    charts: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    note: str = ""
    notes: Sequence[tuple[str, str]] = ()
    warning: str = ""
    token: str = ""  # of a dry run: what it saw, for the action to hold to


@dataclass(frozen=True)
class Screen:
    """One function of the console.

    Parameters
    ----------
    key
        As in `crmkit.crm.catalogue`: "module.method".
    load
        Calls the module with the form's values; returns a `View`, or the method's result as it is.
    fields
        The form above the results, or a function of the session that gives it.
    about
        One line under the title.
    notes
        Terms and definitions for the 口径说明 of this screen.
    needs
        Fields without which nothing can be shown yet; `load` is called when they are filled in.
    """

    key: str
    load: Callable[[Session, Values], Any]
    fields: Forms = ()
    about: str = ""
    actions: Sequence[Action] = ()
    notes: Sequence[tuple[str, str]] = ()
    needs: Sequence[str] = ()
    name: str = ""  # of a screen that is no function of the catalogue
    hint: str = "填好上面的条件后点“查询”"

    def form(self, crm: Session, row: Row | None = None) -> list[Field]:
        return form_of(self.fields, crm, row)


def form_of(forms: Forms, crm: Session, row: Row | None = None) -> list[Field]:
    """The fields of a form, whichever way they were given."""
    return list(forms(crm, row) if callable(forms) else forms)


def path_of(values: Values, name: str = "path") -> Path:
    """The uploaded file among the values of a form."""
    return Path(values[name])
