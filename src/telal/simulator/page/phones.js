// The phones' page: shows what the simulator knows and says what the person does. It keeps no chat of its own.

const SHOWN_AT_FIRST = 3;
const LAST_BUBBLES = 200;
const $ = (selector, within = document) => within.querySelector(selector);

const panels = new Map(); // phone id → Panel, in the order shown
let people = [];
let account = { name: "", uri: "" };
let active = null;

// ── Talking to the simulator ────────────────────────────────────────────────────────────────────────────────────

async function call(path, body, method = body === undefined ? "GET" : "POST") {
  const answer = await fetch(`/control/${path}`, { method, body: body && JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

const path = (id) => `phones/${encodeURIComponent(id)}`;

const EXPLANATIONS = [
  [/no webhook/, "Usluga još nije povezana s Viberom. Pokušajte za koji trenutak."],
  [/offline/, "Telefon nema mreže."],
  [/no bot/, "Ovaj link vodi u neki drugi razgovor."],
  [/not a link/, "Ovo nije link za razgovor."],
];

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    const known = EXPLANATIONS.find(([pattern]) => pattern.test(error.message));
    notify(known ? known[1] : error.message);
  }
}

function notify(text) {
  const notice = $("#notice");
  notice.textContent = text;
  notice.hidden = false;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => (notice.hidden = true), 4000);
}

// ── Text, safely: what came from outside only ever becomes text nodes and a few elements of ours ────────────────

const MARKS = [
  [/```([\s\S]+?)```/, "code"],
  [/(?<![\p{L}\p{N}*])\*(?! )([^*\n]+?)(?<! )\*(?![\p{L}\p{N}*])/u, "b"],
  [/(?<![\p{L}\p{N}_])_(?! )([^_\n]+?)(?<! )_(?![\p{L}\p{N}_])/u, "i"],
  [/(?<![\p{L}\p{N}~])~(?! )([^~\n]+?)(?<! )~(?![\p{L}\p{N}~])/u, "s"],
  [/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/, "a"],
];

function formatted(text) {
  const found = MARKS.map(([pattern, tag]) => [pattern.exec(text), tag])
    .filter(([match]) => match)
    .sort(([a], [b]) => a.index - b.index)[0];
  if (!found) return [document.createTextNode(text)];
  const [match, tag] = found;
  const marked = element(tag, {}, tag === "a" || tag === "code" ? match[1] : formatted(match[1]));
  if (tag === "a") Object.assign(marked, { href: match[1], target: "_blank", rel: "noopener noreferrer" });
  return [text.slice(0, match.index), marked, ...formatted(text.slice(match.index + match[0].length))];
}

const KEY_TAGS = new Set(["B", "I", "U", "S", "BR", "FONT"]);

function keyText(html) {
  const inert = new DOMParser().parseFromString(html, "text/html").body;
  const copy = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    const inside = [...node.childNodes].flatMap(copy);
    if (!KEY_TAGS.has(node.tagName)) return inside;
    const made = element(node.tagName === "FONT" ? "span" : node.tagName, {}, inside);
    const size = Number(node.getAttribute("size"));
    if (/^#[0-9a-f]{3,6}$/i.test(node.getAttribute("color") ?? "")) made.style.color = node.getAttribute("color");
    if (size >= 12 && size <= 32) made.style.fontSize = `${size}px`;
    return [made];
  };
  return [...inert.childNodes].flatMap(copy);
}

function element(tag, attributes = {}, content = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...[content].flat());
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

// ── Bubbles ─────────────────────────────────────────────────────────────────────────────────────────────────────

const clock = (at) => new Date(at).toLocaleTimeString("bs", { hour: "2-digit", minute: "2-digit", hour12: false });

function dayName(at) {
  const day = new Date(at);
  const today = new Date();
  if (day.toDateString() === today.toDateString()) return "Danas";
  return `${day.getDate()}. ${day.getMonth() + 1}. ${day.getFullYear()}.`;
}

function media(symbol, title, detail = "") {
  return element("div", { class: "media" }, [
    element("span", {}, icon(symbol)),
    element("div", {}, [title, element("small", {}, detail)]),
  ]);
}

const CONTENT = {
  picture: (m) => [media("picture", "Fotografija"), ...formatted(m.text ?? "")],
  video: (m) => [media("picture", "Video"), ...formatted(m.text ?? "")],
  file: (m) => [media("paper", m.file_name ?? "Dokument", m.size ? `${Math.ceil(m.size / 1024)} kB` : "")],
  location: (m) => [media("place", "Lokacija", `${m.location?.lat}, ${m.location?.lon}`)],
  contact: (m) => [media("contact", m.contact?.name ?? "Moj broj", m.contact?.phone_number)],
  url: (m) => formatted(m.media ?? ""),
  sticker: () => [sticker()],
};

function sticker() {
  const svg = icon("sticker");
  svg.style.cssText = "width:96px;height:96px;color:#7360f2;stroke-width:1.2";
  return svg;
}

function bubble(said) {
  const { message, mine, progress, at } = said;
  const content = CONTENT[message.type]?.(message) ?? formatted(said.shown);
  const kind = message.type === "sticker" ? "sticker" : "";
  const made = element("article", { class: `bubble ${mine ? "mine" : ""} ${kind}`, "data-testid": "message" }, [
    element("div", { class: "body" }, content),
    element("footer", {}, [clock(at), ...(mine ? [progressMark(progress)] : [])]),
  ]);
  made.dataset.progress = progress;
  made.dataset.token = said.token;
  made.dataset.mine = mine;
  return made;
}

const PROGRESS = { sending: ["sending", "Šalje se"], sent: ["sent", "Poslano"], delivered: ["ticks", "Isporučeno"], seen: ["ticks", "Viđeno"] };

function progressMark(progress) {
  const [symbol, words] = PROGRESS[progress] ?? PROGRESS.sending;
  const mark = icon(symbol);
  mark.setAttribute("aria-label", words);
  return mark;
}

// ── One phone ───────────────────────────────────────────────────────────────────────────────────────────────────

class Panel {
  constructor(id) {
    this.id = id;
    this.root = $("#phone-template").content.cloneNode(true).firstElementChild;
    this.stream = $(".stream", this.root);
    this.input = $(".text", this.root);
    this.device = "phone";
    this.listen();
    $("#phones").append(this.root);
  }

  listen() {
    const on = (selector, event, work) => $(selector, this.root).addEventListener(event, work);
    this.root.addEventListener("pointerdown", () => activate(this.id));
    this.root.addEventListener("focusin", () => activate(this.id));
    this.root.addEventListener("click", (event) => this.click(event));
    on(".compose", "submit", (event) => (event.preventDefault(), this.say()));
    on(".online", "change", (event) => this.act("online", { online: event.target.checked }));
    on(".who", "change", (event) => replace(this.id, event.target.value));
    on(".edit", "click", () => editPerson(this.state));
    on(".hide", "click", () => hide(this.id));
  }

  click(event) {
    const pressed = event.target.closest("[data-act], [data-send]");
    if (!pressed) return;
    const { act, send } = pressed.dataset;
    if (act === "desktop") this.switchDevice();
    else if (act) this.act(act);
    else this.act("send", { message: { type: send } });
  }

  act(action, body = {}) {
    return attempt(() => call(`${path(this.id)}/${action}`, body));
  }

  say() {
    const text = this.input.value.trim();
    this.input.value = "";
    this.input.focus();
    if (text) this.act("say", { text });
  }

  async press(place, button) {
    const action = button.ActionType ?? "reply";
    if (action === "none") return;
    if (action === "share-phone" && this.device === "phone" && !(await this.agreesToShare())) return;
    if (action === "open-url" && /^https?:/i.test(button.ActionBody)) window.open(button.ActionBody, "_blank", "noopener");
    this.act("press", { button: place, device: this.device });
  }

  agreesToShare() {
    const sheet = $(".sheet", this.root);
    $(".own-number", sheet).textContent = this.state.phone_number;
    sheet.hidden = false;
    $("[data-testid=share-confirm]", sheet).focus();
    return new Promise((answer) => {
      sheet.onclick = ({ target }) => {
        const chosen = target.closest("button");
        if (!chosen && target !== sheet) return;
        sheet.hidden = true;
        answer(chosen?.dataset.testid === "share-confirm");
      };
    });
  }

  switchDevice() {
    this.device = this.device === "phone" ? "desktop" : "phone";
    this.show(this.state);
  }

  // One question at a time, so that an older answer never replaces a newer one.
  refresh() {
    this.stale = true;
    this.refreshing ??= this.catchUp().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  async catchUp() {
    while (this.stale) {
      this.stale = false;
      const state = await call(`${path(this.id)}?last=${LAST_BUBBLES}`).catch(() => null);
      if (state && panels.get(this.id) === this) this.show(state);
    }
  }

  show(state) {
    const draftIsNew = state.draft && state.draft !== this.state?.draft;
    this.state = state;
    this.root.dataset.phone = state.id;
    this.root.dataset.number = state.number;
    this.root.dataset.name = state.name;
    if (draftIsNew) this.input.value = state.draft;
    this.showFrame(state);
    this.showChat(state);
    this.showKeyboard(state.keyboard);
    if (active === this.id) this.read();
  }

  showFrame(state) {
    const started = state.chat.length > 0;
    for (const bot of this.root.querySelectorAll(".bot")) bot.textContent = account.name;
    $(".avatar", this.root).textContent = initials(account.name);
    $(".state", this.root).textContent = this.device === "desktop" ? "Viber na računaru" : "Usluga za građane";
    $(".online", this.root).checked = state.online;
    $(".switch b", this.root).textContent = state.online ? "na mreži" : "van mreže";
    this.root.classList.toggle("is-offline", !state.online);
    this.root.classList.toggle("has-left", started && !state.subscribed && state.chat.some((b) => b.mine));
    $("[data-testid=leave]", this.root).hidden = !state.subscribed;
    $("[data-testid=return]", this.root).hidden = state.subscribed || !started;
    $("[data-testid=use-desktop]", this.root).hidden = !state.devices.includes("desktop");
    $("[data-testid=use-desktop]", this.root).textContent = this.device === "phone" ? "Pređi na računar" : "Pređi na telefon";
    const unread = $(".unread", this.root);
    unread.hidden = !state.unread;
    unread.textContent = state.unread;
    fillWho($(".who", this.root), this.id);
  }

  showChat({ chat: all, unread }) {
    const { stream } = this;
    const chat = all.filter((said) => said.progress !== "failed"); // a phone does not display what it refused
    const atEnd = stream.scrollHeight - stream.scrollTop - stream.clientHeight < 60;
    const items = chat.length ? timeline(chat, active === this.id ? 0 : unread) : [["hello", () => this.hello()]];
    items.forEach(([key, make], place) => {
      const old = stream.children[place];
      if (old?.dataset.key === key) return;
      const made = make();
      made.dataset.key = key;
      old ? old.replaceWith(made) : stream.append(made);
    });
    while (stream.children.length > items.length) stream.lastChild.remove();
    if (atEnd) stream.scrollTop = stream.scrollHeight;
  }

  hello() {
    const open = element("button", { class: "primary", "data-act": "open", "data-testid": "start" }, "Otvori razgovor");
    return element("div", { class: "hello" }, [
      element("span", { class: "avatar" }, initials(account.name)),
      element("strong", {}, account.name),
      element("p", {}, "Skenirajte QR kod sa potvrde ili otvorite razgovor ovdje."),
      open,
    ]);
  }

  showKeyboard(keyboard) {
    const key = JSON.stringify([keyboard, this.device]);
    if (this.keyboardKey === key) return;
    this.keyboardKey = key;
    const board = $(".keyboard", this.root);
    board.replaceChildren(...(keyboard?.Buttons ?? []).map((button, place) => this.key(button, place)));
    board.classList.toggle("shown", Boolean(keyboard));
    board.classList.toggle("tall", Boolean(keyboard?.DefaultHeight));
    board.style.background = keyboard?.BgColor ?? "";
    $(".compose", this.root).classList.toggle("away", keyboard?.InputFieldState === "hidden");
    this.stream.scrollTop = this.stream.scrollHeight;
  }

  key(button, place) {
    const label = button.ActionType === "none";
    const classes = ["key", button.TextSize, `at-${button.TextHAlign}`, `at-${button.TextVAlign}`, label ? "label" : ""];
    const made = element("button", { class: classes.join(" "), type: "button", "data-testid": "key" }, element("span", {}, keyText(button.Text ?? "")));
    made.style.gridColumn = `span ${button.Columns ?? 6}`;
    made.style.gridRow = `span ${button.Rows ?? 1}`;
    made.style.background = button.BgColor ?? "";
    made.disabled = label;
    made.addEventListener("click", () => this.press(place, button));
    return made;
  }

  read() {
    if (this.state?.unread && this.state.online && document.visibilityState === "visible")
      call(`${path(this.id)}/read`, {}).catch(() => {});
  }
}

function timeline(chat, unread) {
  const items = [];
  const firstUnread = chat.filter((b) => !b.mine).slice(-unread)[0];
  let day = "";
  for (const said of chat) {
    if (dayName(said.at) !== day) {
      day = dayName(said.at);
      const name = day;
      items.push([`day ${day}`, () => element("div", { class: "day" }, name)]);
    }
    if (unread && said === firstUnread) items.push(["new", () => element("div", { class: "new" }, "Nepročitano")]);
    items.push([`${said.token} ${said.at} ${said.progress}`, () => bubble(said)]);
  }
  return items;
}

const initials = (name) => name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => word[0].toUpperCase()).join("");

// ── Which phones are on the table ───────────────────────────────────────────────────────────────────────────────

function fillWho(select, id) {
  const key = people.map((person) => `${person.id} ${person.name} ${panels.has(person.id)}`).join();
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  const free = people.filter((person) => person.id === id || !panels.has(person.id));
  select.replaceChildren(...free.map((p) => element("option", { value: p.id, title: p.phone_number }, p.name)));
  select.value = id;
}

function activate(id) {
  if (active === id || !panels.has(id)) return;
  active = id;
  for (const [other, panel] of panels) panel.root.classList.toggle("active", other === id);
  panels.get(id).read();
}

async function reveal(id) {
  if (!panels.has(id)) panels.set(id, new Panel(id));
  await panels.get(id).refresh();
  remember();
}

async function replace(id, other) {
  const panel = new Panel(other);
  panels.get(id).root.replaceWith(panel.root);
  const order = [...panels].map(([key, value]) => (key === id ? [other, panel] : [key, value]));
  panels.clear();
  order.forEach(([key, value]) => panels.set(key, value));
  activate(other);
  await refreshAll();
  remember();
}

function hide(id) {
  panels.get(id).root.remove();
  panels.delete(id);
  if (active === id) activate(panels.keys().next().value);
  remember();
  refreshAll();
}

const remember = () => localStorage.setItem("phones", JSON.stringify([...panels.keys()]));
const remembered = () => JSON.parse(localStorage.getItem("phones") ?? "[]");

async function refreshAll() {
  const [state, list] = await Promise.all([call("state"), call("phones")]);
  account = state.account;
  people = list.phones;
  showAccount(state);
  for (const id of panels.keys()) if (!people.some((person) => person.id === id)) hideGone(id);
  await Promise.all([...panels.values()].map((panel) => panel.refresh()));
}

function hideGone(id) {
  panels.get(id).root.remove();
  panels.delete(id);
  if (active === id) active = null;
}

function showAccount({ webhook }) {
  const line = $("#account");
  line.textContent = `${account.name} · ${webhook ? "usluga je povezana" : "usluga još nije povezana"}`;
  line.classList.toggle("connected", Boolean(webhook));
}

async function layOut(wanted) {
  const known = remembered().filter((id) => people.some((person) => person.id === id));
  const chosen = known.length ? known : people.slice(0, SHOWN_AT_FIRST).map((person) => person.id);
  const first = people.find((person) => person.id === wanted || String(person.number) === wanted)?.id;
  for (const id of new Set([...chosen, ...(first ? [first] : [])])) await reveal(id);
  activate(first ?? chosen[0]);
  panels.get(active)?.root.scrollIntoView({ inline: "center" });
}

// ── Links, new people ───────────────────────────────────────────────────────────────────────────────────────────

async function follow(link) {
  if (active) await panels.get(active).act("open", { link });
}

$("#link-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const link = $("#link").value.trim();
  $("#link").value = "";
  if (link) await follow(link);
});

$("#add").addEventListener("click", () => editPerson(null));

async function editPerson(person) {
  const dialog = $("#person-dialog");
  const form = $("form", dialog);
  const { name, phone_number, language, desktop } = form.elements;
  name.value = person?.name ?? "";
  phone_number.value = person?.phone_number ?? `+38761${String(Date.now()).slice(-6)}`;
  language.value = person?.language ?? "bs";
  desktop.checked = person?.devices.includes("desktop") ?? false;
  dialog.returnValue = "";
  dialog.showModal();
  name.focus();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  if (dialog.returnValue !== "save") return;
  const devices = desktop.checked ? ["phone", "desktop"] : ["phone"];
  const fields = { name: name.value, phone_number: phone_number.value, language: language.value, devices };
  await attempt(() => (person ? change(person.id, fields) : create(fields)));
}

async function change(id, fields) {
  await call(path(id), fields, "PATCH");
  await refreshAll();
}

async function create(fields) {
  const { id } = await call("phones", fields);
  await refreshAll();
  await reveal(id);
  activate(id);
  panels.get(id).root.scrollIntoView({ inline: "center", behavior: "smooth" });
}

// ── Begin ───────────────────────────────────────────────────────────────────────────────────────────────────────

function listen() {
  const events = new EventSource("/control/events");
  events.onmessage = ({ data }) => {
    const { phones } = JSON.parse(data);
    if (!phones.length) attempt(refreshAll).then(() => panels.size || layOut());
    for (const id of phones) panels.get(id)?.refresh();
  };
}

async function begin() {
  const asked = new URLSearchParams(location.search);
  await refreshAll();
  await layOut(asked.get("phone"));
  history.replaceState(null, "", "/");
  if (asked.has("link")) await follow(asked.get("link"));
  else if (asked.has("chatURI")) await follow(`viber://pa?${asked}`);
  listen();
}

function closeMenus({ target }) {
  for (const menu of document.querySelectorAll("details[open]"))
    if (!menu.contains(target) || target.closest("[data-act], [data-send]")) menu.open = false;
}

document.addEventListener("click", closeMenus);
document.addEventListener("visibilitychange", () => panels.get(active)?.read());
begin();
