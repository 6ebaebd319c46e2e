// The page at `/`: sockets side by side, a broadcast, and what the fleet counts. Text of others only ever becomes
// textContent.

import { connect } from "/client.js";

const $ = (id) => document.getElementById(id);
const mostLines = 500;
const cards = [];

// Where a socket goes.

const paths = {
  ws: () => ["/ws", { mode: $("mode").value, notify: $("notify").value }],
  chat: () => ["/ws/chat/", { session_id: $("session").value }],
  clients: () => [`/ws/${encodeURIComponent($("client").value)}`, { token: $("token").value }],
  tasks: () => ["/ws/tasks", { task_id: $("task").value }],
};

function showAddress() {
  const hall = $("hall").value;
  for (const field of document.querySelectorAll("[data-for]")) field.hidden = field.dataset.for !== hall;
  const [path, query] = paths[hall]();
  const items = Object.entries(query).filter(([, value]) => value !== "");
  const origin = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
  $("address").value = origin + path + (items.length ? `?${new URLSearchParams(items)}` : "");
}

// One socket: its log, its field, its end.

class Card {
  #element = $("socket").content.firstElementChild.cloneNode(true);
  #part = (name) => this.#element.querySelector(name);
  #said = [];
  #recall = 0;
  #counts = { in: 0, out: 0 };
  #link = null;

  constructor(url, speaksSluice) {
    this.url = url;
    this.speaksSluice = speaksSluice;
    this.#part(".path").textContent = url.replace(/^wss?:\/\/[^/]*/, "") + (speaksSluice ? " · sluice.v1" : "");
    this.#part(".path").title = url;
    for (const name of [".verb", ".to"]) this.#part(name).hidden = !speaksSluice;
    this.#part(".close").onclick = () => this.#close();
    this.#part(".clear").onclick = () => this.#part(".log").replaceChildren();
    this.#part(".again").onclick = () => this.open();
    this.#part("form").onsubmit = (event) => { event.preventDefault(); this.#say(); };
    this.#part(".say").onkeydown = (event) => this.#remember(event);
    this.#part(".verb").onchange = () => this.#nameField();
    $("sockets").append(this.#element);
  }

  open() {
    this.#show("connecting", "warn");
    this.#link = this.speaksSluice ? this.#openSluice() : this.#openPlain();
    this.focus();
  }

  focus() {
    this.#part(".say").focus();
    this.#element.scrollIntoView({ block: "nearest" });
  }

  get isOpen() { return this.#link !== null; }

  #openPlain() {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#show("open", "good");
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = (event) => this.#ended(event);
    return { say: (text) => { socket.send(text); this.#line("out", text); }, close: () => socket.close(1000) };
  }

  /** The client's own sockets, with a look at each frame. */
  #openSluice() {
    const card = this;
    class Watched extends WebSocket {
      constructor(...terms) {
        super(...terms);
        this.addEventListener("message", ({ data }) => card.#heard(data));
      }
      send(text) { super.send(text); card.#line("out", text); }
    }
    const client = connect(this.url, { WebSocket: Watched });
    client.on("open", () => this.#show("open", "good"));
    client.on("down", ({ code }) => this.#line("note", `the connection ended (${code})`));
    client.on("waiting", ({ in_ms }) => { this.#show("waiting", "warn"); this.#line("note", `tries again in ${in_ms} ms`); });
    client.on("moving", ({ in_ms, reason }) => this.#line("note", `moves in ${in_ms} ms: ${reason}`));
    client.on("resumed", (how) => this.#line("note", how.recovered ? `resumed, ${how.replayed} replayed` : `not recovered: ${JSON.stringify(how.lost ?? "all of it")}`));
    client.on("closed", () => this.#ended({ code: 1000, reason: "" }));
    const ask = {
      publish: (to, text) => client.publish(to, value(text)),
      send: (to, text) => client.send(to, value(text)),
      join: (to) => client.join(to),
      leave: (to) => client.leave(to),
      set: (to, text) => client.set(to, value(text)),
      get: (to) => client.get(to),
    };
    return {
      say: (text) => ask[this.#part(".verb").value](this.#part(".to").value, text)
        .catch((error) => this.#line("note", `${error.code}: ${error.message}`)),
      close: () => client.close(),
    };
  }

  #heard(data) {
    this.#line("in", typeof data === "string" ? data : `binary, ${data.byteLength} bytes: ${hexadecimal(data)}`);
  }

  #say() {
    const field = this.#part(".say");
    if (!this.#link || (field.value === "" && !this.speaksSluice)) return;
    try {
      this.#link.say(field.value);
    } catch (error) {
      return this.#line("note", error.message);
    }
    if (field.value && this.#said.at(-1) !== field.value) this.#said.push(field.value);
    this.#recall = this.#said.length;
    field.value = "";
  }

  #remember(event) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    this.#recall = Math.max(0, Math.min(this.#said.length, this.#recall + (event.key === "ArrowUp" ? -1 : 1)));
    event.target.value = this.#said[this.#recall] ?? "";
  }

  #nameField() {
    const verb = this.#part(".verb").value;
    this.#part(".to").placeholder = { send: "client", set: "key", get: "key" }[verb] ?? "channel";
    this.#part(".say").hidden = ["join", "leave", "get"].includes(verb);
  }

  #close() {
    if (this.#link) return this.#link.close();
    this.#element.remove();
    cards.splice(cards.indexOf(this), 1);
    $("empty").hidden = cards.length > 0;
  }

  #ended({ code, reason }) {
    this.#link = null;
    this.#show(`closed ${code}`, code === 1000 ? "quiet" : "bad");
    this.#line("note", `closed: ${code}${reason ? ` ${reason}` : ""}`);
  }

  #show(state, tone) {
    const chip = this.#part(".chip");
    chip.textContent = state;
    chip.className = `chip ${tone}`;
    this.#part(".close").textContent = this.#link || tone === "warn" ? "Close" : "Remove";
    this.#part(".again").hidden = this.#link !== null || tone === "warn";
    this.#part(".send").disabled = tone !== "good";
  }

  #line(kind, text) {
    const log = this.#part(".log");
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    if (kind !== "note") this.#counts[kind]++;
    this.#part(".counts").textContent = `↑${this.#counts.out} ↓${this.#counts.in}`;
    const mark = element("span", "mark", { in: "↓", out: "↑", note: "·" }[kind]);
    mark.setAttribute("aria-label", { in: "received", out: "sent", note: "note" }[kind]);
    const line = element("li", kind);
    line.append(element("time", "", clock()), mark, element("span", "frame", text));
    log.append(line);
    while (log.childElementCount > mostLines) log.firstElementChild.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }
}

// Small things.

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** JSON where it is some, text where it is not. */
function value(text) {
  try { return JSON.parse(text); } catch { return text; }
}

function clock() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, "0")}`;
}

function hexadecimal(buffer) {
  const bytes = new Uint8Array(buffer).subarray(0, 32);
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return text + (buffer.byteLength > 32 ? " …" : "");
}

const number = (value) => (value ?? 0).toLocaleString("en");
const size = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;

// Opening and broadcasting.

function openSocket() {
  const card = new Card($("address").value, $("protocol").checked);
  cards.push(card);
  $("empty").hidden = true;
  try {
    card.open();
  } catch (error) {
    $("sockets").lastElementChild.remove();
    cards.pop();
    $("empty").hidden = cards.length > 0;
    $("address").setCustomValidity(error.message);
    $("address").reportValidity();
  }
}

async function broadcast() {
  const chosen = [...document.querySelectorAll("[name=hall]")];
  const halls = chosen.filter((box) => box.checked).map((box) => box.value);
  const body = { message: value($("message").value) };
  if (halls.length < chosen.length) body.halls = halls;
  const headers = { "Content-Type": "application/json" };
  if ($("admin").value) headers.Authorization = `Bearer ${$("admin").value}`;
  try {
    const answer = await fetch("/broadcast", { method: "POST", headers, body: JSON.stringify(body) });
    const text = await answer.text();
    const heard = answer.ok ? JSON.parse(text) : null;
    $("told").textContent = heard
      ? `${number(heard.succeeded)} of ${number(heard.total)} sockets on ${heard.workers} workers heard it, at position ${heard.id}.`
      : `${answer.status}: ${value(text).detail ?? text}`;
    $("told").className = answer.ok ? "good" : "bad";
    if (answer.ok) $("message").value = "";
  } catch (error) {
    $("told").textContent = error.message;
    $("told").className = "bad";
  }
}

// What the fleet counts, while somebody looks.

const trend = [];

async function count() {
  try {
    const figures = await (await fetch("/?format=json")).json();
    $("local").textContent = number(figures.local_active_connections);
    $("global").textContent = figures.global_active_connections === null ? "unknown" : number(figures.global_active_connections);
    $("health").textContent = figures.status;
    $("health").className = `chip ${figures.status === "ok" ? "good" : "warn"}`;
    trend.push(figures.global_active_connections ?? figures.local_active_connections);
    if (trend.length > 61) trend.shift();
    drawTrend();
  } catch {
    $("health").textContent = "no answer";
    $("health").className = "chip bad";
  }
}

function drawTrend() {
  const top = Math.max(1, ...trend);
  const left = 61 - trend.length;
  const points = trend.map((value, index) => `${left + index},${(19 - (value / top) * 18).toFixed(2)}`);
  $("trend").firstElementChild.setAttribute("points", points.join(" "));
}

async function showWorkers() {
  try {
    const status = await (await fetch("/status")).json();
    const rows = status.hosts.flatMap((host) => host.workers.map((worker) => row(host, worker)));
    $("workers").replaceChildren(...rows);
  } catch {
    // The chip above says that nobody answers.
  }
}

function row(host, worker) {
  const line = document.createElement("tr");
  const totals = worker.totals;
  line.append(
    element("td", "", host.id), element("td", "", `${worker.slot}`),
    element("td", worker.state === "serving" ? "good" : "warn", worker.state),
    ...[worker.sockets, totals.accepted, totals.messages_in, totals.messages_out, totals.deliveries]
      .map((figure) => element("td", "number", number(figure))),
    element("td", "number", `${number(worker.lag_us.max)} µs`), element("td", "number", size(worker.memory)));
  return line;
}

async function follow() {
  for (let turn = 0; ; turn++) {
    if (!document.hidden) await Promise.all([count(), turn % 2 === 0 ? showWorkers() : null]);
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

// Keys.

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && isTyping) return event.target.blur();
  if (event.altKey && event.key >= "1" && event.key <= "9") {
    event.preventDefault();
    return cards[Number(event.key) - 1]?.focus();
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n") { event.preventDefault(); $("opener").requestSubmit(); }
  if (event.key === "b") { event.preventDefault(); $("message").focus(); }
});

$("opener").addEventListener("submit", (event) => { event.preventDefault(); openSocket(); });
$("broadcaster").addEventListener("submit", (event) => { event.preventDefault(); broadcast(); });
$("address").addEventListener("input", () => $("address").setCustomValidity(""));
for (const id of ["hall", "mode", "notify", "session", "client", "token", "task"]) $(id).addEventListener("input", showAddress);
showAddress();
follow();
