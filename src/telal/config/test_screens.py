"""Every screen in a real browser: what axe finds, narrow and wide, by day and by night, by keyboard, with nothing refused.

The list is made of the addresses: a new screen without a line here fails.
"""

import re
import uuid
from datetime import timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from telal.cases.models import Applicant, Case, CaseEvent, Change, Institution, Review, Unmatched
from telal.cases.rules import Exceptional, Service
from telal.conversation.models import Question
from telal.counter.urls import urlpatterns as of_counter
from telal.messaging.models import Contact, Message
from telal.notices.consents import invite, record_consent
from telal.notices.models import Notice, Subscription, Unbound
from telal.public.urls import urlpatterns as of_public

ADMINISTRATOR, AUDITOR, SECRETARY, NOBODY = "administrator", "auditor", "secretary", ""

# What stands behind each address that can be opened, and who looks. A line a screen.
SCREENS = {
    "counter:sign_in": [("", NOBODY)],
    "counter:home": [
        ("", ADMINISTRATOR),
        ("", AUDITOR),
        ("?q=06-23-181/26", ADMINISTRATOR),
        ("?q=99-99-9999/26", ADMINISTRATOR),
    ],
    "counter:work": [("", SECRETARY)],
    "counter:unreached": [("", SECRETARY), ("", AUDITOR)],
    "counter:questions": [("", SECRETARY), ("", AUDITOR)],
    "counter:unbound": [("", SECRETARY)],
    "counter:unmatched": [("", SECRETARY)],
    "counter:reviews": [("", SECRETARY)],
    "counter:hours": [("", ADMINISTRATOR), ("", AUDITOR)],
    "counter:texts": [("?q=prijem", ADMINISTRATOR)],
    "counter:wording": [("", ADMINISTRATOR)],
    "counter:users": [("", ADMINISTRATOR)],
    "counter:new_user": [("", ADMINISTRATOR)],
    "counter:user": [("", ADMINISTRATOR)],
    "counter:audit": [("", AUDITOR)],
    "counter:register": [("", ADMINISTRATOR), ("", AUDITOR)],
    "counter:case": [("", SECRETARY), ("", AUDITOR)],
    "counter:give_consent": [("", SECRETARY)],
    "counter:new_number": [("", SECRETARY)],
    "counter:mine": [("", SECRETARY), ("", AUDITOR)],
    "counter:move_screen": [("", SECRETARY)],
    "counter:opinions": [("", ADMINISTRATOR)],
    "counter:settings": [("", ADMINISTRATOR)],
    "counter:first_steps": [("", ADMINISTRATOR)],
    "counter:municipality": [("", ADMINISTRATOR)],
    "counter:consent_wording": [("", ADMINISTRATOR)],
    "counter:viber": [("", ADMINISTRATOR)],
    "counter:retention": [("", ADMINISTRATOR)],
    "counter:departments": [("", ADMINISTRATOR)],
    "counter:departments_one": [("", ADMINISTRATOR)],
    "counter:officers": [("", ADMINISTRATOR)],
    "counter:officers_one": [("", ADMINISTRATOR)],
    "counter:institutions": [("", ADMINISTRATOR)],
    "counter:institutions_one": [("", ADMINISTRATOR)],
    "counter:services": [("", ADMINISTRATOR)],
    "counter:service": [("", ADMINISTRATOR)],
    "counter:new_service": [("", ADMINISTRATOR)],
    "counter:deadlines": [("", ADMINISTRATOR)],
    "counter:recount": [("", ADMINISTRATOR)],
    "counter:nothing_here": [("", ADMINISTRATOR)],
    "public:home": [("", NOBODY), ("?jezik=sr", NOBODY)],
    "public:promise": [("", NOBODY)],
    "public:slip": [("", NOBODY)],
}
# What can be opened and is no screen: parts that pages ask for, ways to another screen, files and figures for machines.
NO_SCREENS = {
    "counter:statement",
    "counter:case_timeline",
    "counter:binding",
    "counter:undo_bar",
    "counter:start",
    "counter:unsent",  # when nothing is
    "counter:first",  # closed as soon as somebody has a user
    "counter:export_services",
    "public:promise_numbers",
}

# All rules in the first of them; in each, that nothing sticks out.
LOOKS = (
    (1280, "light", None),
    (1280, "dark", ["color-contrast"]),
    (375, "dark", None),
    (320, "light", ["color-contrast", "target-size", "scrollable-region-focusable"]),
)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
FINDINGS = """async (rules) => {
  const only = rules ? {type: "rule", values: rules}
    : {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]};
  const found = await axe.run(document, {runOnly: only, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"]});
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
}"""
STICKING_OUT = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => `${innerWidth}: ${one.outerHTML.slice(0, 120)}`).slice(0, 5)"""
# Everything that can be pressed or filled in, and a note of each that the keyboard comes to.
STOPS = """() => {
  const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  const group = (one) => [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
  window.stops = [...document.querySelectorAll(all)].filter((one) => !one.disabled
    && one.checkVisibility({visibilityProperty: true})
    && !(one.type === "radio" && (group(one).find((other) => other.checked) || group(one)[0]) !== one));
  window.reached = new Set(); window.unseen = new Set();
  const isSeen = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return true;
    }
    return false;
  };
  document.addEventListener("focusin", (event) => {
    window.reached.add(event.target);
    if (!isSeen(event.target)) window.unseen.add(event.target);
  });
  return window.stops.length;
}"""
UNREACHED = """() => [
  ...window.stops.filter((one) => !window.reached.has(one)).map((one) => "not reached by Tab: " + one.outerHTML.slice(0, 160)),
  ...[...window.unseen].map((one) => "focus is not seen: " + one.outerHTML.slice(0, 160)),
]"""
REFUSED = """document.addEventListener(
  "securitypolicyviolation", (event) => console.error("refused: " + event.violatedDirective))"""


def patterns() -> dict[str, URLPattern]:
    apps = {"counter": of_counter, "public": of_public}
    return {f"{app}:{one.name}": one for app, found in apps.items() for one in found}


def session(role: str) -> str:
    user = User.objects.create(username=role)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def town(settings: Any) -> dict[str, str]:
    """A municipality in which every list has something. Returns what fills in addresses."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TELAL_VIBER_URI = "opcina"
    now = timezone.now()
    names = ("Amra Hodžić", "Džemal Hodžić", "Đuro Perić")
    cases = [
        Case.register(
            source="counter", actor="ana", ref=f"test:{n}", number=f"06-23-18{n}/26", kind="administrative",
            subject="Urbanistička saglasnost za rekonstrukciju i nadogradnju stambenog objekta", received_on=timezone.localdate(),
            applicant=Applicant.called(name, "+38761123456"), sensitive=n == 2,
        )
        for n, name in enumerate(names)
    ]  # fmt: skip
    case = cases[0]
    for status in ("assigned", "in_progress", "awaiting_other_body"):
        change = Change(
            status, officer="Alma Destanović", department="Služba za urbanizam", note="Zvati poslije podne."
        )
        case.move_to(change, source="counter", actor="ana")
    consent = record_consent(case, recorded_by="ana", medium="paper")
    token = invite(consent).token
    contact = Contact.objects.create(channel="viber", address=uuid.uuid4().hex, reachable=True, name="Amra")
    chat = Subscription.objects.create(
        consent=consent, case=case, contact=contact, created_at=now, way="slip"
    )
    for event, state in zip(
        CaseEvent.objects.filter(case=case), ("seen", "failed", "uncertain", "cancelled"), strict=True
    ):
        message = Message.objects.create(
            contact=contact,
            lane=1,
            text="Predmet: 06-23-180/26",
            state=state,
            created_at=now,
            ended_at=now,
            error="6",
        )
        Notice.objects.create(event=event, subscription=chat, message=message, created_at=now)
    Question.objects.create(contact=contact, kind="human", text="Kome da se javim?", asked_at=now)
    Question.objects.create(
        contact=contact, kind="erasure", asked_at=now, due_on=timezone.localdate() - timedelta(1)
    )
    Exceptional.objects.create(
        first_day="2027-03-01", last_day="2027-03-05", hours="9:00–14:00", reason="Ramazan"
    )
    Unmatched.objects.create(
        source="api",
        sender="dms",
        ref="x-1",
        reason="unknown",
        said="{}",
        mark="1",
        first_at=now,
        last_at=now,
    )
    Review.objects.create(event=CaseEvent.objects.filter(case=case).latest("no"))
    Unbound.objects.filter(consent=record_consent(cases[1], recorded_by="ana", medium="paper")).update(
        since=now - timedelta(days=9)
    )
    institution = Institution.called("KJKP Vodovod i kanalizacija")
    service = Service.objects.create(name="Urbanistička saglasnost")
    case.refresh_from_db()
    return {
        "pk": str(case.pk),
        "token": token,
        "rest": "nema",
        "day": "2027-01-01",
        "app": "notices",
        "part": "text",
        "language": "bs",
        "name": "received",
        "counter:new_number": str(consent.pk),
        "counter:binding": str(consent.pk),
        "counter:user": str(User.objects.create(username="amra.hodzic").pk),
        "counter:service": str(service.pk),
        "counter:departments_one": str(case.department_id),
        "counter:officers_one": str(case.officer_id),
        "counter:institutions_one": str(institution.pk if institution else ""),
    }


def address(name: str, town: dict[str, str]) -> str:
    needed = patterns()[name].pattern.converters
    kinds = patterns()[name].default_args
    return reverse(name, kwargs={**kinds, **{each: town.get(name, town[each]) for each in needed}})


@pytest.mark.django_db
def test_every_screen_is_on_the_list(town: dict[str, str]):
    client = Client()
    client.cookies["sessionid"] = session(ADMINISTRATOR)
    opened = {name for name in patterns() if client.get(address(name, town)).status_code != 405}
    assert sorted(opened - NO_SCREENS - set(SCREENS)) == []
    assert set(SCREENS) | NO_SCREENS <= opened


@pytest.fixture
def sessions(transactional_db: None, town: dict[str, str]) -> dict[str, str]:
    return {role: session(role) for role in (ADMINISTRATOR, AUDITOR, SECRETARY)}


class Look:
    """One who looks at pages and notes what is wrong with them."""

    def __init__(self, browser: Browser, url: str, session: str) -> None:
        self.url = url
        self.wrong: list[str] = []
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, locale="bs-BA", reduced_motion="reduce"
        )
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        context.add_init_script(REFUSED)
        context.add_init_script(AXE)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self._note(f"console: {message.text}"))
        self.page.on("request", lambda request: self._is_ours(request.url))

    def goto(self, where: str) -> None:
        self.page.goto(self.url + where)
        self.examine()

    def examine(self) -> None:
        page = self.page
        for width, scheme, rules in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            for finding in (*page.evaluate(FINDINGS, rules), *page.evaluate(STICKING_OUT)):
                self._note(f"{width} {scheme}: {finding}")
        page.set_viewport_size({"width": 1280, "height": 800})
        for _ in range(page.evaluate(STOPS) + 3):
            page.keyboard.press("Tab")
        for finding in page.evaluate(UNREACHED):
            self._note(finding)

    def _is_ours(self, asked: str) -> None:
        if urlsplit(asked).netloc != urlsplit(self.url).netloc and not asked.startswith("data:"):
            self._note(f"asks {asked}")

    def _note(self, what: str) -> None:
        # That an address leads nowhere is what its screen says.
        if not re.search(r"console: Failed to load resource.*40[34]", what):
            self.wrong.append(f"{urlsplit(self.page.url).path}: {what}")


@pytest.mark.browser
def test_every_screen_can_be_used_by_everybody(town, sessions, live_server, browser):
    looks = {
        role: Look(browser, live_server.url, sessions.get(role, ""))
        for role in (ADMINISTRATOR, AUDITOR, SECRETARY, NOBODY)
    }
    for name, visits in SCREENS.items():
        for query, role in visits:
            looks[role].goto(address(name, town) + query)

    clerk = looks[ADMINISTRATOR]
    clerk.page.goto(f"{live_server.url}/counter/cases/new")
    clerk.page.get_by_test_id("save").click()
    clerk.page.get_by_test_id("errors").wait_for()
    clerk.examine()
    form = {
        "number": "06-23-99/26",
        "subject": "Rušenje garaže",
        "applicant_name": "Senad Đozić",
        "phone": "062 123 456",
    }
    for field, value in form.items():
        clerk.page.locator(f"[name={field}]").fill(value)
    clerk.page.locator("[name=consent]").check()
    clerk.page.get_by_test_id("save").click()
    clerk.page.get_by_test_id("slip").wait_for()
    clerk.examine()

    wrong = [finding for look in looks.values() for finding in look.wrong]
    assert not wrong, "\n".join(wrong)
