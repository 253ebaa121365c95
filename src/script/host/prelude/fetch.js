/** What scripts ask of other servers: `room.fetch`, checked and written as an effect; and the answer as they are given it. */
import { checkMessage, effect } from "./answer.js";
import { dataText, nameText, show } from "./arguments.js";
import {
  defineProperty,
  exec,
  isArray,
  keys,
  parse,
  SyntaxMistake,
  stringify,
  toLowerCase,
  toUpperCase,
  TypeMistake,
} from "./builtins.js";
import { own } from "./effects.js";
import {
  bodilessPattern,
  DEFAULT_FETCH_MS,
  EFFECT_FETCH,
  headerNamePattern,
  headerValuePattern,
  MAX_FETCH_MS,
  MAX_HEADER_UNITS,
  MAX_HEADERS,
  MAX_URL_UNITS,
  methodPattern,
  ownHeaderPattern,
} from "./wire.js";

const FETCH = EFFECT_FETCH + ",";
const optionNames = { __proto__: null, method: true, headers: true, body: true, timeout: true };
/** Types of what is JSON. */
const jsonType = /^\s*(?:application|text)\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** JSON up to so many UTF-16 units is parsed at once, longer one when a script looks at it. */
const SHORT_UNITS = 16 * 1024;

/** Asks another server; what comes of it is heard by a handler in `fetches`. */
export function fetch(script, what, name, url, options, data) {
  own(script, what);
  const called = nameText(what, "name", name);
  if (typeof url !== "string" || url.length > MAX_URL_UNITS)
    throw new TypeMistake(
      what + ": the URL must be a text of at most " + MAX_URL_UNITS + " characters, not " + show(url),
    );
  const { method, headers, body, timeout } = checked(what, options);
  const head = FETCH + called + "," + stringify(url) + "," + stringify(method) + "," + headers + ",";
  if (body !== undefined) checkMessage(what, body);
  const parts = head + (body === undefined ? "0" : stringify(body)) + "," + timeout + ",";
  effect(what, parts, dataText(what, data), parts.length);
}

/** Returns the options of a request with the defaults filled in, the headers as text. Throws TypeError. */
function checked(what, options) {
  const given = options ?? {};
  if (typeof given !== "object" || isArray(given))
    throw new TypeMistake(what + ": the options must be an object, not " + show(options));
  const own = keys(given);
  for (let i = 0; i < own.length; i++) {
    if (optionNames[own[i]] === undefined)
      throw new TypeMistake(
        what + ": unknown option " + stringify(own[i]) + "; there is method, headers, body, timeout",
      );
  }
  const { method = "GET", body, timeout = DEFAULT_FETCH_MS } = given;
  const verb = typeof method === "string" ? toUpperCase(method) : "";
  if (exec(methodPattern, verb) === null)
    throw new TypeMistake(what + ": the method must be one of HTTP, as POST, not " + show(method));
  if (body !== undefined && typeof body !== "string")
    throw new TypeMistake(what + ": the body must be a text, as of JSON.stringify, not " + show(body));
  if (body !== undefined && exec(bodilessPattern, verb) !== null)
    throw new TypeMistake(what + ": a " + verb + " has no body");
  if (typeof timeout !== "number" || !(timeout >= 1 && timeout <= MAX_FETCH_MS))
    throw new TypeMistake(what + ": the timeout must be 1 to " + MAX_FETCH_MS + " ms, not " + show(timeout));
  return { __proto__: null, method: verb, body, timeout, headers: headersText(what, given.headers ?? {}) };
}

/** Returns headers as the text of a list of names and values. Throws TypeError at one that can't be sent. */
function headersText(what, headers) {
  if (typeof headers !== "object" || isArray(headers))
    throw new TypeMistake(what + ": the headers must be an object, not " + show(headers));
  const names = keys(headers);
  if (names.length > MAX_HEADERS)
    throw new TypeMistake(what + ": there are more than " + MAX_HEADERS + " headers");
  let text = "[";
  let units = 0;
  for (let i = 0; i < names.length; i++) {
    const name = toLowerCase(names[i]);
    const value = headers[names[i]];
    if (exec(headerNamePattern, name) === null)
      throw new TypeMistake(what + ": " + show(names[i]) + " is no name of a header");
    if (exec(ownHeaderPattern, name) !== null)
      throw new TypeMistake(what + ": the header " + name + " is the server's own");
    // Its value may be a secret: it is not shown.
    if (typeof value !== "string" || exec(headerValuePattern, value) === null)
      throw new TypeMistake(what + ": the header " + name + " must be a text of Latin letters, on one line");
    units += name.length + value.length;
    text += (i > 0 ? "," : "") + stringify(name) + "," + stringify(value);
  }
  if (units > MAX_HEADER_UNITS)
    throw new TypeMistake(what + ": the headers have more than " + MAX_HEADER_UNITS + " characters");
  return text + "]";
}

/** Returns what came of a fetch as a handler is given it: a response with its body, and with `json` where its type says that it is that. */
export function responseOf(given, body) {
  const { status, headers } = given;
  if (status === undefined) return given;
  const response = { status, headers, body };
  if (exec(jsonType, headers["content-type"] ?? "") === null) return response;
  if (body.length <= SHORT_UNITS) return give(response, parsed(body));
  defineProperty(response, "json", {
    __proto__: null,
    get: () => give(response, parsed(body)).json,
    enumerable: true,
    configurable: true,
  });
  return response;
}

/** Gives a response its `json`; none where that is undefined. */
function give(response, value) {
  if (value === undefined) delete response.json;
  else
    defineProperty(response, "json", {
      __proto__: null,
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return response;
}

/** Returns what a text of JSON says; undefined where it is none. */
function parsed(text) {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SyntaxMistake) return undefined;
    throw error;
  }
}
