import { afterEach, expect, test } from "bun:test";
import { BuildError } from "../../../src/core/errors.ts";
import { StripTurn } from "../../../src/source/compile/strip_queue.ts";
import { Stripper, type StripperOptions } from "../../../src/source/compile/stripper.ts";

let stripper: Stripper | undefined;
afterEach(() => stripper?.close());

/** Starts a stripper; each source that it gets is a build of its own, and becomes its code. */
const start = (options?: StripperOptions) => {
  stripper = new Stripper(options);
  return {
    strip: async (file: string, source: string) =>
      (await (stripper as Stripper).strip(new StripTurn(file), file, source)).code,
    close: () => stripper?.close(),
  };
};

test("a source that breaks the parser's memory fails alone", async () => {
  const one = start();
  const deep = `let a = ${"(".repeat(5000)}1${")".repeat(5000)};`;
  const [before, broken, after] = await Promise.allSettled([
    one.strip("a.ts", "let a: number"),
    one.strip("deep.ts", deep),
    one.strip("b.ts", "let b: number"),
  ]);
  expect(before).toEqual({ status: "fulfilled", value: "let a        " });
  expect(broken.status === "rejected" && broken.reason).toEqual(
    new BuildError("Cannot parse deep.ts: it is nested too deeply."),
  );
  expect(after).toEqual({ status: "fulfilled", value: "let b        " });
});

test("a source that takes for ever is stopped, and the next one is stripped", async () => {
  const one = start({ deadline: 1500 });
  const slow = one.strip("slow.ts", `let a = ${"a ? (b) : c => ".repeat(40)}1;`);
  const next = one.strip("b.ts", "let b: number");
  expect(await slow.catch((error: unknown) => error)).toEqual(
    new BuildError("Cannot parse slow.ts: it takes longer than 1500 ms."),
  );
  expect(await next).toBe("let b        ");
});

test("a process that can't be had is no fault of the source", async () => {
  const error = await start({ command: ["/nowhere/to/be/found"] })
    .strip("a.ts", "let a")
    .catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(BuildError);
  expect(String(error)).toContain("the process that strips types was lost");
});

test("an idle process ends, and another one starts when it is needed", async () => {
  const one = start({ idle: 1 });
  expect(await one.strip("a.ts", "let a: number")).toBe("let a        ");
  await Bun.sleep(5);
  expect(await one.strip("a.ts", "let a: string")).toBe("let a        ");
});

test("close rejects what waits", async () => {
  const one = start();
  const waiting = [one.strip("a.ts", "let a"), one.strip("b.ts", "let b")];
  one.close();
  for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe("rejected");
});
