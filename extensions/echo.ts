/**
 * The smallest application: one file. Its default export is a room, the file's name is the application's and
 * the room type's, and joining a room that does not exist makes it.
 *
 *   → {"event":"message","id":3,"room":"hall","type":"echo","data":"hello"}
 *   ← {"id":3,"ok":true,"data":"hello"}
 */
import { defineRoom } from "hotroom";

export default defineRoom({
  // The room's memory: plain JSON. It outlives an edit of this file; module-level variables do not.
  state: () => ({ echoed: 0 }),

  messages: {
    // What a handler returns is the reply to a message that was sent with an id.
    echo(room, user, data: unknown) {
      room.state.echoed += 1;
      room.broadcast("echoed", { by: user.name, data }, { except: user });
      return data;
    },

    // Change this line while a client is connected, save, and ask again: the count goes on.
    count: (room) => `${room.state.echoed} echoed so far`,
  },
});
