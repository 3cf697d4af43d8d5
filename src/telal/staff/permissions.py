"""Who may do what: a row a permission, a column a role. A new screen takes a permission from here, or adds a row.

Looking is not divided among departments: citizens ask whoever answers the telephone, and every look is in the audit log.
Changing a case is, for those who work in a department.
"""

from dataclasses import dataclass
from enum import IntEnum


class Reach(IntEnum):
    """How far a permission goes. ``OWN``: the cases of one's departments, those one handles oneself, and those that nobody has."""

    NOTHING = 0
    OWN = 1
    ALL = 2


NO, OWN, ALL = Reach.NOTHING, Reach.OWN, Reach.ALL

ROLES = ("counter", "officer", "head", "secretary", "administrator", "auditor")

PERMISSIONS: dict[str, tuple[Reach, ...]] = {
    #                   counter officer head secretary administrator auditor
    "cases.see":        (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
    "cases.register":   (ALL,   ALL,    ALL,  ALL,     ALL,          NO),
    "cases.move":       (ALL,   OWN,    OWN,  ALL,     NO,           NO),
    "consents.record":  (ALL,   OWN,    OWN,  ALL,     NO,           NO),
    "pins.check":       (ALL,   ALL,    ALL,  ALL,     NO,           NO),
    "questions.see":    (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
    "questions.answer": (ALL,   ALL,    ALL,  ALL,     NO,           NO),
    "unreached.see":    (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
    "unreached.settle": (ALL,   OWN,    OWN,  ALL,     NO,           NO),
    "dms.see":          (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
    "dms.settle":       (ALL,   NO,     ALL,  ALL,     ALL,          NO),
    "office.see":       (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
    "office.settings":  (NO,    NO,     NO,   ALL,     ALL,          NO),
    "texts.see":        (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
    "texts.change":     (NO,    NO,     NO,   ALL,     ALL,          NO),
    "users.manage":     (NO,    NO,     NO,   NO,      ALL,          NO),
    "audit.see":        (NO,    NO,     NO,   ALL,     ALL,          ALL),
    "account.own":      (ALL,   ALL,    ALL,  ALL,     ALL,          ALL),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who has signed in: their roles, their departments, and which officer they are on cases (ids).

    ``must_change_password``: before anything else. Who has no departments is not restricted to any, so that a small municipality
    need not set them up.
    """

    roles: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset()
    officer: int | None = None
    must_change_password: bool = False

    def reach(self, permission: str) -> Reach:
        """Raises KeyError for a permission that is not in the table."""
        row = dict(zip(ROLES, PERMISSIONS[permission], strict=True))
        reach = max((row[role] for role in self.roles if role in row), default=NO)
        return ALL if reach == OWN and not self.departments else reach

    def may(self, permission: str) -> bool:
        """Somewhere, if not with every case."""
        return self.reach(permission) > NO

    def may_with(self, permission: str, *, department: int | None, officer: int | None) -> bool:
        """With a case of this department that this officer handles."""
        reach = self.reach(permission)
        return reach == ALL or (reach == OWN and self._is_own(department, officer))

    def _is_own(self, department: int | None, officer: int | None) -> bool:
        is_nobodys = department is None and officer is None
        is_mine = officer is not None and officer == self.officer
        return is_nobodys or is_mine or department in self.departments
