/**
 * One arena that is always there, and a door: who comes in needs a name that is free and a colour.
 */
import { defineApplication, refuse } from "hotroom";
import * as v from "valibot";

const loginSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{1,15}$/i)),
  colour: v.optional(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i)), "#808080"),
});

export default defineApplication({
  events: {
    // Runs once, when the application has been set up. `keep` holds the room open while nobody is in it.
    init(app) {
      app.createRoom("arena", { type: "arena", keep: true });
    },

    // `login.data` is whatever the client sent: trust nothing in it.
    login(app, login) {
      const sent = v.safeParse(loginSchema, login.data);
      if (!sent.success)
        refuse("Log in with a name of 2 to 16 letters and digits, and a colour like #3fa9c1.");
      const { name, colour } = sent.output;
      if (app.users.some((user) => user.name === name)) refuse(`The name "${name}" is taken.`);
      // `data` stays with the user: rooms read it as user.data.
      return { name, data: { colour } };
    },
  },
});
