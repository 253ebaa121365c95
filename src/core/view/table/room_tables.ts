import type { Applications } from "../../application/applications.ts";
import type { Clock } from "../../ports/clock.ts";
import { RoomTable } from "./room_table.ts";
import type { TableQuery } from "./table_query.ts";

/** Opens tables of the rooms of live applications. */
export class RoomTables {
  constructor(
    private readonly applications: Pick<Applications, "find">,
    private readonly clock: Clock,
  ) {}

  /** Returns a table for one who looks at the rooms of an application. */
  open(application: string, query: TableQuery): RoomTable {
    return new RoomTable(() => this.applications.find(application), query, this.clock);
  }
}
