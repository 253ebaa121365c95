/** What the application's settings give its scripts to read: `app.config` and `app.env`, frozen all the way down. */
import { freeze } from "./builtins.js";
import { freezeDeep } from "./members.js";

/** Any JSON. */
export let config = freeze({});
/** Values of the server's variables by name; nothing but scripts is to show them. */
export let env = freeze({});

/** Sets both, parsed, where there are any. Called once, before any script is loaded. */
export function setReadable(givenConfig, givenEnv) {
  if (givenConfig !== undefined) config = freezeDeep(givenConfig);
  if (givenEnv !== undefined) env = freezeDeep(givenEnv);
}
