/** A stage for scripts: one ScriptHost with one sandbox, driven by real frames, its answers decoded. */
import * as v from "valibot";
import { limitsSchema } from "../../../src/core/application/settings.ts";
import { bytesOfText, isBytes, textOfBytes } from "../../../src/protocol/bytes.ts";
import type { Loaded, LoadRequest } from "../../../src/script/wire/frame_kinds.ts";
import { type FailureBody, Status } from "../../../src/script/wire/answer/answer.ts";
import { Flag, kinds } from "../../../src/script/wire/batch/batch.ts";
import { ToHost, ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { ONCE } from "../../../src/script/wire/answer/effects.ts";
import { BatchEncoder } from "../../../src/script/wire/batch/batch_encoder.ts";
import { encodeFrame, FrameReader, type Payload, payloadBytes } from "../../../src/process/frame.ts";
import { ScriptHost } from "../../../src/script/host/script_host.ts";
import { readAnswer, type Told } from "../encoding.ts";

/** The defaults, but for what runs long on a busy machine. */
export const limits: LoadRequest["limits"] = { ...v.parse(limitsSchema, {}), migrate: 40, load: 2000 };

/** Seed of the scripts. */
export const SEED = "ae6852f8121067cc4bf7a5765577f39e";

/** One event as the tests write it. */
export interface Played {
  kind: string;
  user?: string;
  name?: string;
  /** Written as JSON; a string body as it is goes in `text`. */
  data?: unknown;
  text?: string;
  flags?: number;
  time?: number;
  script?: number;
}

/** One decoded outcome; an effect is its kind, its first part, its data where it may have any, and its other parts. */
export interface Result {
  status: keyof typeof Status;
  value: unknown;
  failure?: FailureBody;
  effects: unknown[][];
  logs: [string, string][];
}

const names = Object.fromEntries(
  Object.entries(Status).map(([name, code]) => [code, name as keyof typeof Status]),
);

export function loadRequest(files: Record<string, string>, changes: Partial<LoadRequest> = {}): LoadRequest {
  const rooms = Object.keys(files)
    .map((path) => [/^(?:rooms\/)?(\w+)\.[jt]s$/.exec(path)?.[1] ?? "", path] as [string, string])
    .filter(([type, path]) => type !== "" && type !== "app" && !path.startsWith("lib/"));
  const extension = "app.ts" in files ? { extension: "app.ts" } : {};
  return {
    application: "game",
    version: "v1·abc",
    limits,
    rooms,
    files: Object.entries(files),
    ...extension,
    ...changes,
  };
}

export class Stage {
  readonly sent: { kind: number; id: number; text: string; bytes: Uint8Array }[] = [];
  readonly host = new ScriptHost((kind, id, payload) => {
    const bytes = Buffer.from(payloadBytes(payload));
    this.sent.push({ kind, id, bytes, text: bytes.toString() });
  });
  #seqs = new Map<number, number>();

  static async of(files: Record<string, string>, changes: Partial<LoadRequest> = {}): Promise<Stage> {
    const stage = new Stage();
    const loaded = await stage.load(loadRequest(files, changes));
    if (!loaded.ok) throw new Error(loaded.message);
    await stage.frame(ToHost.sandbox, 1, JSON.stringify({ version: 1 }));
    return stage;
  }

  /** A stage whose one script is a room of type `m`, opened and joined by ann (u1) and ben (u2). */
  static async room(definition: string, changes: Partial<LoadRequest> = {}, before = ""): Promise<Stage> {
    const source = `import { defineRoom, refuse } from "hotroom"; ${before}\nexport default defineRoom({ ${definition} });`;
    const stage = await Stage.of({ "rooms/m.ts": source }, changes);
    await stage.play(open(), join("u1", "ann"), join("u2", "ben"));
    return stage;
  }

  async load(request: LoadRequest): Promise<Loaded> {
    await this.frame(ToHost.load, 1, JSON.stringify(request));
    return JSON.parse(this.last(ToServer.loaded)?.text ?? "null");
  }

  async frame(kind: number, id: number, payload: Payload): Promise<void> {
    for (const frame of new FrameReader().push(encodeFrame(kind, id, payload)))
      await this.host.receive(frame);
  }

  last(kind: number): Stage["sent"][number] | undefined {
    return this.sent.findLast((frame) => frame.kind === kind);
  }

  /** Sends events as one batch and decodes the answer. Throws where the sandbox was poisoned. */
  play(...events: Played[]): Promise<Result[]> {
    return this.playIn(1, ...events);
  }

  async playIn(sandbox: number, ...events: Played[]): Promise<Result[]> {
    const calls = events.map((event) => {
      const { script = 1 } = event;
      const seq = (this.#seqs.get(script) ?? 0) + 1;
      this.#seqs.set(script, seq);
      return { script, seq, ...event };
    });
    const results: Result[] = [];
    // A batch that takes long is answered in parts.
    while (results.length < calls.length) {
      const batch = new BatchEncoder();
      for (const { script, seq, kind, flags = Flag.reply, time = 1_000_000, ...texts } of calls.slice(
        results.length,
      )) {
        const { user = "", name = "", data, text } = texts;
        if (data instanceof Uint8Array) {
          const bytes = textOfBytes(data);
          batch.addBytes(script, seq, kinds.indexOf(kind as never), flags, time, user, name, bytes);
          continue;
        }
        const body = text ?? (data === undefined ? undefined : JSON.stringify(data));
        batch.add(script, seq, kinds.indexOf(kind as never), flags, time, user, name, body);
      }
      const before = this.sent.length;
      await this.frame(ToHost.batch, sandbox, batch);
      const frames = this.sent.slice(before);
      const answer = frames.find(({ kind }) => kind === ToServer.answer);
      if (!answer) throw new Error(`no answer: ${JSON.stringify(frames)}`);
      results.push(...decode(answer.bytes));
    }
    return results;
  }

  /** One message of ann with a reply. */
  async message(type: string, data?: unknown): Promise<Result> {
    const [result] = await this.play(message(type, data));
    return result as Result;
  }

  async snapshot(): Promise<{ state: unknown }> {
    const [result] = await this.play({ kind: "snapshot" });
    return (result as Result).value as never;
  }
}

/** Decodes an answer. */
export function decode(answer: Uint8Array): Result[] {
  return readAnswer(answer).map(({ status: code, body, effects }) => {
    const status = names[code] ?? "ok";
    const parsed = parse(body);
    const isLog = ({ kind }: Told) => kind === "log";
    return {
      status,
      value: status === "ok" ? parsed : undefined,
      ...(status === "ok" ? {} : { failure: parsed }),
      effects: effects.filter((effect) => !isLog(effect)).map(listed),
      logs: effects.filter(isLog).map(({ level, body }) => lineOf(level as string, body as string)),
    };
  });
}

function parse(body: string | undefined): ReturnType<typeof JSON.parse> {
  if (body === undefined) return undefined;
  return isBytes(body) ? bytesOfText(body) : JSON.parse(body);
}

/** A warning that is logged once says in its first line what it is of. */
function lineOf(level: string, body: string): [string, string] {
  return level === ONCE ? ["warn", body.slice(body.indexOf("\n") + 1)] : [level, body];
}

function listed(effect: Told): unknown[] {
  if (!("body" in effect)) return Object.values(effect);
  const { kind, body, ...parts } = effect;
  const [first, ...others] = Object.values(parts);
  return [kind, first, parse(body as string | undefined), ...others];
}

export function open(changes: Record<string, unknown> = {}, script = 1): Played {
  const room = { name: "lobby", type: "m", maxUsers: 4 };
  return {
    kind: "open",
    script,
    data: { application: "game", version: "v1·abc", room, seed: SEED, ...changes },
  };
}

export function join(id: string, name: string, data?: unknown, script = 1): Played {
  return {
    kind: "join",
    script,
    user: id,
    data: { user: { id, name }, ...(data === undefined ? {} : { data }) },
  };
}

/** Tells a script of users and rooms that have come and gone. */
export function directory({ users, rooms }: { users?: object; rooms?: object }): Played {
  const none = { remove: [], add: [] };
  return { kind: "directory", data: { users: { ...none, ...users }, rooms: { ...none, ...rooms } } };
}

export function message(type: string, data?: unknown, user = "u1"): Played {
  return { kind: "message", user, name: type, data };
}
