import type { Assistants } from "../app.ts";
import { createDocs, docsWith } from "./docs.ts";
import { createMcp } from "./mcp.ts";

/** Returns what gives assistants the docs, and the API by the Model Context Protocol. `types` is the script API as declarations. */
export function assistantsWith({ mayEdit, types }: { mayEdit: boolean; types: string }): Assistants {
  const docs = docsWith(types);
  return ({ app, guard, routes, version, bodies }) => {
    app.use("/mcp", guard);
    app.route("/mcp", createMcp({ routes, version, mayEdit, docs, bodies }));
    app.route("/", createDocs(docs));
  };
}
