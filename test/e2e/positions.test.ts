/** Errors are told at the line of the author's file, whichever runtime made what the engine runs. */
import { beforeAll, test } from "bun:test";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const source = (parameters: string) => `// A comment: é
import { defineRoom } from "hotroom";
export default defineRoom({
  messages: {
    attack(${parameters}) {
      const bonus = 1;
      let note = "";
      if (bonus > 1) {
        note = "critical";
      }
      const hit = data.weapon.damage * bonus;
      return hit + note;
    },
    loop() {
      let n = 0;
      while (n >= 0) {
        n++;
        if (n < 0) {
          console.log(n);
        }
      }
    },
  },
});
`;

onEachRuntime("positions", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      runtime,
      files: { "typed.ts": source("room, user, data: any"), "plain.js": source("room, user, data") },
    });
  });

  for (const [application, file] of Object.entries({ typed: "typed.ts", plain: "plain.js" })) {
    test(`what fails in ${file} is logged with its line`, async () => {
      const ann = await server.user(application, "ann", "x");
      await ann.fails({ event: "message", room: "x", type: "attack", data: {} });
      await server.logged(new RegExp(`\\(${file}:11:7\\): TypeError: cannot read property 'damage'`));
      await ann.fails({ event: "message", room: "x", type: "loop", data: {} });
      await server.logged(new RegExp(`\\(${file}:1[678]:\\d+\\): The handler took longer than its 20 ms`));
    });
  }
});
