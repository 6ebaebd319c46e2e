// A server, a network and a clock in one hand, so that a test can stop anywhere in between.

import { readFile } from "node:fs/promises";

const source = await readFile(new URL("../../Sources/Server/Web/Assets/client.js", import.meta.url));
export const { connect, compareOffsets, SluiceError } = await import(
  `data:text/javascript;base64,${source.toString("base64")}`
);

export class Stage {
  sockets = [];
  now = 0;
  #timers = [];
  #lastTimer = 0;

  constructor() {
    const stage = this;
    this.WebSocket = class {
      sent = [];
      isClosed = false;
      constructor(url, protocol) {
        if (!/^wss?:/.test(url)) throw new SyntaxError(`no URL: ${url}`);
        Object.assign(this, { url, protocol });
        stage.sockets.push(this);
      }
      send(text) { this.sent.push(JSON.parse(text)); }
      close(code, reason) { this.isClosed = true; this.closedWith = { code, reason }; }
      // The server's side.
      open() { this.onopen(); return this; }
      say(frame) { this.onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) }); return this; }
      drop(code = 1006, reason = "") { this.onclose({ code, reason }); }
      welcome(more = {}) {
        return this.open().say({
          type: "welcome", session: "s1", token: "t1", epoch: "e1", offset: "100-0", heartbeat_ms: 0,
          recovered: true, ...more,
        });
      }
      get asked() { return this.sent.map((frame) => frame.type); }
      last(type) { return this.sent.filter((frame) => frame.type === type).at(-1); }
    };
  }

  client(options = {}) {
    const client = connect("ws://a/ws", {
      WebSocket: this.WebSocket, random: () => 0.5,
      setTimeout: (call, delay) => {
        this.#timers.push({ id: ++this.#lastTimer, at: this.now + delay, call });
        return this.#lastTimer;
      },
      clearTimeout: (id) => { this.#timers = this.#timers.filter((timer) => timer.id !== id); },
      ...options,
    });
    const heard = [];
    for (const name of ["open", "message", "direct", "presence", "task", "resumed", "moving", "waiting", "down", "error", "closed"]) {
      client.on(name, (detail) => heard.push([name, detail]));
    }
    return { client, heard, names: () => heard.map(([name]) => name), of: (name) => heard.filter(([n]) => n === name).map(([, d]) => d) };
  }

  get socket() { return this.sockets.at(-1); }

  /** Time passes, and what was planned for it happens in its order. */
  pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.now = due.at;
      due.call();
    }
    this.now = end;
  }
}

export const message = (offset, data = offset) => ({ type: "message", offset, channel: "c", data });
