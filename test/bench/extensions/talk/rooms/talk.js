/** The work that every server of the bench does: what one member says goes to all. */
import { defineRoom } from "hotroom";

export default defineRoom({
  messages: {
    say(room, _user, data) {
      room.broadcast("said", data);
    },
  },
});
