/** What `permessage-deflate` costs, and saves: `bun test/bench/compression.ts on 2000`, by `on` or `off` and the bytes of a frame. */
import { readFileSync } from "node:fs";
import { bun } from "../../src/platform/bun/listener.ts";

const CLIENTS = 20;
const FRAMES = 1000;
/** Frames that are sent in one turn of the loop. */
const AT_ONCE = 20;

const [mode = "on", size = "2000"] = process.argv.slice(2);
const text = frameOf(Number(size));
const report = (error: unknown) => console.error(error);
const listener = await bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  compress: mode === "on",
  maxConnectionsPerAddress: 0,
  fetch: () => new Response(""),
  upgrade: () => ({ handler: { open: (socket) => group.add(socket), message() {}, close() {} } }),
  onError: report,
  warn: report,
});
const group = listener.group();
const clients = new Worker(new URL("compression_clients.ts", import.meta.url).href);
const heard = () =>
  new Promise<void>((resolve) => clients.addEventListener("message", () => resolve(), { once: true }));
const opened = heard();
clients.postMessage({ url: `ws://127.0.0.1:${listener.port}`, count: CLIENTS, frames: CLIENTS * FRAMES });
await opened;

const [bytes, cpu] = [bytesSent(), process.threadCpuUsage()];
const done = heard();
for (let n = 1; n <= FRAMES; n++) {
  group.send(text);
  if (n % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
}
await new Promise((resolve) => setImmediate(resolve));
const { user, system } = process.threadCpuUsage(cpu);
await done;
const each = (sum: number) => sum / CLIENTS / FRAMES;
console.log(
  `${text.length} bytes, ${mode}: ${each(user + system).toFixed(2)} µs, ${each(bytesSent() - bytes).toFixed(0)} bytes`,
);
process.exit(0);

/** Returns a frame as a room may send it: names that repeat, numbers that don't. */
function frameOf(size: number): string {
  const words = ["player", "x", "y", "score", "state", "name", "move", "turn"];
  let text = '{"event":"message","room":"lobby","type":"said","data":[{}';
  for (let n = 1; text.length < size; n++)
    text += `,{"${words[n % words.length]}":${(n * 7919) % 99_991},"id":"u${n % 97}"}`;
  return `${text}]}`;
}

/** Returns how many bytes the loopback device has carried. */
function bytesSent(): number {
  const line = readFileSync("/proc/net/dev", "utf8").match(/lo:\s*(\d+)/);
  return Number(line?.[1]);
}
