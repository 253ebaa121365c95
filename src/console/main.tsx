/** The console in the browser: `bun run build:console` makes one module of it. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { followEdits } from "./server/feed.ts";
import { followOverview } from "./server/overview.ts";
import { askRights } from "./server/scopes.ts";
import { App } from "./shell/app.tsx";
import { listenToKeys } from "./shell/keys.ts";
import { title } from "./shell/title.ts";

const root = document.getElementById("console");
if (root) render(<App />, root);
listenToKeys();
effect(() => {
  document.title = title.value;
});
followOverview();
followEdits();
askRights();
