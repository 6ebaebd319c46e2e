// The pages as a person uses them. `scripts/test-browser` starts the server and the driver and says where they are.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Browser } from "./Browser.mjs";

const { SLUICE_SERVER: server, SLUICE_DRIVER: driver, SLUICE_PICTURES: pictures } = process.env;
const token = "of no worth";
let browser;

before(async () => { browser = await Browser.open(driver); });
after(() => browser?.close());

const frames = (card, kind) => browser.text(`#sockets article:nth-of-type(${card}) li.${kind} .frame`);
const chip = (card) => browser.text(`#sockets article:nth-of-type(${card}) .chip`);

async function picture(name) {
  if (pictures) await writeFile(`${pictures}/${name}.png`, await browser.picture(), "base64");
}

test("the page opens a socket, says something, and sees its echo", async () => {
  await browser.go(server);
  assert.equal(await browser.run("return document.title"), "Sluice");
  await browser.click("#connect");
  await browser.until("it is open", async () => (await chip(1)) === "open");
  await browser.type("#sockets article:nth-of-type(1) .say", "hello server\n");
  await browser.until("the echo", async () => (await frames(1, "in")).includes("echo: hello server"));
  assert.equal(await frames(1, "out"), "hello server");
});

test("a second socket, opened by a key, hears the first; the count follows", async () => {
  await browser.press("\uE00C");
  await browser.press("n");
  await browser.until("the second is open", async () => (await chip(2)) === "open");
  await browser.type("#sockets article:nth-of-type(1) .say", "over there\n");
  await browser.until("it hears", async () => (await frames(2, "in")).split("\n").includes("over there"));
  await browser.until("two are counted", async () => (await browser.text("#global")) === "2");
  await browser.until("workers are shown", async () => (await browser.text("#workers")).includes("serving"));
});

test("markup that a client sends stays text", async () => {
  const hostile = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>";
  await browser.type("#sockets article:nth-of-type(1) .say", `${hostile}\n`);
  await browser.until("it is shown", async () => (await frames(2, "in")).includes(hostile));
  assert.equal(await browser.run("return document.querySelectorAll('.log img, .log script').length"), 0);
  assert.equal(await browser.run("return document.title"), "Sluice");
});

test("a broadcast needs the token, reaches the sockets, and says how many", async () => {
  await browser.type("#message", "to all\n");
  await browser.until("it is refused", async () => (await browser.text("#told")).startsWith("401"));
  await browser.type("#admin", token);
  await browser.click("#send");
  await browser.until("it is told", async () => (await browser.text("#told")).startsWith("2 of 2 sockets"));
  await browser.until("both hear", async () => (await frames(1, "in")).includes("to all") && (await frames(2, "in")).includes("to all"));
  await picture("page");
});

test("closing, opening again, removing", async () => {
  const close = "#sockets article:nth-of-type(2) .close";
  await browser.click(close);
  await browser.until("it is closed", async () => (await chip(2)) === "closed 1000");
  await browser.click("#sockets article:nth-of-type(2) .again");
  await browser.until("it is open again", async () => (await chip(2)) === "open");
  await browser.click(close);
  await browser.until("it is closed", async () => (await chip(2)) === "closed 1000");
  await browser.click(close);
  assert.equal(await browser.run("return document.querySelectorAll('.socket').length"), 1);
});

test("the address follows the hall", async () => {
  const address = () => browser.run("return document.getElementById('address').value");
  const choose = (id, value) => browser.run(
    "const f = document.getElementById(arguments[0]); f.value = arguments[1]; f.dispatchEvent(new Event('input'))", id, value);
  const host = new URL(server).host;
  await choose("mode", "echo");
  assert.equal(await address(), `ws://${host}/ws?mode=echo`);
  await choose("hall", "chat");
  assert.equal(await address(), `ws://${host}/ws/chat/`);
  await choose("hall", "clients");
  await choose("client", "a b/ä");
  await choose("token", "t.1");
  assert.equal(await address(), `ws://${host}/ws/a%20b%2F%C3%A4?token=t.1`);
  await choose("hall", "tasks");
  assert.equal(await address(), `ws://${host}/ws/tasks`);
});

test("nothing on the page was blocked or broken", async () => {
  const complaints = (await browser.complaints()).filter((line) => !line.includes("401"));
  assert.deepEqual(complaints, []);
});

test("the first lines anybody types into a console work from the page", async () => {
  const heard = await browser.run(`return new Promise((done) => {
    const ws = new WebSocket(arguments[0]);
    ws.onopen = () => ws.send("hello server");
    ws.onmessage = (e) => done("received: " + e.data);
  })`, `${server.replace("http", "ws").replace("127.0.0.1", "localhost")}/ws`);
  assert.equal(heard, "received: echo: hello server");
});

test("client.js is a module that also sets a global", async () => {
  assert.deepEqual(await browser.run("return Object.keys(globalThis.Sluice).sort()"),
    ["Client", "SUBPROTOCOL", "SluiceError", "compareOffsets", "connect"]);
});

test("two clients of sluice.v1 hear each other, and a cut is resumed or told", async (t) => {
  const heard = await browser.run(`return (async (url) => {
    const told = [];
    const sockets = [];
    class Watched extends WebSocket { constructor(...terms) { super(...terms); sockets.push(this); } }
    const listener = Sluice.connect(url, { WebSocket: Watched, backoffBase: 1 });
    const opened = await Promise.race([
      new Promise((resolve) => listener.on("open", () => resolve(true))),
      new Promise((resolve) => setTimeout(resolve, 2000, false)),
    ]);
    if (!opened) { listener.close(); return null; }
    const speaker = Sluice.connect(url);
    listener.on("message", ({ data }) => told.push(data));
    const resumed = new Promise((resolve) => listener.on("resumed", resolve));
    await listener.join("news");
    await speaker.publish("news", "one");
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    sockets[0].close();
    const { recovered } = await resumed;
    await speaker.publish("news", "two");
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    listener.close();
    speaker.close();
    return { told, recovered };
  })(arguments[0])`, `${server.replace("http", "ws")}/ws`);
  if (!heard) {
    await browser.complaints();
    return t.skip("this server does not speak it yet");
  }
  assert.deepEqual(heard.told, ["one", "two"]);
  assert.equal(typeof heard.recovered, "boolean");
});

test("/docs shows every operation of the document", async () => {
  await browser.go(`${server}/docs`);
  await browser.until("it is built", () => browser.run("return document.documentElement.dataset.ready"));
  const api = await (await fetch(`${server}/openapi.json`)).json();
  const wanted = Object.entries(api.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  const shown = await browser.run(`return [...document.querySelectorAll(".operation")].map((e) =>
    e.querySelector(".method").textContent + " " + e.querySelector(".path").textContent)`);
  assert.deepEqual(shown.sort(), wanted.sort());
});

test("/docs sends a broadcast, and shows the answer and the command without the token", async () => {
  await browser.go(`${server}/docs#broadcast`);
  await browser.until("it is open", () => browser.run("return document.querySelector('#broadcast')?.open"));
  await browser.type("#admin", token);
  await browser.clear("#broadcast textarea");
  await browser.type("#broadcast textarea", '{"message": "from the docs"}');
  await browser.click("#broadcast button.main");
  await browser.until("the answer", async () => (await browser.text("#broadcast .reply")).includes('"succeeded"'));
  assert.match(await browser.text("#broadcast .status"), /^200/);
  const command = await browser.text("#broadcast .curl");
  assert.match(command, /^curl -i -X POST .*\$ADMIN_TOKEN.* --data '\{"message": "from the docs"\}' 'http:.*\/broadcast'$/);
  assert.ok(!command.includes(token));
  await picture("docs");
});

test("/docs finds by word, and fills a path", async () => {
  await browser.type("#find", "clients/{id}/data");
  const left = await browser.run("return [...document.querySelectorAll('.operation:not([hidden]) .method')].map((e) => e.textContent)");
  assert.deepEqual(left, ["GET", "PUT", "DELETE"]);
  assert.match(await browser.text("#clientDatum .curl"), /\/clients\/alice\/data\/colour'$/);
  assert.deepEqual(await browser.complaints(), []);
});
