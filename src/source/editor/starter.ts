import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeNew, writeTypes } from "./editor_types.ts";

const example = `// A whole application in one file: clients connect to /ws/chat, log in, and join any room they like.
// Save this file while the server runs: the rooms go on with the new code, and keep their users and their state.
import { defineRoom, refuse } from "hotroom";
import * as v from "valibot";

export default defineRoom({
  maxUsers: 100,

  // The room's own data. It is JSON, and it is what survives when you edit this file; variables are not.
  state: () => ({ lines: [] as { from: string; text: string }[] }),

  events: {
    join(room, user) {
      if (user.name.toLowerCase() === "admin") refuse("That name is taken.");
      room.send(user, "history", room.state.lines);
      room.broadcast("joined", { name: user.name }, { except: user });
    },
    leave(room, user) {
      room.broadcast("left", { name: user.name });
    },
  },

  messages: {
    // The schema checks what the client sent before \`handle\` sees it.
    say: {
      schema: v.object({ text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(500)) }),
      handle(room, user, { text }) {
        const line = { from: user.name, text };
        room.state.lines.push(line);
        if (room.state.lines.length > 50) room.state.lines.shift();
        room.broadcast("said", line);
        return { lines: room.state.lines.length }; // the reply, where the client asked for one
      },
    },
  },
});
`;

/**
 * Makes a folder that the server can serve and editors understand: the folder itself, the types, and a commented example
 * `chat.ts` where there is no application yet. What exists is left alone, but for the types. Resolves with the names of
 * the files that a newcomer should know of, relative to the folder. `client` are the types of the SDK, for pages.
 */
export async function writeStarter(folder: string, client?: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { withFileTypes: true });
  const used = entries.some(
    (entry) =>
      !entry.name.startsWith(".") &&
      (entry.isDirectory() || (/\.[jt]s$/.test(entry.name) && !entry.name.endsWith(".d.ts"))),
  );
  const made: string[] = [];
  if (!entries.some((entry) => entry.name === "tsconfig.json")) made.push("tsconfig.json");
  await writeTypes(folder, client);
  if (!used && (await writeNew(join(folder, "chat.ts"), example))) made.push("chat.ts");
  return made;
}
