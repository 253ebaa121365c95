/** The application whose rooms post to one another: each room keeps what reached it, and tells it to all. */

/** How an edit breaks the handler of emits, in code that runs first in it. */
export const breakages = {
  "throws at once": `throw new Error("not in this version");`,
  "throws behind a change": `room.state.posts.push([from, -1]); throw new Error("not in this version");`,
  "throws behind a broadcast": `room.broadcast("posted", [from, -1]); throw new Error("not in this version");`,
  "never ends": "for (;;);",
} as const;

/** Source of one version; `first` runs first in the handler of emits, `onTick` at each tick. */
export function posts(version: number, first = "", onTick = ""): string {
  return `import { defineRoom } from "hotroom";

const version: number = ${version};

export default defineRoom({
  state: () => ({ posts: [] as [string, number][], notes: 0, ticks: 0 }),
  migrate: (state) => ({ ...state, version }),
  tickRate: 10,
  tick(room) {
    ${onTick}
    room.state.ticks += 1;
  },
  events: {
    join(room) { room.state.notes += 1; },
  },
  messages: {
    post(room, user, { to, n }) {
      room.application.room(to).emit("posted", [room.name, n]);
    },
    note: (room) => ++room.state.notes,
    book: (room) => ({ version, posts: room.state.posts }),
  },
  emits: {
    posted(room, [from, n]: [string, number]) {
      ${first}
      room.state.posts.push([from, n]);
      room.broadcast("posted", [from, n]);
    },
  },
});
`;
}
