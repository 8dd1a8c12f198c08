"""Working in a shop: who is logged in, at what time, and the eight modules.

::

    crm = open_shop("tea", student="2025010101", lab="O1", role="客服")
    crm.customers.lookup(mobile_tail="1234")
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crmkit.crm import audit, catalogue, clock, exam, roles, store
from crmkit.crm.audit import Operation
from crmkit.crm.errors import CrmError, InvalidInput, PermissionDenied, StoreError
from crmkit.crm.storage import tables
from crmkit.crm.storage.shopfile import Taken

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.crm.analysis import Analysis
    from crmkit.crm.channels import Channels
    from crmkit.crm.customers import Customers
    from crmkit.crm.exam import Exam
    from crmkit.crm.interactions import Interactions
    from crmkit.crm.marketing import Marketing
    from crmkit.crm.opportunities import Opportunities
    from crmkit.crm.orders import Orders
    from crmkit.crm.products import Products
    from crmkit.crm.segments import Segments
    from crmkit.crm.store import Store

SYSTEM = "系统"


class Session:
    """One person at work in a shop. Several sessions may share one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._facts = store.meta()
        self.role = ""
        self.user = ""
        self._working = ""

    def __repr__(self) -> str:
        who = f"{self.user}（{self.role}）" if self.role else "未登录"
        return f"Session({self.title}, {who}, {self.now:%Y-%m-%d %H:%M})"

    # --- the shop ---------------------------------------------------------------------------------
    @property
    def shop(self) -> str:
        return self._facts["shop"]

    @property
    def title(self) -> str:
        from crmkit.shops import TITLES

        return TITLES[self.shop]

    @property
    def as_of(self) -> dt.date:
        """The data date: figures count what was known at the end of this day."""
        return self.now.date()

    @property
    def now(self) -> dt.datetime:
        """The shop's own time (see `crmkit.crm.clock`)."""
        return clock.parse(self.store.meta()["now"])

    # --- who --------------------------------------------------------------------------------------
    def login(self, role: str, user: str = "") -> Session:
        """Start to work in a role; a login is logged like everything else.

        Raises
        ------
        InvalidInput
            There is no such role.
        """
        if role not in roles.ROLES:
            raise InvalidInput(
                f"没有角色「{role}」。可以选：{'、'.join(roles.ROLES)}", {"role": "请选择一个角色"}
            )
        name = user.strip() or role
        with self._operation("", "登录", {"角色": role}, outcome=audit.READ, who=(name, role)):
            pass
        self.role, self.user = role, name
        return self

    def logout(self) -> None:
        if self.role:
            with self._operation("", "退出", {}, outcome=audit.READ):
                pass
        self.role = self.user = ""

    # --- examination ------------------------------------------------------------------------------
    def begin_exam(self) -> Exam:
        """Start the forty minutes; a second call changes nothing."""
        with self.store.reading() as connection:
            found = exam.standing(connection)
        if found is None:
            with self._operation(
                "", exam.BEGIN, {"分钟": exam.minutes()}, outcome=audit.DONE, act=True
            ) as op:
                op.connection.execute(tables.meta.insert(), {"name": exam.FLAG, "value": "1"})
            with self.store.reading() as connection:
                found = exam.standing(connection)
        assert found is not None
        return found

    def put_answer(self, item: str, answer: Any) -> None:
        """Write an answer, as plain data, on the sheet of the examination: into the log.

        Raises
        ------
        ExamOver
            The time is up, or the paper was handed in.
        """
        with self._operation(
            "", exam.ANSWER, {"题号": item, "答案": answer}, outcome=audit.DONE, act=True
        ) as op:
            op.object = item

    def hand_in(self) -> Exam:
        """End the examination; nothing can be changed afterwards. A second call changes nothing."""
        found = self.exam
        if found is not None and found.ended is not None:
            return found
        with self._operation("", exam.END, {}, outcome=audit.DONE, act=True):
            pass
        return self.exam or self.begin_exam()

    @property
    def exam(self) -> Exam | None:
        """Where the examination stands, None when there is none."""
        with self.store.reading() as connection:
            return exam.standing(connection)

    # --- the modules ------------------------------------------------------------------------------
    @cached_property
    def customers(self) -> Customers:
        from crmkit.crm.customers import Customers

        return Customers(self)

    @cached_property
    def segments(self) -> Segments:
        from crmkit.crm.segments import Segments

        return Segments(self)

    @cached_property
    def analysis(self) -> Analysis:
        from crmkit.crm.analysis import Analysis

        return Analysis(self)

    @cached_property
    def products(self) -> Products:
        from crmkit.crm.products import Products

        return Products(self)

    @cached_property
    def orders(self) -> Orders:
        from crmkit.crm.orders import Orders

        return Orders(self)

    @cached_property
    def marketing(self) -> Marketing:
        from crmkit.crm.marketing import Marketing

        return Marketing(self)

    @cached_property
    def interactions(self) -> Interactions:
        from crmkit.crm.interactions import Interactions

        return Interactions(self)

    @cached_property
    def channels(self) -> Channels:
        from crmkit.crm.channels import Channels

        return Channels(self)

    @cached_property
    def opportunities(self) -> Opportunities:
        from crmkit.crm.opportunities import Opportunities

        return Opportunities(self)

    # --- doing something --------------------------------------------------------------------------
    @contextmanager
    def reading(self, key: str, action: str = "查看", **detail: Any) -> Iterator[Operation]:
        """Use a function without changing anything: checked, logged with its parameters.

        Everything read inside comes from one state of the shop.
        """
        with self._operation(key, action, detail, outcome=audit.READ) as operation:
            yield operation

    @contextmanager
    def writing(self, key: str, action: str, **detail: Any) -> Iterator[Operation]:
        """Change something through a function: one transaction, one row in the log.

        Whatever is raised inside undoes everything; what the CRM refuses is logged as refused.
        """
        with self._operation(key, action, detail, outcome=audit.DONE, act=True) as operation:
            yield operation

    @contextmanager
    def using_right(self, right: str, key: str, action: str, **detail: Any) -> Iterator[Operation]:
        """Use a right of its own (明文, 导出, …) in a function; logged, refused without it."""
        with self._operation(key, action, detail, outcome=audit.READ, right=right) as operation:
            yield operation

    @contextmanager
    def _operation(
        self, key: str, action: str, detail: dict[str, Any], *, outcome: str, act: bool = False,
        right: str = "", who: tuple[str, str] | None = None,
    ) -> Iterator[Operation]:  # fmt: skip
        if self._working:  # it would wait for the transaction around it, for ever
            raise RuntimeError(
                f"{self._working} is still going on: finish it before {key or action}"
            )
        self._working = key or action
        try:
            with self._transaction(key, action, detail, outcome, act, right, who) as operation:
                yield operation
        finally:
            self._working = ""

    @contextmanager
    def _transaction(
        self, key: str, action: str, detail: dict[str, Any], outcome: str, act: bool,
        right: str, who: tuple[str, str] | None,
    ) -> Iterator[Operation]:  # fmt: skip
        user, role = who or (self.user, self.role)
        f = catalogue.function(key) if key else None
        line = {
            "user_name": user, "role": role, "module": f.module if f else SYSTEM,
            "function": f.name if f else SYSTEM, "action": action,
        }  # fmt: skip
        operation = Operation(detail)
        try:
            if not role:
                raise PermissionDenied('还没有登录：先用 login("客服") 选一个角色。')
            if f:
                roles.check(role, f, act=act)
            if right:
                roles.check_right(role, right)
            if act:
                with self.store.writing() as operation.connection:
                    if action != exam.END:
                        exam.refuse_when_over(operation.connection)
                    yield operation
                    operation.write(line, outcome)
            else:  # reading keeps nobody waiting; only the row of the log is a write
                with self.store.reading() as operation.connection:
                    if f:
                        exam.refuse_when_over(operation.connection)
                    yield operation
                with self.store.writing(lasting=False) as operation.connection:
                    operation.write(line, outcome)
        except StoreError:
            raise  # the store itself is in trouble: there is nowhere to log
        except CrmError as error:
            refused = Operation(detail)
            refused.object = operation.object
            refused.message = f"{type(error).__name__}: {error}"
            with self.store.writing() as refused.connection:
                refused.write(line, audit.REFUSED)
            raise

    # --- the log ----------------------------------------------------------------------------------
    def log(self, limit: int = 200) -> pd.DataFrame:
        """The newest operations first: 序号 时间 用户 角色 模块 功能 操作 对象 参数 结果 说明 改动数."""
        roles.check_right(self.role, roles.AUDIT)
        t = tables.operations
        frame = self.store.frame(
            sa.select(t.c.seq, t.c.at, t.c.user_name, t.c.role, t.c.module, t.c.function,
                      t.c.action, t.c.object, t.c.detail, t.c.outcome, t.c.message, t.c.changes)
            .order_by(t.c.seq.desc()).limit(limit)
        )  # fmt: skip
        frame.columns = [
            "序号", "时间", "用户", "角色", "模块", "功能", "操作", "对象", "参数", "结果", "说明", "改动数",
        ]  # fmt: skip
        return frame

    def verify(self) -> None:
        """Check the log's hash chain; StoreError names the first row that does not fit."""
        with self.store.reading() as connection:
            audit.verify(*read_log(connection))

    def close(self) -> None:
        self.store.close()


def read_log(connection: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All operations and all changes of a store, in order."""
    o, c = tables.operations, tables.changes
    return (
        [dict(r) for r in connection.execute(sa.select(o).order_by(o.c.seq)).mappings()],
        list(
            audit.spread(
                map(dict, connection.execute(sa.select(c).order_by(c.c.seq, c.c.n)).mappings())
            )
        ),
    )


def open_shop(
    shop: str, *, student: str, lab: str = "练习", folder: Path | str = ".", role: str = ""
) -> Session:
    """Open a student's own shop: the file ``<folder>/<lab>-<shop>.crm``, made on first use.

    Parameters
    ----------
    shop
        ``"tea"``, ``"ceramics"`` or ``"electronics"``.
    student, lab
        Whose cut of the shop, for which lab (see `crmkit.shops.variant`).
    role
        Log in at once.

    Raises
    ------
    StoreError
        The file belongs to somebody else, or cannot be opened (see `crmkit.crm.store`).
    """
    from crmkit import shops

    path = Path(folder) / f"{lab}-{shop}{store.SUFFIX}"
    opened = None
    if not path.exists():
        try:
            cut = shops.variant(shop, student, lab)
            opened = store.create(path, cut, student=student, lab=lab)
        except Taken:  # by another program of the same student, in this moment
            pass
    if opened is None:
        opened = store.open_store(path)
        facts = opened.meta()
        if (facts["student"], facts["lab"], facts["shop"]) != (student, lab, shop):
            opened.close()
            raise StoreError(
                f"「{path.name}」是学号 {facts['student']} 的，不是 {student} 的。"
                "换一个文件夹，或把这个文件改名后再打开。"
            )
    session = Session(opened)
    return session.login(role) if role else session
