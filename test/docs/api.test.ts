/** What docs/API.md shows takes place on a server. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { startServer, stopAll } from "../e2e/harness.ts";
import { ApiTokens } from "../../src/http/access/api_tokens.ts";
import { exchangesOf, extensionsOf, snippetsOf } from "./snippets.ts";

setDefaultTimeout(60_000);
afterAll(stopAll);

const snippets = snippetsOf("docs/API.md");

test("what docs/API.md shows of HTTP takes place, in its order", async () => {
  const server = await startServer({ runtime: "bun", files: extensionsOf(snippets) });
  const exchanges = snippets.filter(({ language }) => language === "http").flatMap(exchangesOf);
  expect(exchanges.length).toBeGreaterThan(3);
  for (const { method, path, body, status, answer } of exchanges) {
    const response = await fetch(server.url + path, {
      method,
      ...(body && { body, headers: { "content-type": "application/json" } }),
    });
    expect([response.status, await response.json()]).toMatchObject([status, JSON.parse(answer)]);
  }
  const curl = snippets.find(({ language }) => language === "sh")?.text ?? "";
  const own = curl
    .replace("http://127.0.0.1:8080", server.url)
    .replace("chat/rooms/lobby", "counter/rooms/main");
  const { stdout } = spawnSync("sh", ["-c", own], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toMatchObject({ queued: true });
});

test("the file of tokens that it shows is one", () => {
  const shown = snippets.find(({ name }) => name === "tokens.json")?.text ?? "";
  expect(ApiTokens.parse(shown).size).toBe(3);
});
