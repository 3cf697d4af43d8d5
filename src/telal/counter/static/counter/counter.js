// The keyboard: / finds, n registers, Enter goes on to the next field, Ctrl+Enter saves. And one submission a form.
"use strict";

const writes = (element) => element.matches("input, textarea, select");

function goOn(form, from) {
  const stops = [...form.querySelectorAll("input, select, textarea, [data-main]")].filter(
    (one) => one.type !== "hidden" && one.offsetParent && !(one.type === "radio" && !one.checked));
  const next = stops[stops.indexOf(from) + 1];
  if (!next) return;
  next.focus();
  if (next.select) next.select();
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
    goOn(form, target);
  } else if (!writes(target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search]");
    const shortcut = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (event.key === "/" && search) {
      event.preventDefault();
      search.select();
    } else if (shortcut) {
      shortcut.click();
    }
  }
});

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
