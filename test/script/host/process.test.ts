import { afterEach, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Flag, kinds } from "../../../src/script/wire/batch/batch.ts";
import { MADE, ToHost, ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { BatchEncoder } from "../../../src/script/wire/batch/batch_encoder.ts";
import { encodeFrame, type Frame, FrameReader, frameText, type Payload } from "../../../src/process/frame.ts";
import { decode, loadRequest } from "./stage.ts";

const main = fileURLToPath(new URL("./fixtures/host.ts", import.meta.url));
const runtimes: Record<string, [string, ...string[]]> = {
  bun: ["bun", main],
  deno: ["deno", "run", "-A", "--no-lock", "--node-modules-dir=manual", main],
};
let child: ChildProcess | undefined;

afterEach(() => {
  child?.kill("SIGKILL");
});

function start([command, ...args]: [string, ...string[]]) {
  const host = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  child = host;
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const waiting: ((frame: Frame) => void)[] = [];
  let errors = "";
  host.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  host.stdout.on("data", (chunk: Uint8Array) => {
    for (const frame of reader.push(chunk)) {
      const waiter = waiting.shift();
      if (waiter) waiter(frame);
      else frames.push(frame);
    }
  });
  return {
    host,
    errors: () => errors,
    send: (kind: number, id: number, payload: Payload) => host.stdin.write(encodeFrame(kind, id, payload)),
    next: (): Promise<Frame> => {
      const frame = frames.shift();
      return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

for (const [name, command] of Object.entries(runtimes)) {
  const title = `a host under ${name} answers over its pipes, survives Ctrl-C, and ends with its input`;
  test.skipIf(!Bun.which(name))(
    title,
    async () => {
      const { host, send, next, errors } = start(command);
      const ready = await next();
      expect([ready.kind, JSON.parse(frameText(ready)).pid]).toEqual([ToServer.ready, host.pid]);
      const source = `import { defineRoom } from "hotroom"; import * as v from "valibot";
      export default defineRoom({ messages: { echo: { schema: v.string(), handle: (room, user, text) => text } } });`;
      send(ToHost.load, 3, JSON.stringify(loadRequest({ "rooms/m.ts": source })));
      send(ToHost.sandbox, 4, JSON.stringify({ version: 3 }));
      expect(JSON.parse(frameText(await next()))).toMatchObject({ ok: true });
      const made = await next();
      expect([made.kind, made.id, frameText(made)]).toEqual([ToServer.progress, 4, MADE]);
      const text = JSON.stringify("ü\u{1F600}".repeat(5000));
      const open = JSON.stringify({
        application: "game",
        version: "v1",
        room: { name: "r", type: "m", maxUsers: 2 },
        seed: "1",
      });
      host.kill("SIGINT");
      const batch = (script: number, seq: number, kind: number, name: string, body: string) => {
        const encoder = new BatchEncoder();
        encoder.add(script, seq, kind, Flag.reply, 1, "u1", name, body);
        send(ToHost.batch, 4, encoder);
      };
      for (let round = 0; round < 20; round++) {
        batch(round, 1, kinds.indexOf("open"), "", open);
        batch(round, 2, kinds.indexOf("message"), "echo", text);
      }
      for (let n = 0; n < 40; n++) {
        const answer = await next();
        expect([answer.kind, answer.id]).toEqual([ToServer.answer, 4]);
        const [result] = decode(answer.payload);
        expect(result?.status).toBe("ok");
        if (n % 2 === 1) expect(result?.value === JSON.parse(text)).toBe(true);
      }
      host.stdin.end();
      expect(await once(host, "exit")).toEqual([0, null]);
      expect(errors()).toBe("");
    },
    30_000,
  );
}
