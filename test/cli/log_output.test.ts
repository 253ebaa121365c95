import { expect, test } from "bun:test";
import { LogOutput } from "../../src/cli/log_output.ts";

const line = `${"x".repeat(1023)}\n`;

/** Somewhere to write that takes what it is let to, at most `most` bytes at once, or fails. */
class Reader {
  read = "";
  isReading = true;
  fails = 0;
  #waiting: (() => void)[] = [];

  constructor(readonly most = Number.POSITIVE_INFINITY) {}

  readonly write = async (bytes: Uint8Array): Promise<number> => {
    if (!this.isReading) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.fails-- > 0) throw new Error("ENOSPC");
    const taken = bytes.subarray(0, Math.min(this.most, bytes.length));
    this.read += Buffer.from(taken).toString("latin1");
    return taken.length;
  };

  goOn(): void {
    this.isReading = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

test("lines arrive whole and in order, however few bytes are taken at once, and whatever fails between", async () => {
  const reader = new Reader(7);
  const output = new LogOutput(reader.write, () => {});
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i}\n`);
  reader.fails = 3;
  for (const each of lines) output.write(each);
  await output.flushed(10_000);
  expect(reader.read).toBe(lines.join(""));
});

test("what waits has a bound; the lines beyond it are counted and told of once there is room", async () => {
  const reader = new Reader();
  reader.isReading = false;
  const told: number[] = [];
  const output = new LogOutput(reader.write, (lines) => told.push(lines));
  for (let i = 0; i < 3000; i++) output.write(line);
  reader.goOn();
  await output.flushed(10_000);
  const read = reader.read.length / line.length;
  expect(read).toBeLessThan(1100);
  expect(told).toEqual([3000 - read]);
  output.write("later\n");
  await output.flushed(10_000);
  expect(reader.read.endsWith("later\n")).toBe(true);
});

test("nobody waits for the last lines longer than it was said", async () => {
  const reader = new Reader();
  reader.isReading = false;
  const output = new LogOutput(reader.write, () => {});
  output.write(line);
  await output.flushed(1);
  expect(reader.read).toBe("");
});
