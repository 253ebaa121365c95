/**
 * A world that moves by itself: clients say which way they want to go, the tick moves everybody twenty times
 * a second and tells all where they are. The server's word counts; a client only wishes. Its page is in arena.public/.
 */
import { defineRoom } from "hotroom";
import * as v from "valibot";

type Pair = [x: number, y: number];
type Disc = { colour: string; at: Pair; speed: Pair; wish: Pair };

const SIZE: Pair = [800, 600];
const RADIUS = 16;
/** What a wish adds to the speed in a second, pixels a second; and the part of the speed that a second leaves. */
// Edit this line and watch: with 3000 in the place of 900 all that moves is faster at once.
const [PUSH, KEPT] = [900, 0.1];

// Math.random is seeded by the server, so that a room's events can be replayed to the same state.
const place = () => SIZE.map((size) => Math.round(size * (0.1 + 0.8 * Math.random()))) as Pair;
const disc = (colour: string): Disc => ({ colour, at: place(), speed: [0, 0], wish: [0, 0] });
const axis = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));

/** All that there is, for who has just come. */
const world = (discs: Record<string, Disc>) => ({ size: SIZE, radius: RADIUS, discs });

/** Discs are pushed, slow down, and bounce off walls and each other. Edit it, and the world has other laws. */
function step(discs: Disc[], seconds: number) {
  for (const [n, a] of discs.entries()) {
    for (const i of [0, 1]) {
      a.speed[i] = a.speed[i] * KEPT ** seconds + a.wish[i] * PUSH * seconds;
      const next = a.at[i] + a.speed[i] * seconds;
      a.at[i] = Math.min(SIZE[i] - RADIUS, Math.max(RADIUS, next));
      if (a.at[i] !== next) a.speed[i] *= -1;
    }
    for (const b of discs.slice(0, n)) {
      const [x, y] = [b.at[0] - a.at[0], b.at[1] - a.at[1]];
      const push = ((b.speed[0] - a.speed[0]) * x + (b.speed[1] - a.speed[1]) * y) / (x * x + y * y || 1);
      // They touch and come nearer: each gets what the other had of speed along the line between them.
      if (Math.hypot(x, y) > 2 * RADIUS || push >= 0) continue;
      a.speed = [a.speed[0] + push * x, a.speed[1] + push * y];
      b.speed = [b.speed[0] - push * x, b.speed[1] - push * y];
    }
  }
}

export const settings = { config: { bots: 3 } };

export default defineRoom({
  maxUsers: 16,
  tickRate: 20,
  /** By user id; bots have ids that no user has. */
  state: () => ({ discs: {} as Record<string, Disc> }),

  events: {
    init(room) {
      for (let n = 1; n <= room.application.config.bots; n++) room.state.discs[`bot ${n}`] = disc("#808080");
    },
    join: {
      schema: v.object({ colour: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i)) }),
      handle(room, user, { colour }) {
        room.state.discs[user.id] = disc(colour);
        room.broadcast("world", world(room.state.discs));
      },
    },
    // The connection is gone: whoever was running must not run on. It may come back; else leave() follows.
    disconnect(room, user) {
      room.state.discs[user.id].wish = [0, 0];
    },
    // A page that was loaded again knows nothing yet.
    reconnect: (room, user) => room.send(user, "world", world(room.state.discs)),
    leave(room, user) {
      delete room.state.discs[user.id];
    },
  },

  messages: {
    // No broadcast here: however many inputs arrive, others hear of them at the next tick, once.
    input: {
      schema: v.tuple([axis, axis]),
      handle(room, user, wish) {
        room.state.discs[user.id].wish = wish;
      },
    },
  },

  // `elapsed` is the measured time since the last tick in ms: a late tick moves further, not slower.
  tick(room, elapsed) {
    const all = Object.entries(room.state.discs);
    // Bots run after whoever came first.
    const hunted = room.state.discs[room.users[0]?.id];
    for (const [id, { at, wish }] of all)
      if (hunted && id.startsWith("bot"))
        for (const i of [0, 1]) wish[i] = Math.sign(hunted.at[i] - at[i]) / 2;
    step(Object.values(room.state.discs), Math.min(elapsed, 200) / 1000);
    room.broadcast("positions", Object.fromEntries(all.map(([id, { at }]) => [id, at.map(Math.round)])));
  },
});
