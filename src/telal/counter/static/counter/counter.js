// The keyboard: / finds, n registers, Enter goes on to the next field, Ctrl+Enter saves. A barcode reader. And one submission a form.
"use strict";

const writes = (element) => element.matches("input, textarea, select");

function goOn(form, from, step) {
  const stops = [...form.querySelectorAll("input, select, textarea, [data-main]")].filter(
    (one) => one.type !== "hidden" && one.checkVisibility() && !("aside" in one.dataset) && !(one.type === "radio" && !one.checked));
  const next = stops[stops.indexOf(from) + step];
  if (!next) return;
  next.focus();
  if (next.select) next.select();
}

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

// A letter alone is a shortcut; one that others follow at once was read by a reader.
function shortcut(key) {
  const search = document.querySelector("[data-search]");
  const pressed = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
  if (key === "/" && search) search.select();
  else if (pressed) pressed.click();
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const form = target.closest("[data-keyboard]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const main = (form || document).querySelector("[data-main]");
    if (!main) return;
    event.preventDefault();
    main.form.requestSubmit(main);
  } else if (form && event.key === "Enter" && target.matches("input, select")) {
    event.preventDefault();
    const offer = !event.shiftKey && !target.value && document.querySelector(`[data-fill="${target.id}"]`);
    goOn(form, offer ? take(offer) : target, event.shiftKey ? -1 : 1);
  } else if (!writes(target) && !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1) {
    if (event.key === "/") event.preventDefault();
    setTimeout(() => burst.text === event.key && shortcut(event.key), FASTEST_HAND + 5);
  }
});

document.addEventListener("submit", (event) => {
  const opensAnother = event.target.target || (event.submitter && event.submitter.formTarget);
  if (event.target.hasAttribute("hx-post") || opensAnother) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-fill]");
  if (offer) take(offer).focus();
});
