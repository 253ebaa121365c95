/** A whiteboard: what somebody draws all see, and who comes later, too, and where the others point. It outlives the server. Its page is in whiteboard.public/. */
import { defineRoom, relay } from "hotroom";
import * as v from "valibot";

/** Strokes that a board keeps, the newest: state is bounded, so what strangers can make longer needs an end. */
const STROKES = 500;

const coordinate = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4096));
const stroke = v.object({
  colour: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/)),
  points: v.pipe(v.array(v.tuple([coordinate, coordinate])), v.minLength(1), v.maxLength(100)),
});

/** An empty board waits for a day. */
export const settings = { emptyGrace: 86_400_000 };

export default defineRoom({
  durable: true,
  state: () => ({ strokes: [] as v.InferOutput<typeof stroke>[] }),
  sends: { board: v.array(stroke), drawn: stroke, cleared: v.undefined() },
  events: { join: (room, user) => room.send(user, "board", room.state.strokes) },
  messages: {
    // Where somebody points is gone the next moment: the server passes it on, and the script has no part in it.
    cursor: relay<[x: number, y: number]>({ volatile: true, maxBytes: 32 }),
    draw: {
      schema: stroke,
      handle(room, user, drawn) {
        room.state.strokes = [...room.state.strokes, drawn].slice(-STROKES);
        // Edit this line and watch: with { ...drawn, colour: "#ff0000" } the others see the next strokes in red.
        room.broadcast("drawn", drawn, { except: user });
      },
    },
    clear(room) {
      room.state.strokes = [];
      room.broadcast("cleared");
    },
  },
});
