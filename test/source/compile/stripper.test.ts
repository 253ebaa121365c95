import { afterEach, expect, test } from "bun:test";
import { BuildError } from "../../../src/core/errors.ts";
import { StripTurn } from "../../../src/source/compile/strip_queue.ts";
import { Stripper, type StripperOptions } from "../../../src/source/compile/stripper.ts";

let stripper: Stripper | undefined;
afterEach(() => stripper?.close());

/** Starts a stripper; each source that it gets is a build of its own unless it has a turn, and becomes its code. */
const start = (options?: StripperOptions) => {
  stripper = new Stripper(options);
  return {
    strip: async (file: string, source: string, turn = new StripTurn(file)) =>
      (await (stripper as Stripper).strip(turn, file, source)).code,
    close: () => stripper?.close(),
  };
};

/** A source that takes amaro for ever. */
const hanging = `let a = ${"a ? (b) : c => ".repeat(40)}1;`;

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

test("a source that makes the type stripper fail is named", async () => {
  // Of an error this far to the right amaro 1.2.1 can't tell the column.
  const error = await start()
    .strip("wide.ts", `let a = "${"x".repeat(70_000)}"; b c`)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BuildError);
  expect(String(error)).toStartWith("Cannot parse wide.ts: the type stripper failed, ");
});

test("a source that takes for ever is stopped, and the next one is stripped", async () => {
  const one = start({ deadline: 1500 });
  const slow = one.strip("slow.ts", hanging);
  const next = one.strip("b.ts", "let b: number");
  expect(await slow.catch((error: unknown) => error)).toEqual(
    new BuildError("Cannot parse slow.ts: it takes longer than 1500 ms."),
  );
  expect(await next).toBe("let b        ");
});

test("the sources of one build have one deadline, whichever was slow", async () => {
  const one = start({ deadline: 1500 });
  const turn = new StripTurn("slow");
  const results = await Promise.allSettled(
    ["a", "b", "c"].map((name) => one.strip(`${name}.ts`, name === "a" ? "let a: number" : hanging, turn)),
  );
  expect(results.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason)))).toEqual([
    "let a        ",
    "Cannot parse b.ts: it and the files before it take longer than 1500 ms.",
    "Cannot parse b.ts: it and the files before it take longer than 1500 ms.",
  ]);
  // Nor is one taken that comes later.
  expect(one.strip("d.ts", "let d: number", turn)).rejects.toThrow("Cannot parse b.ts: ");
});

test("an application that was too slow comes after the others", async () => {
  const one = start({ deadline: 1500 });
  await one.strip("a.ts", hanging, new StripTurn("slow")).catch(() => {});
  const order: string[] = [];
  const strip = (application: string, source: string) =>
    one.strip("a.ts", source, new StripTurn(application)).then(
      () => order.push(application),
      () => order.push(`${application}, in vain`),
    );
  await Promise.all([
    strip("first", "let a: 1"),
    strip("slow", hanging),
    strip("second", "let a: 2"),
    strip("third", "let a: 3"),
  ]);
  expect(order).toEqual(["first", "second", "third", "slow, in vain"]);
});

test("this process goes on while a source takes for ever", async () => {
  const one = start({ deadline: 1500 });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await one.strip("slow.ts", hanging).catch(() => {});
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20);
});

test("a semicolon behind an erased statement stays", async () => {
  const code = await start().strip("a.ts", "const a = 1\ntype C = number\n;[1].map(a)");
  expect(code).toBe("const a = 1\n               \n;[1].map(a)");
});

test("a process that can't be had is no fault of the source", async () => {
  const error = await start({ command: ["/nowhere/to/be/found"] })
    .strip("a.ts", "let a")
    .catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(BuildError);
  expect(String(error)).toContain("the process that strips types was lost");
});

test("a process that is lost twice with a source names it", async () => {
  const command = [process.execPath, "-e", "process.stdin.once('data', () => process.exit(3))"];
  expect(start({ command }).strip("a.ts", "let a")).rejects.toThrow(
    "the process that strips types was lost with a.ts, it ended with 3",
  );
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
