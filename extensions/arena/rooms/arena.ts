/**
 * A world that moves by itself: clients send which way they want to go, the tick moves everybody twenty times
 * a second and tells all where they are now. The server's word counts; a client only wishes.
 */
import { defineRoom } from "hotroom";
import * as v from "valibot";

const WIDTH = 800;
const HEIGHT = 600;
/** Pixels a second. */
const SPEED = 240;

interface Player {
  name: string;
  colour: string;
  x: number;
  y: number;
  /** Direction, each from −1 to 1. */
  dx: number;
  dy: number;
}

interface Arena {
  /** By user id. */
  players: Record<string, Player>;
}

const axis = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));
const within = (value: number, most: number) => Math.min(most, Math.max(0, value));

export default defineRoom({
  maxUsers: 16,
  tickRate: 20,
  state: (): Arena => ({ players: {} }),

  events: {
    join(room, user) {
      const { colour } = user.data as { colour: string };
      // Math.random is seeded by the server, so that a room's events can be replayed to the same state.
      const x = Math.round(Math.random() * WIDTH);
      const y = Math.round(Math.random() * HEIGHT);
      room.state.players[user.id] = { name: user.name, colour, x, y, dx: 0, dy: 0 };
      room.send(user, "welcome", { you: user.id, width: WIDTH, height: HEIGHT, players: room.state.players });
      room.broadcast("entered", { id: user.id, name: user.name, colour, x, y }, { except: user });
    },

    // The connection is gone: whoever was running must not run on. It may come back; else leave() follows.
    disconnect(room, user) {
      const player = room.state.players[user.id];
      if (player) player.dx = player.dy = 0;
    },

    leave(room, user) {
      delete room.state.players[user.id];
      room.broadcast("left", { id: user.id });
    },
  },

  messages: {
    // No broadcast here: however many inputs arrive, others hear of them at the next tick, once.
    input: {
      schema: v.object({ dx: axis, dy: axis }),
      handle(room, user, { dx, dy }) {
        const player = room.state.players[user.id];
        if (player) Object.assign(player, { dx, dy });
      },
    },
  },

  // `elapsed` is the measured time since the last tick in ms: a late tick moves further, not slower.
  tick(room, elapsed) {
    const moved: [id: string, x: number, y: number][] = [];
    for (const [id, player] of Object.entries(room.state.players)) {
      if (player.dx === 0 && player.dy === 0) continue;
      player.x = within(player.x + (player.dx * SPEED * elapsed) / 1000, WIDTH);
      player.y = within(player.y + (player.dy * SPEED * elapsed) / 1000, HEIGHT);
      moved.push([id, Math.round(player.x), Math.round(player.y)]);
    }
    if (moved.length > 0) room.broadcast("positions", moved);
  },
});
