/**
 * What the server shows in a browser, as text inside the program: it works from a clone and from the compiled executable alike.
 * `client.generated.js` and its types are made from src/client by `bun run build:client`, the console from src/console by
 * `bun run build:console`.
 */
import { type Context, Hono } from "hono";
import { etag, RETAINED_304_HEADERS } from "hono/etag";
import client from "./client.generated.js" with { type: "text" };
// The type checker takes a declaration file for types; at run time the attribute makes it text.
// @ts-expect-error TS2846
import clientTypes from "./client_types.generated.d.ts" with { type: "text" };
import css from "./page/console.generated.css" with { type: "text" };
import main from "./page/console.generated.js" with { type: "text" };
import editor from "./page/editor.generated.js" with { type: "text" };

/** An answer without a body must not take back what the one with it allowed to other origins. */
const tag = etag({
  retainedHeaders: [
    ...RETAINED_304_HEADERS,
    "access-control-allow-origin",
    "cross-origin-resource-policy",
    "content-security-policy",
  ],
});

/** Pages of other origins may have it too. */
const elsewhere = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};

const javascript = "text/javascript; charset=utf-8";

/** The types of the SDK, as text. */
export const clientTypesText = clientTypes as unknown as string;

/**
 * What the page at `/` consists of, unless there is none, and the SDK at `/client.js` with its types at `/client.d.ts`, which pages
 * of other origins may import too.
 */
export function createAssets(hasPage: boolean): Hono {
  const assets = new Hono();
  const serve = (path: string, text: string, type: string, headers: Record<string, string> = {}) =>
    assets.get(path, tag, (c: Context) =>
      c.body(text, 200, { "content-type": type, "cache-control": "no-cache", ...headers }),
    );

  if (hasPage) {
    serve("/page/console.css", css, "text/css; charset=utf-8");
    serve("/page/main.js", main, javascript);
    serve("/page/editor.js", editor, javascript);
  }
  serve("/client.js", client, javascript, elsewhere);
  serve("/client.d.ts", clientTypesText, "text/plain; charset=utf-8", elsewhere);
  // Browsers ask for it by themselves, and would tell authors of pages without one that something is missing.
  assets.get("/favicon.ico", (c) => c.body(null, 204, { "cache-control": "max-age=86400" }));
  return assets;
}
