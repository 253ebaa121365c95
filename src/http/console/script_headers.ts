import { COOKIE } from "../access/console_sessions.ts";

/** Returns a request's headers as scripts hear them: the console's cookie is none of theirs. */
export function headersForScripts(headers: Headers): Headers {
  const cookies = headers.get("cookie");
  if (cookies === null || !cookies.includes(COOKIE)) return headers;
  const rest = cookies.split(";").filter((cookie) => !isConsole(cookie));
  const own = new Headers(headers);
  if (rest.length === 0) own.delete("cookie");
  else own.set("cookie", rest.join(";").trim());
  return own;
}

/** Returns true if a script may answer with a header: the console's cookie is not theirs to set. */
export function isScripts(name: string, value: string): boolean {
  return name.toLowerCase() !== "set-cookie" || !isConsole(value);
}

function isConsole(cookie: string): boolean {
  return cookie.trimStart().startsWith(COOKIE);
}
