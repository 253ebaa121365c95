/**
 * A script host without an engine, started as a real process: it speaks the frame protocol, and events of certain
 * types do what a hostile or broken script would do. `Room` is the deterministic script that all tests count with.
 */
import { existsSync, writeFileSync } from "node:fs";
import { Flag, type OpenRequest } from "../../../src/script/wire/batch/batch.ts";
import { type LoadRequest, ToHost, ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { encodeFrame, FrameReader, frameText } from "../../../src/process/frame.ts";
import { answerText, type Came, readBatch, type Told, writeAnswer } from "../encoding.ts";

interface Room {
  version: string;
  count: number;
  seen: string[];
}

interface Fields {
  data: string;
  time: number;
  reply: unknown;
}

const versions = new Map<number, LoadRequest>();
const sandboxes = new Map<number, { version: number; rooms: Map<number, Room> }>();
const reader = new FrameReader();
/** CPU time that events of this batch claim to have taken, µs. */
let claimed = 0;

process.stdin.on("data", (chunk: Uint8Array) => {
  for (const frame of reader.push(chunk)) {
    const { kind, id } = frame;
    if (kind === ToHost.load) load(id, JSON.parse(frameText(frame)));
    else if (kind === ToHost.sandbox)
      sandboxes.set(id, { version: JSON.parse(frameText(frame)).version, rooms: new Map() });
    else if (kind === ToHost.batch) batch(id, frame.payload);
    else if (kind === ToHost.drop) sandboxes.delete(id);
    else if (kind === ToHost.unload) versions.delete(id);
  }
});
process.stdin.on("end", () => process.exit(0));
send(ToServer.ready, 0, { pid: process.pid });

function send(kind: number, id: number, payload: unknown): void {
  const encoded = payload instanceof Uint8Array ? payload : JSON.stringify(payload);
  process.stdout.write(encodeFrame(kind, id, encoded));
}

/** Code of the room type: words that say how loading and opening go. */
function code(request: LoadRequest | undefined): string {
  return request?.files.map(([, text]) => text).join(" ") ?? "";
}

/** Whether `word` is in the code and, for `word:<path>`, the file is not there yet. */
function once(text: string, word: string): boolean {
  const found = new RegExp(`\\b${word}(?::(\\S+))?`).exec(text);
  if (!found) return false;
  if (found[1] === undefined) return true;
  if (existsSync(found[1])) return false;
  writeFileSync(found[1], "");
  return true;
}

function hang(): never {
  for (;;);
}

function load(id: number, request: LoadRequest): void {
  versions.set(id, request);
  const text = code(request);
  if (!request.trusted) {
    if (once(text, "load-dies")) process.kill(process.pid, "SIGKILL");
    if (text.includes("load-hangs")) hang();
    if (text.includes("load-fails")) {
      send(ToServer.loaded, id, {
        ok: false,
        message: "x is not defined",
        position: { file: "rooms/r.ts", line: 2, column: 3 },
      });
      return;
    }
  }
  // Catch-alls for messages and emits, and handlers that the code says it has besides.
  const all = ["events.message", "events.emit"];
  const own = [...text.matchAll(/\bhas:(\S+)/g)].map(([, name]) => name);
  const define = (kind: string) => ({ kind, hasMigrate: false, handlers: [...all, ...own] });
  const extension = request.extension === undefined ? {} : { extension: define("application") };
  send(ToServer.loaded, id, {
    ok: true,
    ...extension,
    rooms: request.rooms.map(([type]) => [type, define("room")]),
  });
}

class Poison extends Error {}

function batch(id: number, bytes: Uint8Array): void {
  const sandbox = sandboxes.get(id);
  if (!sandbox) return;
  const rows = readBatch(bytes);
  const outcomes: Came[] = [];
  let malformed: string | undefined;
  claimed = 0;
  for (const { script, seq, kind, name, body = "", flags, time } of rows) {
    try {
      const reply = run(id, script, seq, kind, name, { data: body, time, reply: undefined });
      if (flags & Flag.muted) reply.splice(flags & Flag.foreign && reply[0] !== 0 ? 2 : 1);
      const [status, text, effects = []] = reply as [number, string?, Told[]?];
      outcomes.push({ status, body: text, ms: 0, effects });
    } catch (error) {
      if (error instanceof Poison) {
        sandboxes.delete(id);
        const culprit = error.message === "named" ? { culprit: [script, seq] } : {};
        return send(ToServer.poisoned, id, { reason: "out of memory", ...culprit });
      }
      if (!(error instanceof SyntaxError)) throw error;
      malformed = error.message;
    }
  }
  const has = (message: string) =>
    rows.some(({ kind, name, flags }) => kind === "message" && name === message && !(flags & Flag.muted));
  const text = malformed ?? answerText(outcomes);
  send(
    ToServer.answer,
    id,
    writeAnswer(text, { cpu: outcomes.length * 10 + claimed, hasGrown: has("grow") }),
  );
  if (has("waste")) send(ToServer.grown, id, 0);
}

/** Whether the code says that a handler, or one with that data, fails. */
function fails(text: string, what: string): boolean {
  return text.split(" ").includes(`fails:${what}`);
}

function fail(status: number, body: object): unknown[] {
  return [status, JSON.stringify(body)];
}

/** `[status, body, effects]`. */
function run(
  id: number,
  script: number,
  seq: number,
  kind: string,
  name: string,
  { data, time }: Fields,
): unknown[] {
  const sandbox = sandboxes.get(id);
  const rooms = sandbox?.rooms ?? new Map<number, Room>();
  if (kind === "open") return open(sandbox?.version ?? 0, rooms, script, JSON.parse(data));
  const room = rooms.get(script);
  if (!room) return fail(4, { message: "there is no such script" });
  if (kind === "snapshot") {
    if (room.seen.includes("no-snapshot")) return fail(4, { message: "the state is too large" });
    if (room.seen.includes("snapshot-hangs")) hang();
    return [0, JSON.stringify(room)];
  }
  if (kind === "end") {
    rooms.delete(script);
    return [0];
  }
  const text = code(versions.get(sandbox?.version ?? 0));
  if (kind === "message" && text.includes("events-fail")) return fail(4, { message: "not in this version" });
  if (kind === "message" && text.includes("events-hang")) hang();
  const handler = ["message", "emit", "timer"].includes(kind) ? `${kind}s.${name}` : `events.${kind}`;
  if (fails(text, `${handler}:${data}`) || fails(text, handler))
    return fail(4, { message: "not in this version" });
  if (text.includes(`hangs:${handler}`)) hang();
  if (text.includes(`lacks:${handler}`)) return fail(2, { message: "there is none" });
  if (kind === "emit") {
    room.seen.push(`${name} ${data}`);
    return [0, undefined, [{ kind: "broadcast", type: name, except: 0, body: data }]];
  }
  if (kind === "directory" && (text.includes("never-told") || once(text, "told-twice"))) {
    return fail(4, { message: "out of memory", limit: "memory" });
  }
  if (text.includes(`cuts:${handler}`)) return fail(4, { message: "took longer than 20 ms", limit: "cpu" });
  if (kind === "directory" && once(text, "told-hangs")) hang();
  if (kind !== "message") {
    room.seen.push(kind);
    return [0];
  }
  switch (name) {
    case "count": {
      room.count++;
      room.seen.push(data);
      const body = JSON.stringify({ count: room.count });
      return [0, body, [{ kind: "broadcast", type: "counted", except: 0, body }]];
    }
    case "state":
      return [0, JSON.stringify(room)];
    case "time":
      room.seen.push(String(time));
      return [0, String(time)];
    case "mark":
      room.seen.push(JSON.parse(data));
      return [0];
    case "hang":
      return hang();
    case "spin":
      return spin(id, script, seq, JSON.parse(data));
    case "claim":
      claimed += JSON.parse(data) * 1000;
      return [0, String(++room.count)];
    case "exit":
      return process.exit(3);
    case "die":
      if (once(`die:${JSON.parse(data)}`, "die")) process.kill(process.pid, "SIGKILL");
      room.count++;
      return [0];
    case "stop":
      process.kill(process.pid, "SIGSTOP");
      return [0];
    case "poison":
      throw new Poison(JSON.parse(data));
    case "malformed":
      throw new SyntaxError(JSON.parse(data));
    case "limit":
      room.count += 1000;
      return fail(4, { message: "took longer than 20 ms", limit: "cpu" });
    case "throw":
      room.count += 10;
      return [
        4,
        JSON.stringify({
          message: "boom",
          detail: "Error: boom\n    at move (rooms/r.ts:2:3)",
          position: { file: "rooms/r.ts", line: 2, column: 3 },
        }),
        [{ kind: "log", level: "info", body: "hello" }],
      ];
    case "grow":
    case "waste":
      return [0];
    case "many": {
      const body = JSON.stringify("x");
      const effects = Array.from({ length: JSON.parse(data) }, (_, n) => ({
        kind: "broadcast",
        type: `n${n}`,
        except: 0,
        body,
      }));
      return [0, String(effects.length), effects];
    }
    case "refuse":
      return fail(1, { message: "Not now." });
    case "unknown":
      return fail(2, { message: "there is none" });
    default:
      return fail(3, { message: "data.cell: expected a number" });
  }
}

function open(version: number, rooms: Map<number, Room>, script: number, request: OpenRequest): unknown[] {
  const text = code(versions.get(version));
  if (once(text, "open-hangs")) hang();
  if (once(text, "open-dies")) process.kill(process.pid, "SIGKILL");
  if (text.includes("open-fails") || (request.from !== undefined && text.includes("migrate-fails"))) {
    return fail(4, {
      message: "state.board is undefined",
      position: { file: "rooms/r.ts", line: 7, column: 1 },
    });
  }
  const room = (request.snapshot as Room | undefined) ?? { version: "", count: 0, seen: [] };
  if (request.from !== undefined) room.seen.push(`from ${request.from}`);
  rooms.set(script, { ...room, version: request.version });
  return [0];
}

/** Uses `ms` of CPU time in code that reports `every` 20 ms that `same` event, or always another one, runs. */
function spin(
  id: number,
  script: number,
  seq: number,
  { ms, same }: { ms: number; same: boolean },
): unknown[] {
  const start = process.cpuUsage();
  let reports = 0;
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    const used = (user + system) / 1000;
    if (used > ms) return [0];
    if (used > (reports + 1) * 20) send(ToServer.progress, id, [script, same ? seq : seq + ++reports]);
  }
}
