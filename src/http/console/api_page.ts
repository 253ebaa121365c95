import { createHash } from "node:crypto";
import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { ApiEnv } from "../access/access.ts";
import css from "../page/api.css" with { type: "text" };

/** An OpenAPI document, as far as the page shows it. */
interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
  readonly "x-scope"?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

/**
 * Nothing of it runs: pages of applications have the same origin, so that what it was trusted with, a token, would be theirs.
 */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(css).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Makes the page at `/api` by which the API is browsed: its document, to be read. `describe` returns that. */
export function createApiPage(describe: () => object): Hono<ApiEnv> {
  const page = new Hono<ApiEnv>();
  let text: string | undefined;
  page.get("/api", async (c) => {
    text ??= String(await pageOf(describe() as Document));
    return c.body(text, 200, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": policy,
    });
  });
  return page;
}

function pageOf({ info, paths }: Document) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...operation,
    })),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of hotroom</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23c2410c'/%3E%3Ccircle cx='8' cy='8' r='3.5' fill='white'/%3E%3C/svg%3E">
<style>${raw(css)}</style>
</head>
<body>
<h1>The API of hotroom ${info.version}</h1>
<p>What can be seen and done over HTTP, as <a href="/api/openapi.json">its OpenAPI document</a> has it for tools, which takes a token in a browser.
A request shows a token: <code>Authorization: Bearer …</code>; without any token in the server it is asked from its own machine only.</p>
${operations.map(
  ({ path, method, ...operation }) => html`<details id="${operation.operationId}">
<summary><b class="${method}">${method}</b> <code>${path}</code> <span>${proseOf(operation.summary)}</span>
<i>${operation["x-scope"] ?? "any"}</i></summary>
${bodyOf(path, method, operation)}
</details>
`,
)}
</body>
</html>
`;
}

function bodyOf(
  path: string,
  method: string,
  { description, parameters, requestBody, responses }: Operation,
) {
  const [asked] = Object.values(requestBody?.content ?? {});
  return html`<p>${proseOf(description)}</p>
<pre tabindex="0">${curlOf(path, method, asked !== undefined)}</pre>
${
  parameters.length > 0
    ? html`<h2>Parameters</h2>
<ul>${parameters.map(
        (each) =>
          html`<li><code>${each.name}</code> in the ${each.in}${each.required ? "" : ", optional"}${each.description ? `: ${each.description}` : ""}</li>`,
      )}</ul>`
    : ""
}
${asked ? html`<h2>Body</h2><pre class="schema" tabindex="0">${JSON.stringify(asked.schema, undefined, 2)}</pre>` : ""}
<h2>Answers</h2>
${Object.entries(responses).map(([status, answer]) => answerOf(status, answer))}`;
}

function answerOf(status: string, { description, content }: Operation["responses"][string]) {
  const [[type, { schema }] = ["", { schema: {} }]] = Object.entries(content);
  const shown =
    "$ref" in schema
      ? ""
      : html`<pre class="schema" tabindex="0">${JSON.stringify(schema, undefined, 2)}</pre>`;
  return html`<p><b>${status}</b> ${proseOf(description)} <code>${type}</code></p>${shown}`;
}

function curlOf(path: string, method: string, hasBody: boolean): string {
  const body = hasBody ? " \\\n  -H 'content-type: application/json' -d '{ … }'" : "";
  return `curl -X ${method} http://127.0.0.1:8080${path.replace(/\{(\w+)\}/g, "<$1>")} \\\n  -H "authorization: Bearer $TOKEN"${body}`;
}

/** Returns text in which what stands in backticks is code. */
function proseOf(text: string) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}
