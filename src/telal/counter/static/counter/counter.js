// The keyboard, and one submission a form. All works without it, but by more steps.
"use strict";

const writes = (element) => element.matches("input, textarea, select") || element.isContentEditable;

// ── In a form: Enter goes on to the next field, Ctrl+Enter saves ──

function goOn(form, from, step) {
  const stops = [...form.querySelectorAll("input, select, textarea, [data-main]")].filter(
    (one) => one.type !== "hidden" && one.checkVisibility() && !("aside" in one.dataset) && !(one.type === "radio" && !one.checked));
  const next = stops[stops.indexOf(from) + step];
  if (!next) return;
  next.focus();
  if (next.select) next.select();
}

function inForm(event) {
  const form = event.target.closest("[data-keyboard]");
  if (event.key !== "Enter") return false;
  if (event.ctrlKey || event.metaKey) {
    const main = (form || document).querySelector("[data-main]");
    if (!main) return false;
    main.form.requestSubmit(main);
    return true;
  }
  const target = event.target;
  if (!form || !target.matches("input, select")) return false;
  const offer = !event.shiftKey && !target.value && document.querySelector(`[data-fill="${target.id}"]`);
  goOn(form, offer ? take(offer) : target, event.shiftKey ? -1 : 1);
  return true;
}

// ── What is offered is taken over; what a reader reads goes where it belongs ──

function write(field, text) {
  field.value = text;
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
}

function take(offer) {
  const field = document.getElementById(offer.dataset.fill);
  write(field, offer.textContent);
  return field;
}

// A reader types faster than anybody, and ends with Enter or Tab. What it reads belongs to one field, wherever the cursor was.
const FASTEST_HAND = 50; // milliseconds from key to key
const SHORTEST_CODE = 5;
let burst = { text: "", at: -Infinity, before: new Map() };

function note(event) {
  if (event.timeStamp - burst.at > FASTEST_HAND) burst = { text: "", at: 0, before: new Map() };
  const field = event.target;
  if (writes(field) && !burst.before.has(field)) {
    burst.before.set(field, { value: field.value, checked: field.checked, selectedIndex: field.selectedIndex });
  }
  burst.text += event.key;
  burst.at = event.timeStamp;
}

function undo() {
  for (const [field, before] of burst.before) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = before.checked;
    else if (field.matches("select")) field.selectedIndex = before.selectedIndex;
    else field.value = before.value;
  }
}

function scanned(event) {
  const text = burst.text;
  const isScan = text.length >= SHORTEST_CODE && event.timeStamp - burst.at <= FASTEST_HAND;
  burst = { ...burst, text: "", at: -Infinity };
  const place = document.querySelector("[data-scan]") || document.querySelector("[data-search]");
  if (!isScan || !place) return;
  undo();
  const fits = place.maxLength < 0 || text.length <= place.maxLength;
  if (fits) write(place, text);
  const said = document.querySelector("[data-scan-said]");
  if (said) said.textContent = fits ? said.dataset.good : said.dataset.bad;
  if (place === event.target && fits) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (place.matches("[data-search]")) place.form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length === 1) note(event);
  else if (event.key === "Enter" || event.key === "Tab") scanned(event);
}, true);

// ── In a list: j and k go down and up, Enter opens; the arrow leads from the search into the list ──

const ROWS = ".cases tbody tr, [data-row]";

function step(by) {
  const stops = [...document.querySelectorAll(ROWS)].map((row) => row.querySelector("a[href], button, textarea")).filter(Boolean);
  const here = stops.findIndex((one) => one.closest(ROWS).contains(document.activeElement));
  const next = stops[here < 0 ? 0 : here + by];
  if (next) next.focus();
  return Boolean(next);
}

// ── Anywhere but in a field: a letter does, g and a letter leads ──

let leading = 0;

const press = (element) => {
  if (element) element.click();
  return Boolean(element);
};

const KEYS = {
  "/": () => {
    const search = document.querySelector("[data-search]");
    if (search) search.select();
    return Boolean(search);
  },
  "?": () => {
    const shortcuts = document.getElementById("shortcuts");
    if (shortcuts && shortcuts.togglePopover) shortcuts.togglePopover();
    return Boolean(shortcuts);
  },
  "j": () => step(1),
  "k": () => step(-1),
  "g": () => Boolean(leading = Date.now()),
};

function act(letter) {
  const key = CSS.escape(letter);
  const isLed = Date.now() - leading < 1500;
  leading = 0;
  if (isLed) press(document.querySelector(`[data-go="${key}"]`));
  else press(document.querySelector(`[data-shortcut="${key}"]`)) || (KEYS[letter] && KEYS[letter]());
}

// A letter that others follow at once was read by a reader.
function byLetter(event) {
  if (writes(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (event.key.length !== 1) return false;
  setTimeout(() => burst.text === event.key && act(event.key), FASTEST_HAND + 5);
  return event.key === "/";
}

function leave(event) {
  if (event.key === "ArrowDown" && event.target.matches("[data-search]")) return step(1);
  if (event.key !== "Escape") return false;
  const menu = event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.target.matches("[data-search]")) event.target.blur();
  return false;
}

document.addEventListener("keydown", (event) => {
  if (inForm(event) || leave(event) || byLetter(event)) event.preventDefault();
});

// ── A menu closes when one goes elsewhere ──

const closeMenus = (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
};
document.addEventListener("click", closeMenus);
document.addEventListener("focusin", closeMenus);

// ── Somebody signed in again in another window: what is sent from this one belongs to that ──

const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || ["", ""])[1];

document.addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken;
  if (field && token()) field.value = token();
}, true);
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.parameters.csrfmiddlewaretoken && token()) event.detail.parameters.csrfmiddlewaretoken = token();
});

// ── The session is over, and a page that asks by itself is told so: one that somebody has typed into stays, to be sent ──

const usual = (select) => [...select.options].find((one) => one.defaultSelected) || select.options[0];
const isTyped = (field) =>
  field.matches("select") ? field.selectedOptions[0] !== usual(field)
    : field.type !== "hidden" && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  const fields = [...document.querySelectorAll("main input, main select, main textarea")];
  if (document.querySelector("main .wrong") || fields.some(isTyped)) event.preventDefault();
});

// ── One submission a form ──

document.addEventListener("submit", (event) => {
  if (event.target.hasAttribute("hx-post") || (event.submitter && event.submitter.formTarget)) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// One tick for all rows of a page; without this script each row has its own.
document.addEventListener("change", (event) => {
  const name = event.target.dataset.chooseAll;
  if (!name) return;
  for (const one of document.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(name)}"]`)) one.checked = event.target.checked;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-fill]");
  if (offer) take(offer).focus();
});
