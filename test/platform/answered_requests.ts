/** Run by Deno with `--expose-gc`: answers requests, and prints how many of the answers are still in memory then. */
import { deno } from "../../src/platform/deno/listener.ts";

const REQUESTS = 300;
const answers: WeakRef<Response>[] = [];
const listener = await deno.listen({
  hostname: "127.0.0.1",
  port: 0,
  fetch() {
    const answer = new Response("ok");
    answers.push(new WeakRef(answer));
    return answer;
  },
  upgrade: () => undefined,
  onError() {},
  warn() {},
});
for (let n = 0; n < REQUESTS; n++) await (await fetch(`http://127.0.0.1:${listener.port}/`)).text();
// What is held by a task that has just ended goes with the next turns of the loop.
for (let turn = 0; turn < 5; turn++) {
  await new Promise((resolve) => setTimeout(resolve));
  (globalThis as unknown as { gc(): void }).gc();
}
console.log(answers.filter((answer) => answer.deref() !== undefined).length);
await listener.close();
