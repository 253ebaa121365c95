/** What HTTP asks of an application's script, and what the script answers. */
import { checkMessage } from "./answer.js";
import { dataText, show } from "./arguments.js";
import {
  charCodeAt,
  exec,
  freeze,
  hasOwn,
  isArray,
  isInteger,
  keys,
  NativeUint8Array,
  parse,
  stringify,
  TypeMistake,
} from "./builtins.js";
import { isBytes } from "./bytes.js";
import { handlerPlace } from "./handler_place.js";
import { freezeDeep } from "./members.js";
import { lengthOfView, setBytes } from "./views.js";
import {
  headerNamePattern,
  headerValuePattern,
  MAX_ANSWER_HEADER_UNITS,
  MAX_ANSWER_HEADERS,
  ownAnswerHeaderPattern,
} from "./wire.js";

const WHAT = 'The answer to "request"';

/** Returns the request that a handler is given, with its body where it has one: a text, or bytes, which are the handler's own. */
export function readRequest(head, body) {
  const request = parse(head);
  if (body !== undefined) request.body = body;
  const own = keys(request);
  for (let i = 0; i < own.length; i++) if (own[i] !== "body") freezeDeep(request[own[i]]);
  return freeze(request);
}

/**
 * Returns what a handler's result is as an answer: text as `web_answer.ts` lays it out, undefined for undefined. Throws TypeError
 * where it can't be one, and LimitError where it is larger than a message may be.
 */
export function answerOf(value) {
  if (value === undefined) return undefined;
  if (!isAnswer(value)) return written(200, "", value);
  const own = keys(value);
  for (let i = 0; i < own.length; i++) {
    if (own[i] === "status" || own[i] === "headers" || own[i] === "body") continue;
    fail("it has " + show(own[i]) + " beside status, headers or body: JSON with such keys goes into body");
  }
  const { status = 200, headers, body } = value;
  if (!isInteger(status) || status < 200 || status > 599) {
    fail(
      "the status must be a whole number from 200 to 599, not " +
        show(status) +
        ": JSON with such a key goes into body",
    );
  }
  if (body !== undefined && (status === 204 || status === 205 || status === 304))
    fail("one of status " + status + " has no body");
  return written(status, headersText(headers), body);
}

/** Returns true for a result that says how to answer; any other one is the body. */
function isAnswer(value) {
  if (typeof value !== "object" || value === null || isArray(value)) return false;
  return hasOwn(value, "status") || hasOwn(value, "headers") || hasOwn(value, "body");
}

/** Returns an answer as text. */
function written(status, headers, body) {
  if (isBytes(body))
    return withBytes('{"status":' + status + ',"type":"bytes","headers":[' + headers + "]}", body);
  const isText = typeof body === "string";
  const raw = isText ? stringify(body) : dataText(WHAT, body);
  const type = isText ? ',"type":"text"' : raw === undefined ? "" : ',"type":"json"';
  const head = '{"status":' + status + type + ',"headers":[' + headers + "]}";
  const text = "[" + head.length + "," + head + (raw === undefined ? "]" : "," + raw + "]");
  checkMessage(WHAT, text);
  return text;
}

/** Returns an answer as bytes: the head, of which each character is one, a zero, the body. */
function withBytes(head, body) {
  const all = new NativeUint8Array(head.length + 1 + lengthOfView(body));
  for (let i = 0; i < head.length; i++) all[i] = charCodeAt(head, i);
  setBytes(all, body, head.length + 1);
  return all;
}

/** Returns the headers of an answer, `["name","value"]` each. */
function headersText(headers) {
  if (headers === undefined) return "";
  if (typeof headers !== "object" || headers === null || isArray(headers))
    fail("headers must be an object of texts, not " + show(headers));
  const found = { __proto__: null, text: "", count: 0 };
  const names = keys(headers);
  for (let i = 0; i < names.length; i++) {
    const value = headers[names[i]];
    if (value === undefined) continue;
    checkName(names[i]);
    if (!isArray(value)) add(found, names[i], value);
    else for (let k = 0; k < value.length; k++) add(found, names[i], value[k]);
  }
  return found.text;
}

function checkName(name) {
  if (exec(headerNamePattern, name) === null) fail(show(name) + " can't be the name of a header");
  if (exec(ownAnswerHeaderPattern, name) !== null) fail("the header " + show(name) + " is the server's own");
}

function add(found, name, given) {
  const value = typeof given === "number" ? "" + given : given;
  if (typeof value !== "string") fail("the header " + show(name) + " must be a text, not " + show(given));
  if (exec(headerValuePattern, value) === null)
    fail("the header " + show(name) + " has a character that no header can have");
  found.text += (found.count > 0 ? "," : "") + "[" + stringify(name) + "," + stringify(value) + "]";
  if (++found.count > MAX_ANSWER_HEADERS || found.text.length > MAX_ANSWER_HEADER_UNITS)
    fail("there are more headers than " + MAX_ANSWER_HEADERS + ", or they are too long");
}

function fail(why) {
  const place = handlerPlace();
  throw new TypeMistake(
    WHAT + " can't be sent: " + why + "." + (place === undefined ? "" : " (" + place + ")"),
  );
}
