/**
 * A room whose messages can be checked one by one: each is numbered in the room's state, and names what the state was
 * before it, so that a state that was lost, replayed wrongly or rolled back shows in the very next message.
 */
import { defineRoom } from "hotroom";

/** The bench writes another number here at each edit. */
const EDITION = 0;

export default defineRoom({
  state: () => ({ count: 0, luck: 0, sum: 0, last: {} }),
  messages: {
    say(room, user, { seq }) {
      const { state } = room;
      const before = state.luck;
      state.count++;
      state.luck = Math.random();
      state.sum = (state.sum * 31 + seq) % 1_000_003;
      state.last[user.name] = seq;
      const { count, luck, sum } = state;
      room.broadcast("said", { from: user.name, seq, count, before, luck, sum, edition: EDITION });
      return { seq };
    },
    state: (room) => ({ count: room.state.count, sum: room.state.sum, last: room.state.last }),
  },
});
