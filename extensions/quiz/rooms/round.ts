/**
 * A quiz: its host asks, all have some seconds to answer, and who was right gets points. The room is durable: a question that is
 * open when the server is killed closes on time after the next start, with the answers that were given.
 */
import { defineRoom, type Room, refuse, type User } from "hotroom";
import * as v from "valibot";
import questions from "../questions.json" with { type: "json" };

/** Points for the first right answer, and for each other one. */
// Edit this line and watch: with [30, 10] the next answer counts ten times as much, and nobody loses a point.
const [FIRST, OTHERS] = [3, 1];

interface Round {
  /** Which question is open; null while none is. Questions are asked in turn. */
  open: number | null;
  asked: number;
  /** What was answered, in order; names, since points are kept by them. */
  answers: { name: string; choice: number }[];
}

/** A question as those see it who are to answer it. */
const shown = (number: number) => ({ text: questions[number].text, choices: questions[number].choices });

/** Shows what is open to who comes late, or comes back, maybe with a page that knows nothing yet. */
function catchUp(room: Room<Round>, user: User) {
  if (room.state.open !== null) room.send(user, "question", shown(room.state.open));
}

export default defineRoom({
  durable: true,
  maxUsers: 50,
  state: (): Round => ({ open: null, asked: 0, answers: [] }),

  events: {
    join: catchUp,
    reconnect: catchUp,
  },

  messages: {
    ask: {
      schema: v.optional(v.object({ time: v.pipe(v.number(), v.minValue(100), v.maxValue(60_000)) }), {
        time: 10_000,
      }),
      handle(room, user, { time }) {
        // The host is whoever has been here longest.
        if (room.users[0].id !== user.id) refuse("Only the host asks.");
        if (room.state.open !== null) refuse("A question is open.");
        const open = room.state.asked++ % questions.length;
        Object.assign(room.state, { open, answers: [] });
        room.broadcast("question", { ...shown(open), by: user.name, time });
        room.schedule("closing", time);
      },
    },

    answer: {
      schema: v.object({ choice: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
      handle(room, user, { choice }) {
        const { open, answers } = room.state;
        if (open === null) refuse("No question is open.");
        if (answers.some(({ name }) => name === user.name)) refuse("You have answered.");
        if (choice >= questions[open].choices.length) refuse("There is no such choice.");
        answers.push({ name: user.name, choice });
      },
    },
  },

  timers: {
    closing(room) {
      const { open, answers } = room.state;
      if (open === null) return;
      const { right, choices } = questions[open];
      const winners = answers.filter(({ choice }) => choice === right);
      const gained = winners.map(({ name }, i) => ({ name, points: i === 0 ? FIRST : OTHERS }));
      room.state.open = null;
      room.broadcast("answer", { right: choices[right], gained });
      room.application.emit("scored", gained);
    },
  },
});
