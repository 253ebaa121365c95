import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Target } from "./attack.ts";

/** Between two saves, ms. */
const SAVE_EVERY_MS = 500;

const room = (more = "") =>
  `import { defineRoom } from "hotroom";\n${more}\nexport default defineRoom({ messages: { n: () => 1 } });\n`;

/** Saves a file again and again, each time with other content. */
function saves(path: string, source: () => string) {
  let edition = 0;
  return async ({ folder }: Target) => {
    const save = () => writeFileSync(join(folder, path), `${source()}\n// ${edition++}\n`);
    save();
    setInterval(save, SAVE_EVERY_MS);
  };
}

/** Attacks by what an author writes into files. */
export const byFiles: readonly Attack[] = [
  {
    name: "half a megabyte of comments that never end, in JavaScript",
    files: { "author.js": room() },
    begin: saves("author.js", () => "a/*".repeat(170_000)),
  },
  {
    name: "half a megabyte of brackets, in TypeScript",
    files: { "author.ts": room() },
    begin: saves("author.ts", () => "(".repeat(500_000)),
  },
  {
    name: "half a megabyte of one line that does not load",
    files: { "author.js": room() },
    begin: saves("author.js", () => `${room()} throw new Error("${"x".repeat(480_000)}");`),
  },
  {
    name: "limits of its own that are no limits",
    files: {
      "author/hotroom.json": '{ "rooms": "join", "limits": { "cpuHard": 1e9, "cpuPerEvent": 1e9 } }',
      "author/rooms/author.js": room(),
    },
    begin: async (target) => {
      const { AskingClient } = await import("../asking_client.ts");
      // Where the settings are refused there is no such application, and nobody hangs.
      await AskingClient.enter(target.port, "author", "r").catch(() => {});
    },
  },
];
