// The client of Sluice's subprotocol sluice.v1. One file, no dependency:
//
//   import { connect } from "https://your.host/client.js";     // or <script type="module" src="/client.js">, then Sluice.connect
//   const client = connect("wss://your.host/ws");
//   client.on("message", ({ channel, from, data, offset }) => …);
//   const { offset } = await client.publish("news", { hello: "world" });
//
// Each offset is seen once and in order, across reconnects, restarts and hosts; where the server cannot promise that,
// "resumed" says { recovered: false, lost: { from, to } }. Never silence.
//
// Events: open, message, direct, task, presence, resumed, moving, waiting, down, error, closed.

export const SUBPROTOCOL = "sluice.v1";

const defaults = {
  /** Kept from an earlier life of this page: `client.position` is what to keep. */
  resume: null,
  /** Full jitter: the n-th wait is anything between 0 and min(cap, base * 2^n). */
  backoffBase: 500,
  backoffCap: 30_000,
  /** How long a handshake and the welcome after it may take. */
  patience: 10_000,
  /** What is said while there is no connection waits here; beyond that it is refused. */
  mostQueued: 1_000,
  /** Sent, then the connection ended before the ack: ask again with the same id (true), or tell the caller (false). */
  resend: false,
  // For tests.
  WebSocket: globalThis.WebSocket,
  random: Math.random,
  setTimeout: (call, delay) => setTimeout(call, delay),
  clearTimeout: (timer) => clearTimeout(timer),
};

/** What a promise is rejected with: `code` is the server's, or one of queue_full, unknown, closed. */
export class SluiceError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "SluiceError";
    this.code = code;
  }
}

/** Offsets are stream positions, `milliseconds-number`: below 0, 0 or above 0 as `a` is before, at or behind `b`. */
export function compareOffsets(a, b) {
  const [aTime, aNumber = "0"] = String(a).split("-");
  const [bTime, bNumber = "0"] = String(b).split("-");
  const difference = BigInt(aTime) - BigInt(bTime) || BigInt(aNumber) - BigInt(bNumber);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const hasOffset = (frame) => frame.offset !== undefined && frame.offset !== null;

export function connect(url, options) {
  return new Client(url, options);
}

export class Client {
  #url;
  #options;
  #listeners = new Map();
  #channels = new Set();
  #position; // { session, token, epoch, offset }
  #current = null; // the link that has been welcomed
  #coming = null; // the one that is on its way
  #leaving = new Set(); // moved away from, with acks still to come
  #queue = [];
  #unacked = new Map(); // id → { frame, link, resolve, reject }
  #attempt = 0;
  #timer = null;
  #nextID = 0;
  #hasBegun = false;
  #isClosed = false;
  #prefix;

  constructor(url, options = {}) {
    this.#url = String(url);
    this.#options = { ...defaults, ...options };
    this.#position = { session: null, token: null, epoch: null, offset: null, ...this.#options.resume };
    this.#prefix = Math.floor(this.#options.random() * 2 ** 40).toString(36);
    this.#open(this.#url);
  }

  // What a program says.

  /** Resolves with { offset } once the server has made it durable. */
  publish(channel, data) {
    return this.#ask({ type: "publish", channel, data });
  }

  send(to, data) {
    return this.#ask({ type: "send", to, data });
  }

  join(channel) {
    this.#channels.add(channel);
    return this.#ask({ type: "join", channel });
  }

  leave(channel) {
    this.#channels.delete(channel);
    return this.#ask({ type: "leave", channel });
  }

  set(key, value) {
    return this.#ask({ type: "set", key, value });
  }

  get(key) {
    return this.#ask({ type: "get", key }).then((answer) => answer.value);
  }

  /** Calls `listener` for each event of that name; returns what takes it away again. */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  /** Where to go on: give it to `connect` as `resume` after a reload of the page. */
  get position() {
    return { ...this.#position };
  }

  get isOpen() {
    return this.#current !== null;
  }

  /** For good. What is not acked is rejected. */
  close(code = 1000, reason = "") {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.clearTimeout(this.#timer);
    for (const { reject } of this.#unacked.values()) reject(new SluiceError("closed", "the client was closed"));
    this.#unacked.clear();
    this.#queue.length = 0;
    for (const link of [this.#current, this.#coming, ...this.#leaving]) link?.end(code, reason);
    this.#current = this.#coming = null;
    this.#emit("closed", { code, reason });
  }

  // Asking and being answered.

  #ask(body) {
    if (this.#isClosed) return Promise.reject(new SluiceError("closed", "the client was closed"));
    if (!this.#current && this.#queue.length >= this.#options.mostQueued) {
      return Promise.reject(new SluiceError("queue_full", "there is no connection, and too much is waiting for one"));
    }
    const id = `${this.#prefix}-${this.#nextID++}`;
    return new Promise((resolve, reject) => {
      this.#unacked.set(id, { frame: { ...body, id }, link: null, resolve, reject });
      if (this.#current) this.#transmit(id);
      else this.#queue.push(id);
    });
  }

  #transmit(id) {
    const entry = this.#unacked.get(id);
    if (!entry) return;
    entry.link = this.#current;
    this.#current.say(entry.frame);
  }

  #settle(link, frame) {
    const entry = this.#unacked.get(frame.id);
    if (!entry) return;
    this.#unacked.delete(frame.id);
    if (frame.type === "ack") entry.resolve(frame);
    else entry.reject(new SluiceError(frame.code, frame.message));
    this.#letGo(link);
  }

  // Connections. A link knows its socket; the client knows which link is which.

  #open(url) {
    const link = new Link(url, this.#options, {
      opened: () => this.#resume(link),
      heard: (frame) => this.#heard(link, frame),
      ended: (event) => this.#ended(link, event),
    });
    this.#coming = link;
    try {
      link.begin();
    } catch (mistake) {
      this.#coming = null;
      // A wrong URL of the caller's is no weather: waiting does not help. One that a server told is passed over.
      if (!this.#hasBegun) throw mistake;
      return this.#retry();
    }
    this.#hasBegun = true;
  }

  /** Asks to go on where we were. What the new connection hears meanwhile is sorted into place by the link. */
  #resume(link) {
    const { token, epoch, offset } = this.#position;
    if (token === null || offset === null) return;
    link.resumeID = `${this.#prefix}-${this.#nextID++}`;
    link.say({ type: "resume", token, epoch, offset, id: link.resumeID });
  }

  #heard(link, frame) {
    switch (frame.type) {
      case "welcome": return this.#welcomed(link, frame);
      case "resumed": return this.#resumed(link, frame);
      case "message": case "direct": case "task": return link.isHeld(frame) || this.#delivered(frame);
      case "ack": return this.#settle(link, frame);
      case "reconnect": return this.#move(link, frame);
      case "error": return this.#refused(link, frame);
      case "presence": return this.#emit(frame.type, frame);
      case "token": return link === this.#current && !link.isResuming ? this.#renewed(frame) : undefined;
      // A newer server may say more than we know.
      default:
    }
  }

  #renewed({ token }) {
    if (typeof token === "string") this.#position.token = token;
  }

  #welcomed(link, welcome) {
    link.welcome = welcome;
    link.keepAlive(welcome.heartbeat_ms);
    const old = this.#current;
    this.#current = link;
    if (this.#coming === link) this.#coming = null;
    this.#attempt = 0;
    if (old && old !== link) {
      this.#leaving.add(old);
      this.#options.setTimeout(() => old.end(1000, "moved"), this.#options.patience);
      this.#letGo(old);
    }
    const from = this.#position.offset;
    if (!link.isResuming) this.#begin(welcome, from !== null);
    // The session is ours again when the server says so; its token may be a new one already.
    else if (welcome.session === this.#position.session) this.#position.token = welcome.token ?? this.#position.token;
    for (const id of this.#queue.splice(0)) this.#transmit(id);
    this.#emit("open", { session: welcome.session, epoch: welcome.epoch, offset: welcome.offset });
    // We could not even ask: what was said meanwhile is lost to us.
    if (!link.isResuming && from !== null) {
      this.#emit("resumed", { recovered: false, replayed: 0, lost: { from, to: welcome.offset } });
    }
  }

  /** A session of its own, from the welcome's position on. */
  #begin({ session, token, epoch, offset }, isBack) {
    this.#position = { session, token: token ?? null, epoch, offset };
    if (isBack) for (const channel of this.#channels) this.#current.say({ type: "join", channel });
  }

  #resumed(link, answer) {
    const { recovered, replayed = 0, lost, token } = answer;
    // Nobody asked: the server itself was overtaken, and says what it could not give.
    if (!link.isResuming) return lost ? this.#emit("resumed", { recovered, replayed, lost }) : undefined;
    const { epoch, offset } = link.welcome;
    const isSameLife = epoch === this.#position.epoch;
    if (token) this.#position.token = token;
    // Where something was lost, it goes on behind the loss. Positions of another epoch say nothing here.
    if (!isSameLife) Object.assign(this.#position, { epoch, offset });
    else if (!recovered) this.#advance(lost?.to ?? offset);
    this.#goOn(link);
    this.#emit("resumed", lost ? { recovered, replayed, lost } : { recovered, replayed });
  }

  #refused(link, error) {
    if (error.id === undefined || error.id === null) return this.#emit("error", error);
    if (error.id !== link.resumeID) return this.#settle(link, error);
    if (error.code === "unavailable") {
      return this.#options.setTimeout(() => link === this.#current && this.#resume(link), 1000 * (error.retry_after ?? 1));
    }
    // The token is too old, or not of this fleet: a new session, and an honest gap.
    const lost = { from: this.#position.offset, to: link.welcome.offset };
    this.#begin(link.welcome, true);
    this.#goOn(link);
    this.#emit("resumed", { recovered: false, replayed: 0, lost });
  }

  #goOn(link) {
    for (const frame of link.release()) this.#delivered(frame);
  }

  #delivered(frame) {
    const { offset } = this.#position;
    // What was said while Redis was away has no position: it is heard now or never.
    if (hasOffset(frame)) {
      if (offset !== null && compareOffsets(frame.offset, offset) <= 0) return;
      this.#position.offset = frame.offset;
    }
    this.#emit(frame.type, frame);
  }

  #advance(offset) {
    if (offset === undefined || offset === null) return;
    const own = this.#position.offset;
    if (own === null || compareOffsets(offset, own) > 0) this.#position.offset = offset;
  }

  /** Make before break: the old link serves until the new one is welcomed. */
  #move(link, notice) {
    if (link !== this.#current || this.#coming) return;
    if (notice.token) this.#position.token = notice.token;
    this.#emit("moving", { in_ms: notice.in_ms, reason: notice.reason });
    const url = notice.url ?? this.#url;
    this.#plan(notice.in_ms ?? 0, () => this.#coming || this.#open(url));
  }

  /** A link that was moved away from goes when nothing is to be heard from it any more. */
  #letGo(link) {
    if (!this.#leaving.has(link)) return;
    for (const entry of this.#unacked.values()) if (entry.link === link) return;
    link.end(1000, "moved");
  }

  #ended(link, event) {
    this.#leaving.delete(link);
    this.#dropUnacked(link);
    if (this.#isClosed) return;
    if (link === this.#coming) {
      this.#coming = null;
      // While the old one lives there is no hurry, and nobody notices.
      return this.#retry();
    }
    if (link !== this.#current) return;
    this.#current = null;
    this.#emit("down", { code: event.code, reason: event.reason });
    // A new one may be on its way already.
    if (!this.#coming) this.#retry();
  }

  #dropUnacked(link) {
    for (const [id, entry] of this.#unacked) {
      if (entry.link !== link) continue;
      entry.link = null;
      if (this.#options.resend && !this.#isClosed) {
        if (this.#current && this.#current !== link) this.#transmit(id);
        else this.#queue.push(id);
      } else {
        this.#unacked.delete(id);
        entry.reject(new SluiceError("unknown", "the connection ended before the server's ack"));
      }
    }
  }

  #retry() {
    const ceiling = Math.min(this.#options.backoffCap, this.#options.backoffBase * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    const wait = Math.floor(this.#options.random() * ceiling);
    this.#emit("waiting", { in_ms: wait, attempt: this.#attempt });
    this.#plan(wait, () => this.#coming || this.#open(this.#url));
  }

  #plan(delay, call) {
    this.#options.clearTimeout(this.#timer);
    this.#timer = this.#options.setTimeout(() => this.#isClosed || call(), delay);
  }

  #emit(name, detail) {
    for (const listener of this.#listeners.get(name) ?? []) {
      // One listener's mistake is not the others', and not the connection's.
      try { listener(detail); } catch (mistake) { queueMicrotask(() => { throw mistake; }); }
    }
  }
}

/** One WebSocket: JSON frames in and out, a bound on the handshake, a sign of life, and exactly one end. */
class Link {
  /** The id of a resume that has not been answered yet. */
  resumeID = null;
  welcome = null;
  #held = [];
  #isReplaying = false;
  #url;
  #options;
  #calls;
  #socket = null;
  #timer = null;
  #hasHeard = false;
  #isAnswered = false;
  #isOver = false;

  constructor(url, options, calls) {
    this.#url = url;
    this.#options = options;
    this.#calls = calls;
  }

  begin() {
    this.#socket = new this.#options.WebSocket(this.#url, SUBPROTOCOL);
    this.#timer = this.#options.setTimeout(() => this.#give("no welcome in time"), this.#options.patience);
    this.#socket.onopen = () => this.#isOver || this.#calls.opened();
    this.#socket.onclose = (event) => this.#finish(event);
    this.#socket.onmessage = (event) => this.#read(event.data);
  }

  say(frame) {
    if (!this.#isOver) this.#socket.send(JSON.stringify(frame));
  }

  get isResuming() { return this.resumeID !== null; }

  /**
   * Between its welcome and its hearing of our resume the server tells what is new; then it tells everything from our
   * position on. What is new waits until the first that is older shows that the replay has begun.
   */
  isHeld(frame) {
    if (!this.isResuming || !this.welcome || this.#isReplaying || !hasOffset(frame)) return false;
    this.#isReplaying = compareOffsets(frame.offset, this.#held.at(-1)?.offset ?? this.welcome.offset) <= 0;
    if (!this.#isReplaying) this.#held.push(frame);
    return !this.#isReplaying;
  }

  /** What has waited, in order. */
  release() {
    this.resumeID = null;
    return this.#held.splice(0).sort((a, b) => compareOffsets(a.offset, b.offset));
  }

  /** Browsers do not show ping frames; this is how we hear that the other side is there. */
  keepAlive(every) {
    this.#options.clearTimeout(this.#timer);
    if (!(every > 0)) return;
    // Asked at once: of a server that has answered, silence says something from the first interval on.
    this.say({ type: "ping" });
    this.#timer = this.#options.setTimeout(() => {
      if (this.#isAnswered && !this.#hasHeard) return this.#give("silence");
      this.#hasHeard = false;
      this.keepAlive(every);
    }, every);
  }

  /** We end it; the peer's farewell is not waited for. */
  end(code, reason) {
    if (this.#isOver) return;
    this.#socket.close(code, reason);
    this.#finish({ code, reason });
  }

  #read(text) {
    this.#hasHeard = true;
    if (this.#isOver || typeof text !== "string") return;
    let frame;
    try { frame = JSON.parse(text); } catch { return; }
    if (frame === null || typeof frame !== "object") return;
    if (frame.type === "pong") this.#isAnswered = true;
    else this.#calls.heard(frame);
  }

  #give(reason) {
    this.end(4000, reason);
  }

  #finish(event) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.clearTimeout(this.#timer);
    this.#calls.ended(event);
  }
}

globalThis.Sluice = { connect, Client, SluiceError, compareOffsets, SUBPROTOCOL };
