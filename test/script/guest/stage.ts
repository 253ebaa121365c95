/** A stage for scripts: one ScriptHost with one sandbox, driven by real frames, its answers decoded. */
import * as v from "valibot";
import { limitsSchema } from "../../../src/core/settings.ts";
import type { Loaded, LoadRequest } from "../../../src/script/batch.ts";
import { type FailureBody, Flag, Status, ToHost, ToServer } from "../../../src/script/batch.ts";
import { encodeFrame, FrameReader } from "../../../src/script/frame.ts";
import { ScriptHost } from "../../../src/script/guest/host.ts";

/** The defaults, but for what runs long on a busy machine. */
export const limits: LoadRequest["limits"] = { ...v.parse(limitsSchema, {}), migrate: 40, load: 2000 };

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

/** One decoded outcome; `effects` have their bodies in the place of the lengths. */
export interface Result {
  script: number;
  seq: number;
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
  readonly sent: { kind: number; id: number; text: string }[] = [];
  readonly host = new ScriptHost((kind, id, payload) => {
    this.sent.push({
      kind,
      id,
      text: typeof payload === "string" ? payload : Buffer.from(payload).toString(),
    });
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

  async frame(kind: number, id: number, payload: string): Promise<void> {
    for (const frame of new FrameReader().push(encodeFrame(kind, id, payload)))
      await this.host.receive(frame);
  }

  last(kind: number): { kind: number; id: number; text: string } | undefined {
    return this.sent.findLast((frame) => frame.kind === kind);
  }

  /** Sends a batch as it is. */
  async batch(header: unknown, bodies = "", sandbox = 1): Promise<void> {
    await this.frame(ToHost.batch, sandbox, `${JSON.stringify(header)}\n${bodies}`);
  }

  /** Sends events as one batch and decodes the answer. Throws where the sandbox was poisoned. */
  play(...events: Played[]): Promise<Result[]> {
    return this.playIn(1, ...events);
  }

  async playIn(sandbox: number, ...events: Played[]): Promise<Result[]> {
    const bodies: string[] = [];
    const tuples = events.map(
      ({ kind, user = "", name = "", data, text, flags = Flag.reply, time, script = 1 }) => {
        const body = text ?? (data === undefined ? undefined : JSON.stringify(data));
        if (body !== undefined) bodies.push(body);
        const seq = (this.#seqs.get(script) ?? 0) + 1;
        this.#seqs.set(script, seq);
        const tuple = [script, seq, kind, user, name, body?.length ?? -1, flags];
        return time === undefined ? tuple : [...tuple, time];
      },
    );
    const results: Result[] = [];
    // A batch that takes long is answered in parts.
    for (let from = 0; from < tuples.length; from = results.length) {
      const before = this.sent.length;
      const skipped = tuples.slice(0, from).filter((tuple) => Number(tuple[5]) >= 0).length;
      await this.batch([1_000_000, tuples.slice(from)], bodies.slice(skipped).join(""), sandbox);
      const frames = this.sent.slice(before);
      const answer = frames.find(({ kind }) => kind === ToServer.answer);
      if (!answer) throw new Error(`no answer: ${JSON.stringify(frames)}`);
      results.push(...decode(answer.text));
    }
    return results;
  }

  /** One message of ann with a reply. */
  async message(type: string, data?: unknown): Promise<Result> {
    const [result] = await this.play(message(type, data));
    return result as Result;
  }

  async snapshot(): Promise<{ state: unknown; users: unknown[]; rooms?: unknown[] }> {
    const [result] = await this.play({ kind: "snapshot" });
    return (result as Result).value as never;
  }
}

/** Decodes an answer and checks that its lengths are those of its bodies. */
export function decode(text: string): Result[] {
  const answer = text.slice(text.indexOf("\n") + 1);
  const line = answer.indexOf("\n");
  let at = line + 1;
  const take = (length: unknown) => {
    if (length === -1) return undefined;
    const text = answer.slice(at, at + (length as number));
    at += length as number;
    return text;
  };
  const results = (JSON.parse(answer.slice(0, line)) as [number, number, number, number, unknown[][]][]).map(
    ([script, seq, code, length, tuples]) => {
      const body = take(length);
      const all = tuples.map((tuple) => {
        if (["kick", "kickApplication", "closeRoom", "cancel"].includes(tuple[0] as string)) return tuple;
        const text = take(tuple[2]);
        const data = text === undefined || tuple[0] === "log" ? text : JSON.parse(text);
        return [...tuple.slice(0, 2), data, ...tuple.slice(3)];
      });
      const status = names[code] ?? "ok";
      const parsed = body === undefined ? undefined : JSON.parse(body);
      return {
        script,
        seq,
        status,
        value: status === "ok" ? parsed : undefined,
        ...(status === "ok" ? {} : { failure: parsed }),
        effects: all.filter(([kind]) => kind !== "log"),
        logs: all
          .filter(([kind]) => kind === "log")
          .map(([, level, text]) => [level, text] as [string, string]),
      };
    },
  );
  if (at !== answer.length) throw new Error(`the bodies have ${answer.length - at} units too many`);
  return results;
}

export function open(changes: Record<string, unknown> = {}, script = 1): Played {
  const room = { name: "lobby", type: "m", maxUsers: 4 };
  return {
    kind: "open",
    script,
    data: { application: "game", version: "v1·abc", room, seed: 7, ...changes },
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

export function message(type: string, data?: unknown, user = "u1"): Played {
  return { kind: "message", user, name: type, data };
}
