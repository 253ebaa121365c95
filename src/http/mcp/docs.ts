import { Hono } from "hono";
import api from "../../../docs/API.md" with { type: "text" };
import client from "../../../docs/CLIENT.md" with { type: "text" };
import extensions from "../../../docs/EXTENSIONS.md" with { type: "text" };
import operations from "../../../docs/OPERATIONS.md" with { type: "text" };
import protocol from "../../../docs/PROTOCOL.md" with { type: "text" };
import testing from "../../../docs/TESTING.md" with { type: "text" };

/** A text for assistants, and when to read it. */
interface Doc {
  readonly text: string;
  readonly about: string;
}

/** Texts that assistants may read, by name. */
export type Docs = Readonly<Record<string, Doc>>;

/** Returns the docs that are inside this program, and `types`, the script API as declarations. */
export function docsWith(types: string): Docs {
  return {
    "EXTENSIONS.md": {
      text: extensions,
      about: "how applications are written: rooms, events, messages, state, timers, pages, settings",
    },
    "hotroom.d.ts": { text: types, about: "the script API, as types" },
    "TESTING.md": { text: testing, about: "tests beside the scripts, run by `hotroom test`" },
    "CLIENT.md": { text: client, about: "the SDK that pages import from /client.js" },
    "PROTOCOL.md": { text: protocol, about: "the frames on the WebSocket" },
    "API.md": { text: api, about: "the HTTP API of a running server" },
    "OPERATIONS.md": { text: operations, about: "commands, settings, limits" },
  };
}

/** Makes `/llms.txt`, which tells assistants what this server is, and the docs at `/docs/`. */
export function createDocs(docs: Docs): Hono {
  const routes = new Hono();
  routes.get("/llms.txt", (c) => c.text(llmsText(docs)));
  routes.get("/docs/:name", (c, next) => {
    const name = c.req.param("name");
    return Object.hasOwn(docs, name) ? c.text((docs[name] as Doc).text) : next();
  });
  return routes;
}

/** Returns what https://llmstxt.org asks for. */
function llmsText(docs: Docs): string {
  const list = Object.entries(docs).map(([name, { about }]) => `- [${name}](/docs/${name}): ${about}`);
  return `# hotroom

> A WebSocket room server whose applications are edited while it runs: saving a file of an application moves its live rooms to the new code, with
> their users and their state. This is such a server, in development.

An application is a file \`<name>.ts\` or a folder \`<name>/\` with \`rooms/<type>.ts\`, maybe \`app.ts\`, \`lib/\`, \`public/\` (its pages, at \`/apps/<name>/\`) and
\`hotroom.json\`, in the extensions folder. Scripts run in a sandbox: they import \`hotroom\`, \`valibot\`, their own files, JSON and pure packages. State lives in \`room.state\`
and is JSON; variables of a module do not outlive an edit. A version that fails is taken back by itself.

The Model Context Protocol is at \`/mcp\` (Streamable HTTP): rooms, their state and timeline, versions, the feed of edits. Before an edit, rehearse it; after it, look at the feed.

## Docs

${list.join("\n")}
`;
}
