/** The console in the browser: `bun run build:console` makes one module of it. */
import { render } from "preact";
import { followEdits } from "./server/feed.ts";
import { followOverview } from "./server/overview.ts";
import { askRights } from "./server/scopes.ts";
import { App } from "./shell/app.tsx";
import { listenToKeys } from "./shell/keys.ts";

const root = document.getElementById("console");
if (root) render(<App />, root);
listenToKeys();
followOverview();
followEdits();
askRights();
