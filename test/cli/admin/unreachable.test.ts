/** What is said where a server can't be reached: the same on each runtime, and which flag may help. */
import { expect, test } from "bun:test";
import { unreachable } from "../../../src/cli/admin/unreachable.ts";

/** An error as Bun, or Node's modules on either, make it. */
const coded = (code: string, message = "") => Object.assign(new Error(message), { code });
/** One as Deno makes it. */
const caused = (cause: string) => new TypeError("fetch failed", { cause: new Error(cause) });

const cases: [string, Error, RegExp][] = [
  [
    "nobody",
    coded("ECONNREFUSED", "Unable to connect."),
    /: nothing listens there \(--port, --unix or --url/,
  ],
  ["nobody", caused("tcp connect error: Connection refused (os error 111)"), /: nothing listens there \(/],
  ["no socket", coded("ENOENT", "connect ENOENT a.sock"), /: there is no such socket \(--unix/],
  ["others' socket", coded("EACCES"), /: only the server's user and group may connect to its socket\.$/],
  [
    "TLS",
    coded("ECONNRESET", "The socket connection was closed unexpectedly."),
    /, --tls-cert names the file/,
  ],
  ["TLS", caused("(SendRequest): connection closed before message completed"), /, --tls-cert names the file/],
  [
    "own authority",
    coded("DEPTH_ZERO_SELF_SIGNED_CERT", "self signed"),
    /not trusted here \(--tls-cert names/,
  ],
  [
    "own authority",
    caused("(Connect): invalid peer certificate: UnknownIssuer"),
    /not trusted here \(--tls-cert/,
  ],
  ["no name", coded("ENOTFOUND", "getaddrinfo ENOTFOUND a.test"), /: nobody knows the name\.$/],
  ["something else", new Error("its answer is odd"), /: its answer is odd\.$/],
];

for (const [what, error, told] of cases)
  test(`${what}: ${error.message} ${(error.cause as Error | undefined)?.message ?? ""}`, () => {
    const { message } = unreachable("https://a.test", error);
    expect(message).toMatch(told);
    expect(message).toStartWith("Cannot reach the server at https://a.test: ");
  });
