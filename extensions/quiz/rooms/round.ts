/**
 * A quiz: somebody asks for a question, all have some seconds to answer, and who was right gets points. The room is durable: a
 * question that is open when the server is killed closes on time after the next start, with the answers that were given.
 */
import { defineRoom, refuse } from "hotroom";
import * as v from "valibot";
import { QUESTIONS, type Question } from "../lib/questions.ts";

/** How long a question is open, ms, unless who asks for it says so. */
const TIME = 10_000;
/** Points for the first right answer, and for each other one. */
const FIRST = 3;
const OTHERS = 1;

interface Round {
  /** Which question is open; null while none is. */
  open: number | null;
  /** Questions so far; they are asked in turn. */
  asked: number;
  /** What was answered, in order; names, since points are kept by them. */
  answers: { name: string; choice: number }[];
}

export default defineRoom({
  durable: true,
  maxUsers: 50,
  state: (): Round => ({ open: null, asked: 0, answers: [] }),

  events: {
    // Who comes late, or comes back, sees what is open.
    join(room, user) {
      const { open } = room.state;
      if (open !== null) room.send(user, "question", shown(open));
    },
  },

  messages: {
    ask: {
      schema: v.optional(v.object({ time: v.pipe(v.number(), v.minValue(100), v.maxValue(60_000)) })),
      handle(room, user, data) {
        if (room.state.open !== null) refuse("A question is open.");
        const open = room.state.asked++ % QUESTIONS.length;
        room.state.open = open;
        room.state.answers = [];
        room.broadcast("question", { ...shown(open), by: user.name });
        room.schedule("closing", data?.time ?? TIME);
      },
    },

    answer: {
      schema: v.object({ choice: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
      handle(room, user, { choice }) {
        const { open, answers } = room.state;
        if (open === null) refuse("No question is open.");
        if (answers.some(({ name }) => name === user.name)) refuse("You have answered.");
        if (choice >= question(open).choices.length) refuse("There is no such choice.");
        answers.push({ name: user.name, choice });
      },
    },
  },

  timers: {
    closing(room) {
      const { open, answers } = room.state;
      if (open === null) return;
      const { right, choices } = question(open);
      const winners = answers.filter(({ choice }) => choice === right);
      const gained = winners.map(({ name }, i) => ({ name, points: i === 0 ? FIRST : OTHERS }));
      room.state.open = null;
      room.broadcast("answer", { right: choices[right], gained });
      room.application.emit("scored", gained);
    },
  },
});

function question(number: number): Question {
  return QUESTIONS[number] as Question;
}

/** A question as those see it who are to answer it. */
function shown(number: number) {
  const { text, choices } = question(number);
  return { text, choices };
}
