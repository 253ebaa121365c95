/** Asking other servers, whatever they and their names are: on both runtimes, since each has sockets of its own. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

setDefaultTimeout(60_000);

const program = join(import.meta.dir, "fixtures/asked.ts");
const commands = {
  bun: [process.execPath, "run", program],
  deno: ["deno", "run", "-A", "--config", join(import.meta.dir, "../../deno.json"), program],
};

const expectedOf = {
  "what is asked is what the script says, and what is told is what came": {
    plain: [200, "hi", { "content-length": "2", "set-cookie": "a, b", "x-a": "1" }],
    sent: expect.arrayContaining(["GET /a%20b?c=d HTTP/1.1", "x-key: k", "via: 1.1 hotroom"]),
    posted: expect.arrayContaining(["POST / HTTP/1.1", "content-type: text/plain;charset=UTF-8", "hällo"]),
    latin: [200, "hä", expect.anything()],
    ipv6: [200, "six"],
    deflated: [200, "small"],
    whole: [200, 1024 * 1024],
  },
  "a name is looked up once, and nothing but what was looked at is connected to": {
    pinned: [200, "pinned"],
    pinnedHost: true,
    rebound: ["not_allowed", false],
    lookups: ["api.test", "api.test"],
    slowName: "timeout",
    unknown: ["unreachable", false, "api.test is not known."],
    closed: ["unreachable", true],
  },
  "a name that leads to an address that is not public is not allowed": {
    private: Array(6).fill("not_allowed"),
    oneOfThem: "not_allowed",
    localhost: "not_allowed",
  },
  "the certificate must be of the name that was asked for": {
    tls: [200, "safe"],
    servername: "api.test",
    otherName: ["unreachable"],
    unknownIssuer: ["unreachable"],
  },
  "redirects are followed as browsers do, to what is listed, five of them": {
    redirects: [
      "GET /end  true false",
      "GET /end  true false",
      "GET /end  true false",
      "POST /end b true true",
      "POST /end b true true",
    ],
    secretLeft: "false",
    redirectedAway: "not_allowed",
    redirectedUp: "not_allowed",
    redirectToName: "not_allowed",
    loop: ["unreachable", true, "There are more than 5 redirects."],
  },
  "a server that answers without end, or with what grows, is left": Object.fromEntries(
    ["headers", "line", "body", "announced", "gzip", "brotli", "pieces", "interim", "keys"].map((name) => [
      `hostile ${name}`,
      ["too_large", true],
    ]),
  ),
  "an answer that is none is unreachable": Object.fromEntries(
    ["extensions", "unread", "broken", "cut", "nonsense", "upgrade"].map((name) => [
      `hostile ${name}`,
      ["unreachable", true],
    ]),
  ),
  "one that takes too long is timed out, and one that nobody waits for is ended; no connection is left": {
    dripping: ["timeout", true],
    silent: ["timeout", true, "There is no answer after 40 ms."],
    aborted: "unreachable",
    open: 0,
  },
};

describe.each(Object.entries(commands))("fetching on %s", (runtime, [command = "", ...args]) => {
  if (!Bun.which(command)) return test.skip(`skipped, there is no ${runtime} on the PATH`, () => {});
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 50_000 });
  test.each(Object.entries(expectedOf))("%s", (_, expected) => {
    expect(stderr).toBe("");
    const results = JSON.parse(stdout);
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, results[key]]))).toEqual(expected);
  });
});
