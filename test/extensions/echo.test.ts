import { expect, test } from "bun:test";
import { examples, startServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

onEachRuntime("the example echo", (runtime) => {
  test("what is sent comes back, others in the room hear of it, and the room counts", async () => {
    const server = await startServer({ runtime, extensions: examples });
    const ann = await server.user("echo", "ann", "hall");
    const bob = await server.user("echo", "bob", "hall");
    expect(await ann.ask("hall", "echo", { any: ["thing", 1, null] })).toEqual({ any: ["thing", 1, null] });
    expect((await bob.message("echoed")).data).toEqual({ by: "ann", data: { any: ["thing", 1, null] } });
    await ann.settle();
    expect(ann.messages("echoed")).toEqual([]);
    expect(await bob.ask("hall", "count")).toBe("1 echoed so far");
    await server.stop();
  });
});
