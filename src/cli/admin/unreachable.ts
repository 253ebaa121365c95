import { messageOf } from "../../core/errors.ts";

/** What a runtime says where a server can't be reached, what that means, and which flags may help. */
const meanings: readonly (readonly [said: RegExp, means: string, help?: string])[] = [
  [
    /ECONNREFUSED|connection refused/i,
    "nothing listens there",
    "--port, --unix or --url say where the server is, --config where its settings are",
  ],
  [
    /ENOENT/,
    "there is no such socket",
    "--unix says where it is, --port or --url where a server without one is, --config where its settings are",
  ],
  [/EACCES|EPERM/, "only the server's user and group may connect to its socket"],
  [
    /certificate|SELF_SIGNED|UNABLE_TO_/i,
    "it shows a certificate that is not trusted here",
    "--tls-cert names the file of that one, or of its authority",
  ],
  [
    /ECONNRESET|EPIPE|closed (unexpectedly|before)|socket hang up/i,
    "it ends the connection without an answer",
    "where it speaks TLS, --tls-cert names the file of its certificate, or --url is https://…",
  ],
  [/ENOTFOUND|EAI_AGAIN|dns error/i, "nobody knows the name"],
];

/** Returns the error of a server that can't be reached, with what may help: runtimes say too little, and each of them something else. */
export function unreachable(url: string, error: unknown): Error {
  const told = wholeOf(error);
  const [, means, help] = meanings.find(([said]) => said.test(told)) ?? [
    undefined,
    messageOf(error),
    undefined,
  ];
  return new Error(`Cannot reach the server at ${url}: ${means}${help === undefined ? "" : ` (${help})`}.`);
}

/** Returns all that an error says: Deno tells in its cause what has happened. */
function wholeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return `${code ?? ""} ${messageOf(error)} ${cause === undefined ? "" : messageOf(cause)}`;
}
