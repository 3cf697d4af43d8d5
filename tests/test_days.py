"""A day of each who works here, from signing in to the evening, in a real browser, and what citizens' phones heard of it.

The day at the counter is told in ``test_at_the_counter``.
"""

import base64
import csv
import hmac
import re
import struct
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.house import House, Phone, eventually
from tests.postgres import free_port

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("house", ["postgresql"], indirect=True)]

PARKS, ESTATE = "Služba za parkove", "Služba za imovinu"
ALMA = {"name": "Alma Mujić", "phone": "033 282 390", "room": "21"}
# Longer than any page takes on a busy machine, and no longer than Alma's day.
UNDO_SECONDS = "15"
OWN_PASSWORD = "sedam crvenih jabuka"

# Hires somebody: ``hire(name, role, …)`` returns the password that they are given.
Hire = Callable[..., str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=20_000)
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield running
        running.close()


@pytest.fixture(scope="module")
def administrator(house: House, browser: Browser) -> Page:
    """Hana, before the list of users."""
    house.register("days-0", "05-19-100/26", department=PARKS, officer=ALMA)
    house.register("days-1", "04-31-100/26", department=ESTATE, officer={"name": "Senad Đozić"})
    password = house.telal("user", "create", "hana", "--role", "administrator").strip()
    page = somebody(browser)
    page.goto(f"{house.url}/counter/users")
    sign_in(page, "hana", password)
    expect(page.get_by_test_id("users")).to_be_visible()
    return page


@pytest.fixture
def hire(administrator: Page, house: House) -> Hire:
    def hire(name: str, role: str, *departments: str, officer: str = "") -> str:
        page = administrator
        page.goto(f"{house.url}/counter/users/new")
        expect(page.locator("[name=name]")).to_be_focused()
        page.keyboard.insert_text(name)
        page.select_option("[name=role]", role)
        if officer:
            page.select_option("[name=officer]", label=officer)
        for department in departments:
            page.get_by_label(department, exact=True).check()
        page.get_by_test_id("save-user").click()
        return page.get_by_test_id("password").inner_text()

    return hire


@pytest.fixture(scope="module")
def desk(house: House) -> Iterator[str]:
    """The address of a web process whose changes are held for a while, as in every real office."""
    port = free_port()
    house.commands["desk"] = ["web", "--port", str(port)]
    house.own_environment["desk"] = {"TELAL_UNDO_SECONDS": UNDO_SECONDS}
    house.ports.append(port)
    house.start("desk")
    house.is_open()
    yield f"http://127.0.0.1:{port}"
    house.ports.remove(port)
    house.kill("desk")
    del house.commands["desk"], house.own_environment["desk"]


def somebody(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1280, "height": 800}, locale="bs-BA")


def sign_in(page: Page, name: str, password: str) -> None:
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.insert_text(name)
    page.keyboard.press("Tab")
    page.keyboard.insert_text(password)
    page.keyboard.press("Enter")


def arrive(page: Page, house: str, name: str, given: str) -> None:
    """The first morning: with the password that was given, and at once with one's own."""
    page.goto(f"{house}/counter/")
    sign_in(page, name, given)
    expect(page.locator("[name=oldpassword]")).to_be_focused()
    for word in (given, OWN_PASSWORD, OWN_PASSWORD):
        page.keyboard.insert_text(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/" not in url)


def leave(page: Page) -> None:
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("sign-out").click()
    expect(page.locator("[name=username]")).to_be_focused()


def code_of(secret: str) -> str:
    """What the app on Alma's phone shows (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def press(page: Page, *keys: str) -> None:
    """As a hand does: on a page that is there, and never as fast as a barcode reader."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key, delay=80)


def choose(field: Locator, label: str) -> None:
    """With the cursor in it, as whoever chooses has it."""
    field.focus()
    field.page.wait_for_load_state()
    field.select_option(label=label)


def unfold(details: Locator) -> None:
    details.locator("summary").focus()
    press(details.page, "Enter")


def row(page: Page, number: str) -> Locator:
    return page.locator(".cases tbody tr").filter(has_text=number)


def open_case(page: Page, number: str) -> None:
    """By its number, from wherever one is."""
    page.locator("[data-search]").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=number)).to_be_visible()


def bubble(within: Page | Locator) -> str:
    """What it says that the citizen will read."""
    return within.get_by_test_id("foretold").locator(".bubble").inner_text()


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Sarajevo")).date()


def ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def test_the_officers_day(house: House, desk: str, browser: Browser, hire: Hire):
    of_alma = {"department": PARKS, "officer": ALMA}
    late = {"received_on": ago(60), "due_on": ago(5), "subject": "Ljetna bašta"}
    ivana = house.bound("days-a1", "05-19-101/26", "Ivana", **of_alma, **late)
    mirza = house.bound("days-a2", "05-19-102/26", "Mirza", **of_alma, received_on=ago(3))
    lejla, emir = (
        house.bound(f"days-a{n}", f"05-19-10{n}/26", "Lejla", **of_alma, received_on=ago(2)) for n in (3, 4)
    )
    page = somebody(browser)
    arrive(page, desk, "alma", hire("alma", "officer", PARKS, officer=ALMA["name"]))

    # She comes to her own cases, and the one that is late stands first.
    expect(page.get_by_test_id("mine-count")).to_have_text("1")
    expect(page.locator(".section th").first).to_have_text("Kasni")
    expect(page.locator(".cases.mine .number").first).to_have_text("05-19-101/26")

    # A second factor, once: the app on her phone.
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("account-link").click()
    page.get_by_test_id("app-on").click()
    expect(page.locator("[name=password]")).to_be_focused()
    page.keyboard.insert_text(OWN_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[name=code]")).to_be_focused()
    secret = page.get_by_test_id("totp-secret").text_content() or ""
    page.keyboard.insert_text(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("codes").locator("code")).to_have_count(10)
    leave(page)
    sign_in(page, "alma", OWN_PASSWORD)
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.insert_text(code_of(secret))
    page.keyboard.press("Enter")

    # The late one, by keyboard: not that state, she sees at once, and takes it back before anybody has heard.
    expect(row(page, "05-19-101/26")).to_be_visible()
    press(page, "j")
    expect(row(page, "05-19-101/26").get_by_role("link").first).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.locator("#move_status")).to_be_focused()
    choose(page.locator("#move_status"), "Postupak prekinut")
    expect(page.get_by_test_id("foretold")).to_contain_text("Postupak je prekinut")
    press(page, "Control+Enter")
    expect(page.get_by_test_id("undo")).to_contain_text("Postupak prekinut")
    press(page, "p")
    expect(page.get_by_test_id("said")).to_contain_text("Poništeno. Građaninu nije otišlo ništa.")
    form = page.get_by_test_id("move-form")
    choose(form.locator("#move_status"), "Dodijeljen službi u rad")
    expect(form.get_by_test_id("foretold")).to_contain_text("Predmet je predat službi")
    foretold = bubble(form)
    press(page, "Control+Enter")
    expect(page.get_by_test_id("status")).to_have_text("Dodijeljen službi u rad")

    # A tree is to be cut: those who keep the parks are asked, and have said yes by noon.
    open_case(page, "05-19-102/26")
    unfold(page.get_by_test_id("ask"))
    page.get_by_test_id("ask").locator("[name=institution]").fill("KJKP Park")
    expect(page.get_by_test_id("ask").get_by_test_id("foretold")).to_contain_text("Čeka se: KJKP Park")
    press(page, "Control+Enter")
    opinion = page.get_by_test_id("opinion").filter(has_text="KJKP Park")
    unfold(opinion)
    expect(opinion.get_by_test_id("foretold")).to_contain_text("Na Vašem predmetu se radi")
    opinion.locator("[name=answer]").fill("Saglasni, uz zamjensku sadnju.")
    press(page, "Control+Enter")
    expect(opinion).to_contain_text("Saglasni")
    expect(page.get_by_test_id("status")).to_have_text("U obradi")
    page.locator("#note_text").fill("Zamjenska sadnja: dvije lipe.")
    press(page, "Control+Enter")
    expect(page.get_by_test_id("note")).to_contain_text("dvije lipe")

    # Then it belongs to somebody else.
    hand_over = page.get_by_test_id("hand-over")
    unfold(hand_over)
    choose(hand_over.locator("[name=department]"), ESTATE)
    expect(hand_over.get_by_test_id("foretold")).to_contain_text(ESTATE)
    press(page, "Control+Enter")
    expect(page.locator("#case-facts")).to_contain_text(ESTATE)
    expect(page.get_by_test_id("move-form")).to_have_count(0)

    # Two that are alike, at once, after a look at what would come of it.
    press(page, "m")
    for number in ("05-19-103/26", "05-19-104/26"):
        page.get_by_label(number, exact=True).check()
    page.get_by_test_id("bulk").press("Enter")
    expect(page.locator("#move_status")).to_be_focused()
    choose(page.locator("#move_status"), "Čeka se dopuna zahtjeva")
    press(page, "Control+Enter")
    expect(page.get_by_test_id("changed")).to_have_text("2")
    example = page.get_by_test_id("summary").locator(".bubble").inner_text()
    press(page, "Control+Enter")
    expect(page.get_by_test_id("said")).to_have_text("Promijenjeno predmeta: 2.")

    # In the list of all there is the colleague's, without a button that would lead her to a closed door.
    page.get_by_role("link", name="svi", exact=True).click()
    expect(row(page, "04-31-100/26").get_by_role("checkbox")).to_have_count(0)
    expect(row(page, "04-31-100/26").get_by_test_id("next")).to_have_count(0)
    expect(row(page, "05-19-103/26").get_by_test_id("next")).to_be_visible()
    leave(page)

    # What the phones heard: word for word what she saw, in her order, and nothing of what she took back or noted.
    assert ivana.hears_all(3)[-1] == foretold
    mirza.hears(f"Služba: {ESTATE}")
    said = "\n".join(mirza.heard())
    assert said.index("Čeka se: KJKP Park") < said.index("Na Vašem predmetu se radi") < said.index(ESTATE)
    assert "lip" not in said
    assert "sadnj" not in said
    assert lejla.hears_all(3)[-1] == example
    assert emir.hears_all(3)[-1] == example.replace("05-19-103/26", "05-19-104/26")


def test_the_heads_day(house: House, browser: Browser, hire: Hire):
    nobodys = {"department": PARKS, "officer": None}
    dino = house.bound("days-h1", "05-19-201/26", "Dino", **nobodys, received_on=ago(60), due_on=ago(2))
    selma = house.bound("days-h2", "05-19-202/26", "Selma", **nobodys, received_on=ago(1))
    page = somebody(browser)
    arrive(page, house.url, "jasna", hire("jasna", "head", PARKS))

    # Her department's cases, the late ones first, and how many they are; nobody else's.
    expect(page.get_by_role("link", name="moja služba")).to_have_attribute("aria-current", "true")
    expect(page.get_by_test_id("mine-count")).to_have_text(re.compile("[1-9]"))
    expect(page.locator(".section th").first).to_have_text("Kasni")
    expect(row(page, "05-19-201/26")).to_contain_text("bez službenika")
    expect(row(page, "04-31-100/26")).to_have_count(0)

    # Who has nobody gets Alma.
    for number in ("05-19-201/26", "05-19-202/26"):
        page.get_by_label(number, exact=True).check()
    page.get_by_test_id("bulk").press("Enter")
    choose(page.get_by_test_id("bulk-hand-over").locator("[name=officer]"), ALMA["name"])
    press(page, "Control+Enter")
    expect(page.get_by_test_id("changed")).to_have_text("2")
    press(page, "Control+Enter")
    expect(row(page, "05-19-201/26")).to_contain_text(ALMA["name"])
    for phone in (dino, selma):
        assert "Kontakt: Alma Mujić\nTelefon: 033 282 390\nSoba: 21" in phone.hears(
            "Predmet je predat službi"
        )

    # One was to stay with the department: the list of Alma's alone, kept in the address.
    choose(page.get_by_role("combobox", name="Službenik"), ALMA["name"])
    page.get_by_role("button", name="Prikaži").press("Enter")
    expect(row(page, "05-19-202/26")).to_be_visible()
    assert "officer=" in page.url
    row(page, "05-19-202/26").get_by_test_id("next").press("Enter")
    choose(page.locator("#move_status"), "U obradi")
    expect(page.get_by_test_id("foretold")).to_contain_text("Na Vašem predmetu se radi")
    press(page, "Control+Enter")
    expect(row(page, "05-19-202/26")).to_contain_text("U obradi")
    assert "officer=" in page.url
    selma.hears("Na Vašem predmetu se radi")

    # Another department's case she may read, for citizens ask her, too; to change it is refused.
    open_case(page, "04-31-100/26")
    expect(page.get_by_test_id("move-form")).to_have_count(0)
    expect(page.get_by_test_id("hand-over")).to_have_count(0)
    page.goto(f"{page.url}/next")
    expect(page.get_by_role("heading", name="Nemate pristup")).to_be_visible()
    leave(page)


def test_the_secretarys_day(house: House, browser: Browser, hire: Hire):
    amir = house.bound("days-s1", "05-19-301/26", "Amir", department=PARKS)
    vesna = house.bound("days-s2", "05-19-302/26", "Vesna", department=PARKS)
    house.fault(kind="status", status=6, receiver=vesna.id)
    house.change("days-s2", "days-s2", "in_progress")
    amir.say("Hoću da pričam s čovjekom o 05-19-301/26")
    page = somebody(browser)
    arrive(page, house.url, "sabina", hire("sabina", "secretary"))

    # What waits for somebody: a question first, answered into the same chat.
    expect(page.get_by_test_id("search")).to_be_focused()
    amir.hears("predali službenicima")
    press(page, "Escape", "g", "c")
    expect(page.get_by_test_id("question").first).to_be_visible()
    press(page, "j")
    expect(page.get_by_test_id("question").first.locator("textarea")).to_be_focused()
    question = page.get_by_test_id("question").filter(has_text="o 05-19-301/26")
    question.locator("textarea").fill("Dođite u sobu 21, ponedjeljkom prije podne.")
    press(page, "Control+Enter")
    expect(question).to_have_count(0)
    amir.hears("Dođite u sobu 21, ponedjeljkom prije podne.")

    # Whom Viber does not reach is called, and that is written down.
    eventually(lambda: is_listed(page, house, "05-19-302/26"), "the change that did not arrive is listed")
    job = page.get_by_test_id("unreached").filter(has_text="05-19-302/26")
    expect(job.get_by_test_id("call")).to_have_attribute("href", "tel:+38761123456")
    job.get_by_test_id("settle-call").press("Enter")
    expect(job).to_have_count(0)

    # A message is said in the municipality's own words, seen on a phone while she writes; and then in Telal's again.
    page.goto(f"{house.url}/counter/texts/notices/text/bs/dispatched")
    ours = page.get_by_test_id("template").input_value()
    page.get_by_test_id("template").fill(f"Odluka je krenula prema Vama.\n\n{ours}")
    expect(page.locator("#wording-preview .bubble").first).to_contain_text("Odluka je krenula prema Vama.")
    press(page, "Control+Enter")
    expect(page.get_by_test_id("own-text")).to_be_visible()
    eventually(lambda: is_told(house, amir, "Odluka je krenula prema Vama."), "the new words are in force")
    page.get_by_test_id("to-default").click()
    expect(page.get_by_test_id("template")).to_have_value(ours)
    press(page, "Control+Enter")
    expect(page.get_by_test_id("history")).to_contain_text("sabina")
    expect(page.get_by_test_id("own-text")).to_have_count(0)

    # For the council: what anybody may see of how soon citizens hear.
    page.goto(f"{house.url}/obecanje/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def is_listed(page: Page, house: House, number: str) -> bool:
    page.goto(f"{house.url}/counter/unreached")
    return page.get_by_test_id("unreached").filter(has_text=number).count() == 1


def is_told(house: House, phone: Phone, words: str) -> bool:
    """On and back again, and what is heard of it."""
    before = len(phone.heard())
    for status in ("in_progress", "dispatched"):
        house.change("days-s1", f"{status} {before}", status)
    return words in phone.hears_all(before + 2)[-1]


def test_the_administrators_day(house: House, browser: Browser, administrator: Page, hire: Hire):
    page = administrator

    # A new department with a new clerk in it, who signs in.
    page.goto(f"{house.url}/counter/settings/departments")
    page.locator("[name=names]").fill("Služba za mjesne zajednice")
    page.get_by_test_id("add").click()
    expect(page.get_by_test_id("names")).to_contain_text("Služba za mjesne zajednice")
    clerk = somebody(browser)
    arrive(clerk, house.url, "edin", hire("edin", "officer", "Služba za mjesne zajednice"))
    expect(clerk.get_by_role("link", name="moja služba")).to_be_visible()

    # A service with its days: a case of it has its date by itself, and the citizen hears it.
    page.goto(f"{house.url}/counter/services/new")
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.insert_text("Sječa stabla na javnoj površini")
    page.locator("[name=days]").fill("7")
    press(page, "Control+Enter")
    expect(page.get_by_test_id("services")).to_contain_text("Sječa stabla na javnoj površini")
    fata = house.phone("Fata")
    service = {"service": "Sječa stabla na javnoj površini", "received_on": "2026-11-02"}
    fata.open(house.register("days-d1", "05-19-401/26", department=PARKS, **service)["viber_link"])
    fata.say("Počni")
    fata.hears("Rok za rješavanje: 9. 11. 2026.")

    # A day on which nobody works, told to who asks, and gone again.
    page.goto(f"{house.url}/counter/hours")
    form = page.get_by_test_id("exceptional-form")
    form.locator("[name=first_day]").fill(f"{today():%d.%m.%Y}")
    form.locator("[name=reason]").fill("Inventura")
    press(page, "Control+Enter")
    listed = page.get_by_test_id("exceptional").get_by_role("listitem").filter(has_text="Inventura")
    expect(listed).to_contain_text("ne radi se")
    fata.say("radite li danas")
    fata.hears("Inventura")
    listed.get_by_test_id("drop-exceptional").press("Enter")
    expect(listed).to_have_count(0)

    # How long data is kept: shorter is shown before it is done, and this time not done.
    page.goto(f"{house.url}/counter/settings/retention")
    page.locator("[name=chat_text]").fill("60")
    page.get_by_test_id("keep").click()
    expect(page.get_by_test_id("losing")).to_contain_text("s 90 na 60 dana")
    page.get_by_role("link", name="Odustani").click()
    expect(page.locator("[name=chat_text]")).to_have_value("90")

    # A case she may read and not move. Somebody leaves the house, and is out at once.
    open_case(page, "05-19-401/26")
    expect(page.get_by_test_id("move-form")).to_have_count(0)
    page.goto(f"{house.url}/counter/users")
    page.get_by_role("link", name="edin").click()
    page.get_by_text("Ukini pristup", exact=True).click()
    page.get_by_test_id("deactivate").click()
    expect(page.get_by_test_id("activate")).to_be_visible()
    clerk.reload()
    expect(clerk.locator("[name=username]")).to_be_visible()


def test_the_auditors_day(house: House, browser: Browser, administrator: Page, hire: Hire):
    zlata = house.bound(
        "days-r1", "05-19-501/26", "Zlata", department=PARKS, applicant={"name": "Zlata Nurkić"}
    )
    given = hire("reuf", "auditor")
    administrator.goto(f"{house.url}/counter/")
    open_case(administrator, "05-19-501/26")
    page = somebody(browser)
    arrive(page, house.url, "reuf", given)

    # Who has looked at this woman's case? Her name leads there, and does not stand in the address.
    page.goto(f"{house.url}/counter/audit")
    page.locator("[name=sought]").fill("Zlata Nurkić")
    press(page, "Enter")
    looked = page.get_by_test_id("audit").get_by_role("row").filter(has_text="pogled na predmet")
    expect(looked).to_contain_text("hana")
    assert "Zlata" not in page.url

    # What was found goes along as a file, and the chain holds.
    with page.expect_download() as download:
        page.get_by_test_id("export-audit").click()
    taken = download.value.path().read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(taken.splitlines(), delimiter=";"))
    assert {"hana"} <= {line["who"] for line in lines if line["action"] == "counter:case"}
    assert "Zlata" not in taken
    page.get_by_test_id("verify-audit").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Lanac je cijel")

    # Who changed what is set? Every act has a name to choose.
    page.locator("[name=action]").select_option(label="novi korisnik")
    page.get_by_test_id("find-audit").click()
    expect(page.get_by_test_id("audit")).to_contain_text("hana")

    # All that he may read, and nowhere a button that changes anything.
    for where in ("mine", "questions", "unreached", "hours", "services", "deadlines", "settings/retention"):
        page.goto(f"{house.url}/counter/{where}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        changing = page.locator("main form[method=post]")
        assert [form for form in changing.all() if form.get_by_role("button").count()] == [], where
    open_case(page, "05-19-501/26")
    for offered in ("move-form", "ask", "hand-over", "add-note", "withdraw", "new-invitation", "new-case"):
        expect(page.get_by_test_id(offered)).to_have_count(0)
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    refused = page.context.request.post(f"{page.url}/move", headers={"X-CSRFToken": token})
    assert refused.status == 403
    assert "Nemate pristup" in refused.text()
    leave(page)
    assert len(zlata.heard()) == 2
