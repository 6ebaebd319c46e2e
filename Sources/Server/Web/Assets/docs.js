// `/docs`: the operations of /openapi.json, each with a form that sends it. Nothing is known here that the document
// does not say, and its text only ever becomes textContent.

const $ = (id) => document.getElementById(id);
const api = await (await fetch("/openapi.json")).json();

// The document.

/** Follows `$ref`s inside the document: `#/components/schemas/Home`. */
function resolved(node) {
  let found = node;
  while (found?.$ref) {
    found = found.$ref.slice(2).split("/").reduce((place, name) => place?.[name], api);
  }
  return found;
}

function* operations() {
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) yield { path, method, ...operation };
  }
}

/** A schema as an outline people read: names, kinds, and what is said of them. */
function outline(node, indent = "", seen = []) {
  const schema = resolved(node) ?? {};
  if (seen.includes(schema)) return "…";
  const inside = [...seen, schema];
  if (schema.oneOf) return schema.oneOf.map((one) => outline(one, indent, inside)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const types = [schema.type ?? "anything"].flat();
  return types.map((type) => {
    if (type === "array") return schema.items ? `[${outline(schema.items, indent, inside)}]` : "array";
    if (type !== "object" || !schema.properties) return type;
    const lines = Object.entries(schema.properties).map(([name, property]) => {
      const mark = schema.required?.includes(name) ? "" : "?";
      const remark = resolved(property).description;
      return `${indent}  ${name}${mark}: ${outline(property, `${indent}  `, inside)}${remark ? `   — ${remark}` : ""}`;
    });
    return `{\n${lines.join("\n")}\n${indent}}`;
  }).join(" or ");
}

// One operation.

class Entry {
  element = $("operation").content.firstElementChild.cloneNode(true);
  #part = (name) => this.element.querySelector(name);
  #fields = new Map();

  constructor(operation) {
    this.operation = operation;
    this.element.id = operation.operationId;
    this.#part(".method").textContent = operation.method.toUpperCase();
    this.#part(".method").classList.add(operation.method);
    this.#part(".path").textContent = operation.path;
    this.#part(".summary").append(...worded(operation.summary));
    this.#part(".description").append(...worded(operation.description ?? ""));
    this.#part(".description").hidden = !operation.description;
    this.#part(".guarded").hidden = !operation.security;
    for (const parameter of operation.parameters ?? []) this.#addField(resolved(parameter));
    this.#fillBody();
    this.#listAnswers();
    this.#part("form").oninput = () => this.showCommand();
    this.#part("form").onsubmit = (event) => { event.preventDefault(); this.#send(); };
    this.showCommand();
  }

  matches(word) {
    const { path, summary, method, operationId } = this.operation;
    return `${method} ${path} ${summary} ${operationId}`.toLowerCase().includes(word);
  }

  #addField(parameter) {
    const schema = resolved(parameter.schema) ?? {};
    const label = element("label", "", `${parameter.name}${parameter.required ? "" : " (optional)"}`);
    const field = document.createElement(schema.enum ? "select" : "input");
    if (schema.enum) {
      const choices = parameter.required ? schema.enum : ["", ...schema.enum];
      field.append(...choices.map((choice) => element("option", "", choice)));
    } else {
      field.placeholder = schema.format ?? schema.type ?? "";
    }
    // Only what has to be there is filled in.
    if (parameter.required) field.value = parameter.example ?? "";
    field.required = parameter.required;
    field.name = parameter.name;
    field.title = parameter.description;
    label.append(field);
    this.#part(".fields").append(label);
    this.#fields.set(parameter, field);
  }

  #fillBody() {
    const content = this.operation.requestBody?.content?.["application/json"];
    if (!content) return;
    this.#part(".payload").hidden = false;
    this.#part("textarea").value = JSON.stringify(content.example ?? {}, null, 2);
    this.#part(".takes").hidden = false;
    this.#part(".schema").textContent = outline(content.schema);
  }

  #listAnswers() {
    for (const [status, reference] of Object.entries(this.operation.responses)) {
      const response = resolved(reference);
      const answer = document.createElement("details");
      const tone = status < "300" ? "good" : status < "400" ? "quiet" : status < "500" ? "warn" : "bad";
      const summary = element("summary");
      summary.append(element("b", `mono ${tone}`, status), " ", ...worded(response.description));
      answer.append(summary);
      for (const [type, content] of Object.entries(response.content ?? {})) {
        const example = content.example === undefined ? "" : `\n\n${shown(content.example)}`;
        answer.append(element("pre", "", `${type}\n${outline(content.schema)}${example}`));
      }
      this.#part(".answers").append(answer);
    }
  }

  /** What the form says, as a request. */
  get #request() {
    let path = this.operation.path;
    const query = new URLSearchParams();
    for (const [parameter, field] of this.#fields) {
      if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(field.value));
      else if (field.value !== "") query.set(parameter.name, field.value);
    }
    const headers = {};
    const payload = this.#part(".payload").hidden ? null : this.#part("textarea").value;
    if (payload) headers["Content-Type"] = "application/json";
    if (this.operation.security && $("admin").value) headers.Authorization = `Bearer ${$("admin").value}`;
    return {
      url: path + (query.size ? `?${query}` : ""), method: this.operation.method.toUpperCase(), headers, body: payload || undefined,
    };
  }

  showCommand() {
    const { url, method, headers, body } = this.#request;
    const words = ["curl", "-i"];
    if (method !== "GET") words.push("-X", method);
    // The token itself has no place on a screen.
    for (const [name, value] of Object.entries(headers)) {
      words.push("-H", name === "Authorization" ? '"Authorization: Bearer $ADMIN_TOKEN"' : quoted(`${name}: ${value}`));
    }
    if (body !== undefined) words.push("--data", quoted(body.replace(/\s*\n\s*/g, " ")));
    this.#part(".curl").textContent = [...words, quoted(location.origin + url)].join(" ");
  }

  async #send() {
    const { url, ...request } = this.#request;
    const button = this.#part("button");
    button.disabled = true;
    const start = performance.now();
    try {
      const reply = await fetch(url, { ...request, cache: "no-store" });
      const text = await reply.text();
      this.#part(".took").textContent = `${(performance.now() - start).toFixed(1)} ms`;
      this.#part(".status").textContent = `${reply.status} ${reply.statusText}`;
      this.#part(".status").className = `status ${reply.ok ? "good" : "bad"}`;
      this.#part(".reply").textContent = `${[...reply.headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${pretty(text)}`;
      this.#part(".heard").hidden = false;
    } catch (error) {
      this.#part(".took").textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }
}

// Small things.

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** `code` in a text becomes an element; nothing else of it is markup. */
const worded = (text) => text.split("`").map((part, index) => (index % 2 ? element("code", "", part) : part));

const shown = (example) => (typeof example === "string" ? example : JSON.stringify(example, null, 2));

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

// The page.

const entries = [...operations()].map((operation) => new Entry(operation));

$("version").textContent = api.info.version;
$("about").replaceChildren(...worded(api.info.description));
for (const { name, description } of api.tags) {
  const own = entries.filter((entry) => entry.operation.tags[0] === name);
  const section = document.createElement("section");
  const title = element("h2", "", `${name} `);
  title.append(element("span", "quiet"));
  title.lastChild.append(...worded(description));
  section.append(title, ...own.map((entry) => entry.element));
  $("operations").append(section);
  $("contents").append(element("h3", "", name), ...own.map((entry) => {
    const link = element("a", "mono", `${entry.operation.method.toUpperCase()} ${entry.operation.path}`);
    link.href = `#${entry.operation.operationId}`;
    const line = element("div");
    line.append(link);
    return line;
  }));
}

function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named?.tagName !== "DETAILS") return;
  named.open = true;
  named.scrollIntoView();
}

function filter() {
  const word = $("find").value.trim().toLowerCase();
  for (const entry of entries) entry.element.hidden = !entry.matches(word);
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector(".operation:not([hidden])");
  }
}

$("find").addEventListener("input", filter);
$("admin").addEventListener("input", () => entries.forEach((entry) => entry.showCommand()));
addEventListener("hashchange", openNamed);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  $("find").focus();
});
openNamed();
document.documentElement.dataset.ready = "true";
