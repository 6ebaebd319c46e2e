import assert from "node:assert/strict";
import { test } from "node:test";
import { Stage, compareOffsets, connect, message } from "./Stage.mjs";

/** The first thing a socket was asked, without the id of the ask. */
const asked = ({ sent: [{ id, ...frame }] }) => frame;
const code = (expected) => (error) => error.code === expected;

test("offsets compare by number, not by letter", () => {
  for (const [a, b, order] of [
    ["9-0", "10-0", -1], ["10-2", "10-10", -1], ["10", "10-0", 0], ["18446744073709551615-1", "18446744073709551615-0", 1],
    [7, 8, -1],
  ]) {
    assert.equal(compareOffsets(a, b), order);
    assert.equal(compareOffsets(b, a), order === 0 ? 0 : -order);
  }
});

test("the subprotocol is asked for, and a first welcome is no resume", () => {
  const stage = new Stage();
  const { client, names } = stage.client();
  assert.equal(stage.socket.protocol, "sluice.v1");
  assert.equal(client.isOpen, false);
  stage.socket.welcome();
  assert.deepEqual(stage.socket.asked, []);
  assert.deepEqual(names(), ["open"]);
  assert.deepEqual(client.position, { session: "s1", token: "t1", epoch: "e1", offset: "100-0" });
});

test("a publish is done when its ack is there, with the offset", async () => {
  const stage = new Stage();
  const { client } = stage.client();
  stage.socket.welcome();
  const published = client.publish("news", { a: 1 });
  const frame = stage.socket.last("publish");
  assert.deepEqual([frame.channel, frame.data], ["news", { a: 1 }]);
  stage.socket.say({ type: "ack", id: frame.id, offset: "101-0" });
  assert.equal((await published).offset, "101-0");
});

test("an error with an id rejects that one; one without is an event", async () => {
  const stage = new Stage();
  const { client, of } = stage.client();
  stage.socket.welcome();
  const [first, second] = [client.send("bob", 1), client.publish("c", 2)];
  stage.socket.say({ type: "error", id: stage.socket.last("send").id, code: "not_found", message: "no bob" });
  await assert.rejects(first, code("not_found"));
  stage.socket.say({ type: "error", code: "slow_down", message: "too fast" });
  assert.equal(of("error")[0].code, "slow_down");
  stage.socket.say({ type: "ack", id: stage.socket.last("publish").id, offset: "102-0" });
  await second;
});

test("set and get, join and leave, and ids are never used twice", async () => {
  const stage = new Stage();
  const { client } = stage.client();
  stage.socket.welcome();
  const got = client.get("k");
  client.set("k", 5);
  client.join("c");
  client.leave("c");
  assert.deepEqual(stage.socket.asked, ["get", "set", "join", "leave"]);
  assert.equal(new Set(stage.socket.sent.map((frame) => frame.id)).size, 4);
  stage.socket.say({ type: "ack", id: stage.socket.sent[0].id, value: 7 });
  assert.equal(await got, 7);
});

test("each offset is seen once and in order, whatever comes twice", () => {
  const stage = new Stage();
  const { of, client } = stage.client();
  stage.socket.welcome();
  for (const offset of ["100-0", "101-0", "101-1", "101-0", "101-1", "110-0", "109-9"]) stage.socket.say(message(offset));
  stage.socket.say({ type: "direct", offset: "111-0", from: "bob", data: 1 });
  stage.socket.say({ type: "presence", channel: "c", joined: true, id: "bob" });
  assert.deepEqual(of("message").map((m) => m.offset), ["101-0", "101-1", "110-0"]);
  assert.equal(of("direct").length + of("presence").length, 2);
  assert.equal(client.position.offset, "111-0");
});

test("tasks have offsets too; what has none is delivered, and moves nothing", () => {
  const stage = new Stage();
  const { of, client } = stage.client();
  const task = { type: "task", offset: "101-0", task_id: "t", status: "done" };
  stage.socket.welcome().say(task).say(task).say(message(null, "a")).say(message(null, "a"));
  assert.equal(of("task").length, 1);
  assert.equal(of("message").length, 2);
  assert.equal(client.position.offset, "101-0");
});

test("waits grow with full jitter up to their cap, and start anew after a welcome", () => {
  for (const [random, waits] of [[() => 0.5, [250, 500, 1000, 2000, 2000]], [() => 0, [0, 0, 0, 0, 0]]]) {
    const stage = new Stage();
    const { of } = stage.client({ random, backoffBase: 500, backoffCap: 4000 });
    for (const wait of waits) {
      const sockets = stage.sockets.length;
      stage.socket.drop();
      assert.equal(of("waiting").at(-1).in_ms, wait);
      if (wait > 0) stage.pass(wait - 1);
      if (wait > 0) assert.equal(stage.sockets.length, sockets);
      stage.pass(1);
      assert.equal(stage.sockets.length, sockets + 1);
    }
    stage.socket.welcome().drop();
    assert.equal(of("waiting").at(-1).in_ms, waits[0]);
  }
});

test("a reconnection resumes from the last offset seen", () => {
  const stage = new Stage();
  const { of, client } = stage.client();
  stage.socket.welcome().say(message("105-0")).drop();
  stage.pass(250);
  stage.socket.welcome({ token: "t2", offset: "120-0" });
  assert.deepEqual(asked(stage.socket), { type: "resume", token: "t1", epoch: "e1", offset: "105-0" });
  // What is replayed lies before the welcome's offset and is not dropped.
  stage.socket.say(message("106-0")).say(message("119-0")).say({ type: "resumed", recovered: true, replayed: 2 }).say(message("121-0"));
  assert.deepEqual(of("message").map((m) => m.offset), ["105-0", "106-0", "119-0", "121-0"]);
  assert.deepEqual(of("resumed"), [{ recovered: true, replayed: 2 }]);
  assert.equal(client.position.token, "t2");
});

test("what cannot be recovered is told, with its range, and it goes on behind it", () => {
  const stage = new Stage();
  const { of, client } = stage.client();
  stage.socket.welcome().drop();
  stage.pass(250);
  const lost = { from: "100-1", to: "130-0" };
  stage.socket.welcome({ offset: "130-0" }).say({ type: "resumed", recovered: false, replayed: 0, lost });
  assert.deepEqual(of("resumed"), [{ recovered: false, replayed: 0, lost }]);
  assert.equal(client.position.offset, "130-0");
  stage.socket.say(message("129-0")).say(message("131-0"));
  assert.deepEqual(of("message").map((m) => m.offset), ["131-0"]);
});

test("another epoch: old offsets mean nothing, smaller ones are new", () => {
  const stage = new Stage();
  const { of, client } = stage.client();
  stage.socket.welcome().say(message("900-0")).drop();
  stage.pass(250);
  stage.socket.welcome({ epoch: "e2", offset: "5-0" });
  stage.socket.say({ type: "resumed", recovered: false, replayed: 0, lost: { from: "900-0", to: "5-0" } });
  assert.equal(of("resumed")[0].recovered, false);
  stage.socket.say(message("6-0"));
  assert.deepEqual(of("message").map((m) => m.offset), ["900-0", "6-0"]);
  assert.deepEqual([client.position.epoch, client.position.offset], ["e2", "6-0"]);
});

test("the welcome's own session is not ours: after a resume the old one and its token go on", () => {
  const stage = new Stage();
  const { client } = stage.client();
  stage.socket.welcome().drop();
  stage.pass(250);
  stage.socket.welcome({ session: "other", token: "of other", recovered: false });
  stage.socket.say({ type: "resumed", recovered: true, replayed: 0 });
  assert.deepEqual([client.position.session, client.position.token], ["s1", "t1"]);
  stage.socket.drop();
  stage.pass(250);
  stage.socket.welcome({ session: "third" }).say({ type: "resumed", recovered: true, replayed: 0, token: "renewed" });
  assert.equal(client.position.token, "renewed");
});

test("a token that the server renews is what one comes back with, but not while it is not known whose it is", () => {
  const stage = new Stage();
  const { client } = stage.client();
  stage.socket.welcome().say({ type: "token", token: "t2" }).drop();
  stage.pass(250);
  stage.socket.welcome({ session: "other", token: "of other", recovered: false });
  assert.equal(asked(stage.socket).token, "t2");
  stage.socket.say({ type: "token", token: "of other, too" });
  assert.equal(client.position.token, "t2");
  stage.socket.say({ type: "resumed", recovered: true, replayed: 0, token: "t3" }).say({ type: "token", token: 7 });
  assert.equal(client.position.token, "t3");
});

test("what is new before the server has heard of the resume waits for what is older", () => {
  for (const replay of [["101-0", "102-0", "103-0", "104-0"], ["103-0", "104-0"]]) {
    const stage = new Stage();
    const { of } = stage.client();
    stage.socket.welcome().drop();
    stage.pass(250);
    stage.socket.welcome({ offset: "102-0" });
    stage.socket.say(message("103-0")).say(message("104-0"));
    assert.equal(of("message").length, 0);
    for (const offset of replay) stage.socket.say(message(offset));
    stage.socket.say({ type: "resumed", recovered: true, replayed: replay.length }).say(message("105-0"));
    assert.deepEqual(of("message").map((m) => m.offset), [...replay, "105-0"]);
  }
});

test("a refused resume is a new session and an honest gap; one that cannot be asked is a gap, too", () => {
  const stage = new Stage();
  const { of, client } = stage.client();
  stage.socket.welcome().drop();
  client.join("b").catch(() => {});
  stage.pass(250);
  stage.socket.welcome({ session: "s2", token: null, offset: "130-0" }).say(message("131-0"));
  stage.socket.say({ type: "error", id: stage.socket.last("resume").id, code: "invalid_token", message: "too old" });
  assert.deepEqual(of("resumed"), [{ recovered: false, replayed: 0, lost: { from: "100-0", to: "130-0" } }]);
  assert.deepEqual(of("message").map((m) => m.offset), ["131-0"]);
  assert.equal(stage.socket.last("join").channel, "b");
  assert.deepEqual(client.position, { session: "s2", token: null, epoch: "e1", offset: "131-0" });
  stage.socket.drop();
  stage.pass(250);
  stage.socket.welcome({ session: "s3", offset: "140-0" });
  assert.equal(stage.socket.last("resume"), undefined);
  assert.deepEqual(of("resumed").at(-1), { recovered: false, replayed: 0, lost: { from: "131-0", to: "140-0" } });
  assert.equal(client.position.offset, "140-0");
});

test("a resume that Redis cannot serve just now is asked again", () => {
  const stage = new Stage();
  const { of } = stage.client();
  stage.socket.welcome().drop();
  stage.pass(250);
  stage.socket.welcome({ offset: "110-0" });
  const first = stage.socket.last("resume");
  stage.socket.say({ type: "error", id: first.id, code: "unavailable", message: "later", retry_after: 2 });
  stage.pass(1999);
  assert.equal(stage.socket.last("resume"), first);
  stage.pass(1);
  assert.notEqual(stage.socket.last("resume").id, first.id);
  stage.socket.say(message("105-0")).say({ type: "resumed", recovered: true, replayed: 1 });
  assert.deepEqual([of("message").length, of("resumed").length], [1, 1]);
});

test("a resumed session has its channels still; a new one joins them again", () => {
  const stage = new Stage();
  const { client } = stage.client();
  stage.socket.welcome();
  client.join("a").catch(() => {});
  client.join("b").catch(() => {});
  client.leave("a").catch(() => {});
  stage.socket.drop();
  stage.pass(250);
  stage.socket.welcome().say({ type: "resumed", recovered: true, replayed: 0 }).drop();
  assert.deepEqual(stage.socket.asked, ["resume"]);
  stage.pass(250);
  stage.socket.welcome({ session: "s2" });
  stage.socket.say({ type: "error", id: stage.socket.last("resume").id, code: "invalid_token", message: "too old" });
  assert.deepEqual(stage.socket.sent.slice(1).map((frame) => [frame.type, frame.channel]), [["join", "b"]]);
});

test("make before break: the old socket serves until the new one is welcomed, nothing twice, nothing missing", () => {
  const stage = new Stage();
  const { of, names, client } = stage.client();
  const old = stage.socket.welcome();
  old.say(message("101-0")).say({ type: "reconnect", in_ms: 300, url: "ws://b/ws", token: "t9", reason: "drain" });
  assert.deepEqual(of("moving"), [{ in_ms: 300, reason: "drain" }]);
  stage.pass(299);
  assert.equal(stage.sockets.length, 1);
  stage.pass(1);
  const fresh = stage.socket;
  assert.deepEqual([fresh.url, old.isClosed], ["ws://b/ws", false]);
  old.say(message("102-0"));
  fresh.open();
  assert.deepEqual(asked(fresh), { type: "resume", token: "t9", epoch: "e1", offset: "102-0" });
  old.say(message("103-0"));
  assert.equal(old.isClosed, false);
  fresh.say({ type: "welcome", session: "s1", token: "t3", epoch: "e1", offset: "104-0", heartbeat_ms: 0, recovered: true });
  assert.deepEqual([old.isClosed, old.closedWith.code], [true, 1000]);
  fresh.say(message("103-0")).say(message("104-0")).say({ type: "resumed", recovered: true, replayed: 2 }).say(message("105-0"));
  assert.deepEqual(of("message").map((m) => m.offset), ["101-0", "102-0", "103-0", "104-0", "105-0"]);
  assert.equal(names().includes("down"), false);
  assert.equal(client.isOpen, true);
});

test("an ack that is still to come keeps the old socket a little longer", async () => {
  const stage = new Stage();
  const { client } = stage.client();
  const old = stage.socket.welcome();
  const published = client.publish("c", 1);
  old.say({ type: "reconnect", in_ms: 0, token: "t9", reason: "drain" });
  stage.pass(0);
  stage.socket.welcome();
  assert.equal(old.isClosed, false);
  client.publish("c", 2).catch(() => {});
  assert.equal(stage.socket.last("publish").data, 2);
  old.say({ type: "ack", id: old.last("publish").id, offset: "101-0" });
  assert.equal((await published).offset, "101-0");
  assert.equal(old.isClosed, true);
});

test("a move that fails is tried again while the old socket lives, also to a URL that is none", () => {
  const stage = new Stage();
  const { names } = stage.client();
  const old = stage.socket.welcome();
  old.say({ type: "reconnect", in_ms: 0, url: "nonsense", token: "t9", reason: "drain" });
  stage.pass(250);
  assert.equal(stage.sockets.length, 2);
  stage.socket.drop();
  stage.pass(500);
  assert.equal(stage.sockets.length, 3);
  stage.socket.welcome();
  assert.equal(old.isClosed, true);
  assert.equal(names().includes("down"), false);
});

test("what is said without a connection waits, up to its bound", async () => {
  const stage = new Stage();
  const { client } = stage.client({ mostQueued: 2 });
  client.publish("c", 1).catch(() => {});
  client.publish("c", 2).catch(() => {});
  await assert.rejects(client.publish("c", 3), code("queue_full"));
  stage.socket.welcome();
  assert.deepEqual(stage.socket.sent.map((frame) => frame.data), [1, 2]);
});

test("sent but not acked: the caller is told that nobody knows, and it is not sent twice", async () => {
  const stage = new Stage();
  const { client } = stage.client();
  stage.socket.welcome();
  const published = client.publish("c", 1);
  stage.socket.drop();
  await assert.rejects(published, code("unknown"));
  stage.pass(250);
  stage.socket.welcome();
  assert.deepEqual(stage.socket.asked, ["resume"]);
});

test("with resend it is asked again under the same id", async () => {
  const stage = new Stage();
  const { client } = stage.client({ resend: true });
  const first = stage.socket.welcome();
  const published = client.publish("c", 1);
  first.drop();
  stage.pass(250);
  stage.socket.welcome();
  assert.deepEqual(stage.socket.last("publish"), first.last("publish"));
  stage.socket.say({ type: "ack", id: first.last("publish").id, offset: "101-0" });
  assert.equal((await published).offset, "101-0");
});

test("no welcome in time, or silence after answered pings, is an end", () => {
  const stage = new Stage();
  const { names } = stage.client({ patience: 1000 });
  stage.socket.open();
  stage.pass(1000);
  assert.equal(stage.sockets[0].isClosed, true);
  stage.pass(250);
  const second = stage.socket.welcome({ heartbeat_ms: 1000 });
  stage.pass(1000);
  assert.equal(second.last("ping")?.type, "ping");
  second.say({ type: "pong" });
  stage.pass(1000);
  assert.equal(second.isClosed, false);
  stage.pass(1000);
  assert.equal(second.isClosed, true);
  assert.equal(names().at(-1), "waiting");
});

test("a connection that dies before its first heartbeat is noticed, too", () => {
  const stage = new Stage();
  const { names } = stage.client();
  const socket = stage.socket.welcome({ heartbeat_ms: 1000 });
  assert.deepEqual(socket.asked, ["ping"]);
  socket.say({ type: "pong" });
  stage.pass(1000);
  assert.equal(socket.isClosed, false);
  stage.pass(1000);
  assert.equal(socket.isClosed, true);
  assert.equal(names().at(-1), "waiting");
});

test("a server that answers no ping is not taken for dead", () => {
  const stage = new Stage();
  stage.client();
  stage.socket.welcome({ heartbeat_ms: 1000 });
  stage.pass(60_000);
  assert.equal(stage.socket.isClosed, false);
});

test("closed is closed: nothing reconnects, whoever waits is told", async () => {
  const stage = new Stage();
  const { client, names } = stage.client();
  stage.socket.welcome();
  const published = client.publish("c", 1);
  client.close();
  await assert.rejects(published, code("closed"));
  await assert.rejects(client.publish("c", 1), code("closed"));
  stage.pass(100_000);
  assert.equal(stage.sockets.length, 1);
  assert.deepEqual(names(), ["open", "closed"]);
});

test("a wrong URL is told at once; words nobody knows are passed over", () => {
  const stage = new Stage();
  assert.throws(() => connect("http-ish", { WebSocket: stage.WebSocket }), SyntaxError);
  stage.client();
  stage.socket.welcome();
  for (const text of ["", "{", "null", "[]", '"x"', '{"type": "tomorrow"}']) stage.socket.say(text);
});

test("any interleaving of drops, moves and replays is exact or tells of the loss", () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const stage = new Stage();
  const { of } = stage.client({ random });
  const log = [];
  const links = new Map(); // socket → { next, resume }: what it is told next; the position it wants to resume from
  const greet = (socket) => {
    socket.open();
    const resume = socket.last("resume");
    links.set(socket, { next: log.length, resume: resume && Number(resume.offset.split("-")[0]) });
    socket.say({ type: "welcome", session: "s", token: "t", epoch: "e", offset: `${log.length}-0`, heartbeat_ms: 0, recovered: false });
  };
  const tell = (socket, link) => {
    if (link.next < log.length) socket.say(message(`${++link.next}-0`));
    else if (link.isReplaying) {
      link.isReplaying = false;
      socket.say({ type: "resumed", recovered: true, replayed: 0 });
    }
  };
  greet(stage.socket);
  for (let step = 0; step < 5000; step++) {
    const alive = stage.sockets.filter((socket) => links.has(socket) && !socket.isClosed);
    const one = alive[Math.floor(random() * alive.length)];
    const link = links.get(one);
    const dice = random();
    if (dice < 0.3) log.push(log.length + 1);
    else if (dice < 0.85 && one) tell(one, link);
    else if (dice < 0.9 && link?.resume !== undefined) {
      Object.assign(link, { next: link.resume, resume: undefined, isReplaying: true });
    } else if (dice < 0.92 && one) { links.delete(one); one.drop(); }
    else if (dice < 0.95 && one) one.say({ type: "reconnect", in_ms: 0, token: "t", reason: "drain" });
    else {
      stage.pass(100);
      const last = stage.socket;
      if (!last.isGreeted && !links.has(last) && !last.isClosed && stage.sockets.length > 1) {
        last.isGreeted = true;
        greet(last);
      }
    }
  }
  const seen = of("message").map((m) => Number(m.offset.split("-")[0]));
  assert.ok(seen.length > 500, `seed ${seed}: only ${seen.length} messages`);
  assert.deepEqual(seen, seen.map((_, index) => index + 1), `seed ${seed}`);
});
