import { printableJson, printableLines } from "../../core/printable.ts";
import { type AdminAddress, type AdminAnswer, reach } from "./admin_address.ts";
import { unreachable } from "./unreachable.ts";

/** What is said to who has shown no token, or a wrong one. */
const WHERE_TOKENS_ARE =
  "That of a command is HOTROOM_ADMIN_TOKEN, --admin-token, or adminToken of the settings.";

/** Asks a running server; resolves with its answer. Rejects with an Error that says what it refused, or that it can't be reached. */
export async function ask<T>(address: AdminAddress, method: string, path: string, body?: object): Promise<T> {
  const { url, token } = address;
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  let answered: AdminAnswer;
  try {
    answered = await reach(address, {
      method,
      path: `/api/applications${path}`,
      headers,
      body: body && JSON.stringify(body),
    });
  } catch (error) {
    throw unreachable(url, error);
  }
  const { status, text } = answered;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`${url} is not a hotroom server: it answered ${status} with something else.`);
  }
  if (status >= 200 && status < 300) return answer as T;
  const why = (answer as { error?: { message?: string } }).error?.message ?? `The server answered ${status}.`;
  throw new Error(status === 401 ? `${why} ${WHERE_TOKENS_ARE}` : why);
}

/** Asks a running server how it is; resolves with whether it is ready. Rejects with an Error where it can't be reached. */
export async function health(address: AdminAddress): Promise<boolean> {
  const asked = { method: "GET", path: "/healthz", headers: {} };
  const { status, text } = await reach(address, asked).catch((error: unknown) => {
    throw unreachable(address.url, error);
  });
  print(text);
  return status === 200;
}

/** Returns the path of something of an application: `/chat/rooms/a%20room`. */
export function pathOf(application: string, ...names: string[]): string {
  return [application, ...names].map((name) => `/${encodeURIComponent(name)}`).join("");
}

/** Returns a time, ms since the epoch, as it is printed. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** Prints what a server answered: reasons and names in it are those of scripts. */
export function print(text: string): void {
  console.log(printableLines(text));
}

/** Prints a value that a server answered as JSON. */
export function printJson(value: unknown): void {
  console.log(printableJson(JSON.stringify(value, undefined, 2)));
}
