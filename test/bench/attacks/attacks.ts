import type { Attack } from "./attack.ts";
import { byClients } from "./by_clients.ts";
import { byFiles } from "./by_files.ts";
import { byScripts } from "./by_scripts.ts";
import { bySessions } from "./by_sessions.ts";

/** All attacks, in the order in which they are run. */
export const attacks: readonly Attack[] = [...byFiles, ...byScripts, ...byClients, ...bySessions];
