// The keyboard, and one submission a form. All works without it, but by more steps.
"use strict";

const writes = (element) => element.matches("input, textarea, select") || element.isContentEditable;

// ── In a form: Enter goes on to the next field, Ctrl+Enter saves ──

function goOn(form, from) {
  const stops = [...form.querySelectorAll("input, select, textarea, [data-main]")].filter(
    (one) => one.type !== "hidden" && one.offsetParent && !(one.type === "radio" && !one.checked));
  const next = stops[stops.indexOf(from) + 1];
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
  if (!form || !event.target.matches("input, select")) return false;
  goOn(form, event.target);
  return true;
}

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

function byLetter(event) {
  if (writes(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const key = CSS.escape(event.key);
  const isLed = Date.now() - leading < 1500;
  leading = 0;
  if (isLed) return press(document.querySelector(`[data-go="${key}"]`));
  return press(document.querySelector(`[data-shortcut="${key}"]`)) || Boolean(KEYS[event.key] && KEYS[event.key]());
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
