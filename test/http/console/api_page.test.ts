import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { apiRoutes } from "../../../src/http/api/api.ts";
import { createHttp } from "../../../src/http/app.ts";
import { createApiPage } from "../../../src/http/console/api_page.ts";
import { WrittenView } from "../view.ts";

test("the page at /api shows each route to whoever asks, and runs nothing", async () => {
  const view = new WrittenView();
  const http = createHttp(view, { consoleSecret: "secret", adminToken: "a-long-secret" });
  const response = await http.fetch(new Request("http://rooms.example/api"), { remote: "203.0.113.9" });
  const text = await response.text();
  expect(response.status).toBe(200);
  for (const { id } of apiRoutes({ view })) expect(text).toContain(`<details id="${id}">`);
  expect(text).not.toMatch(/<script|\son\w+=/i);
  const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(response.headers.get("content-security-policy")).toContain(
    `default-src 'none'; style-src 'sha256-${hash}';`,
  );
});

test("what stands in the document is text, whatever it is", async () => {
  const operation = {
    operationId: `"><script>`,
    summary: "<b>",
    description: "&",
    parameters: [{ name: "<i>", in: "query", required: false, description: "<u>" }],
    responses: { 200: { description: "<s>", content: { "<a>": { schema: { type: "<p>" } } } } },
  };
  const page = createApiPage(() => ({ info: { version: "<v>" }, paths: { "/<path>": { get: operation } } }));
  const text = await (await page.request("/api")).text();
  for (const tag of ["<script>", "<u>", "<s>", "<a>", "<v>", "<path>"]) expect(text).not.toContain(tag);
  expect(text).toContain("&lt;path&gt;");
});

test("without a console there is none", async () => {
  const http = createHttp(new WrittenView(), { onlyByToken: true });
  expect((await http.fetch(new Request("http://127.0.0.1/api"), { remote: "127.0.0.1" })).status).toBe(401);
});
