import { hotroom } from "./dialects.ts";
import { clientFrame } from "./frames.ts";
import type { Member } from "./member.ts";

/**
 * Makes rooms by joining and leaving them as one user, before anybody else is there: each new room is announced to all
 * users of its application, which is not what is to be measured.
 */
export async function makeRooms(port: number, names: readonly string[], application = "talk"): Promise<void> {
  const keeper = await hotroom.login(port, "keeper", application);
  for (const name of names) {
    await hotroom.join(keeper, name);
    keeper.send(clientFrame(JSON.stringify({ event: "leave", room: name })));
  }
  await settled(keeper);
  keeper.end();
}

/** Resolves once everything that the member has sent so far is answered. */
export async function settled(member: Member): Promise<void> {
  member.send(clientFrame(JSON.stringify({ event: "ping", id: "settled" })));
  while (!(await member.next()).includes('"settled"'));
}

/** Runs `task` for 0 … count − 1, `width` at a time; results in order. */
export async function inParallel<T>(
  count: number,
  width: number,
  task: (i: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = new Array(count);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const i = next++;
      results[i] = await task(i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return results;
}
