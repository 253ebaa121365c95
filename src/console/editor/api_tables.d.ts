import type { ApiTables } from "./api_table.ts";

/** What the bundler puts in the place of `/page/api_table.json`: the script API, made of its declarations. */
declare const tables: ApiTables;
export default tables;
