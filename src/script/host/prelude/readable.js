/** What the application's settings give its scripts to read: `app.config` and `app.env`, frozen all the way down. */
import { freeze, indexOf, keys, list, slice } from "./builtins.js";
import { freezeDeep } from "./members.js";

/** Any JSON. */
export let config = freeze({});
/** Values of the server's variables by name; nothing but scripts is to show them. */
export let env = freeze({});

/** A value with fewer UTF-16 units is no secret, and may stand anywhere. */
const LEAST_SECRET_UNITS = 8;
/** Names of the variables with longer values. */
const secrets = list();

/** Sets both, parsed, where there are any. Called once, before any script is loaded. */
export function setReadable(givenConfig, givenEnv) {
  if (givenConfig !== undefined) config = freezeDeep(givenConfig);
  if (givenEnv === undefined) return;
  env = freezeDeep(givenEnv);
  const names = keys(env);
  for (let i = 0; i < names.length; i++) {
    if (env[names[i]].length >= LEAST_SECRET_UNITS) secrets[secrets.length] = names[i];
  }
}

/** Returns a text for the log with the names of variables in the place of their values. */
export function masked(text) {
  let result = text;
  for (let i = 0; i < secrets.length; i++) {
    const value = env[secrets[i]];
    let at = indexOf(result, value);
    for (; at >= 0; at = indexOf(result, value, at + secrets[i].length + 2))
      result = slice(result, 0, at) + "[" + secrets[i] + "]" + slice(result, at + value.length);
  }
  return result;
}
