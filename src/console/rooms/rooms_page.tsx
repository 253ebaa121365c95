import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { RoomRow } from "../../core/view/table/room_row.ts";
import { hrefOf } from "../parts/address.ts";
import { Empty } from "../parts/problem.tsx";
import { VirtualList } from "../parts/virtual_list.tsx";
import { bytes, standings } from "../parts/words.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { type RoomFilter, RoomRows } from "./room_rows.ts";

/** Height of a row, px; the stylesheet has it too. */
const ROW_HEIGHT = 34;

/** The columns: by what they sort, their title, and what they show. */
const columns: readonly { sort: string; title: string; text: (row: RoomRow) => string; wide?: boolean }[] = [
  {
    sort: "users",
    title: "Users",
    text: ({ users, maxUsers }) => (maxUsers === null ? `${users}` : `${users} of ${maxUsers}`),
  },
  { sort: "load", title: "CPU", text: ({ load }) => (load === null ? "" : `${Math.round(load) / 10} %`) },
  {
    sort: "memory",
    title: "Memory",
    text: ({ memory }) => (memory === null ? "" : bytes(memory)),
    wide: true,
  },
  {
    sort: "waiting",
    title: "Queue",
    text: ({ waiting }) => (waiting === 0 ? "" : String(waiting)),
    wide: true,
  },
  { sort: "events", title: "Events", text: ({ events }) => events.toLocaleString("en"), wide: true },
  { sort: "failures", title: "Failed", text: ({ failures }) => (failures === 0 ? "" : String(failures)) },
];

/** The rooms of an application, however many. */
export function RoomsPage({ application: { name, version, status } }: { application: ApplicationOverview }) {
  const rooms = useMemo(() => new RoomRows(name), [name]);
  const filter = useSignal<RoomFilter>({ search: "", type: "", sort: "name", order: "asc" });
  useEffect(() => {
    rooms.filter(filter.value);
    return () => rooms.close();
  }, [rooms, filter.value]);
  const { total, matching, types, rows, offset, isLoaded, problem } = rooms;
  const change = (part: Partial<RoomFilter>) => {
    filter.value = { ...filter.value, ...part };
  };
  if (status === "failed")
    return (
      <Empty title="No room is open: it does not run.">
        <p>Mend what the error above says: it starts when you save.</p>
      </Empty>
    );
  if (isLoaded.value && total.value === 0)
    return (
      <Empty title="No room is open.">
        <p>
          Rooms begin when somebody makes or joins one: let{" "}
          <a href={hrefOf("a", name, "players")}>a player</a> do it.
        </p>
      </Empty>
    );
  return (
    <section aria-label="Rooms" class="rooms">
      <FilterBar
        filter={filter.value}
        types={types.value}
        matching={matching.value}
        total={total.value}
        change={change}
      />
      {problem.value && (
        <p class="wrong" role="status">
          {problem.value}
        </p>
      )}
      <RowHead filter={filter.value} change={change} />
      {isLoaded.value && matching.value === 0 && <p class="hint empty">No open room is called so.</p>}
      <VirtualList
        label={`Rooms of ${name}`}
        count={matching.value}
        rowHeight={ROW_HEIGHT}
        seen={(first) => rooms.lookAt(first)}
        row={(index) => <Row application={name} live={version} row={rows.value[index - offset.value]} />}
      />
    </section>
  );
}

interface FilterParts {
  readonly filter: RoomFilter;
  readonly change: (part: Partial<RoomFilter>) => void;
}

function FilterBar({
  filter,
  change,
  types,
  matching,
  total,
}: FilterParts & { types: Readonly<Record<string, number>>; matching: number; total: number }) {
  const kinds = Object.entries(types);
  return (
    <div class="bar">
      <input
        type="search"
        aria-label="Filter rooms by name"
        placeholder="Filter  /"
        value={filter.search}
        onInput={(event) => change({ search: event.currentTarget.value })}
      />
      {kinds.length > 1 && (
        <select
          aria-label="Type"
          value={filter.type}
          onChange={(event) => change({ type: event.currentTarget.value })}
        >
          <option value="">all types</option>
          {kinds.slice(0, 100).map(([type, count]) => (
            <option key={type} value={type}>
              {type} ({count})
            </option>
          ))}
        </select>
      )}
      <span class="end faint" role="status">
        {matching === total
          ? `${total.toLocaleString("en")} open`
          : `${matching.toLocaleString("en")} of ${total.toLocaleString("en")}`}
      </span>
    </div>
  );
}

function RowHead({ filter, change }: FilterParts) {
  const head = (sort: string, title: string, wide = false) => {
    const isSorted = filter.sort === sort;
    const next = isSorted ? (filter.order === "asc" ? "desc" : "asc") : sort === "name" ? "asc" : "desc";
    return (
      <button
        key={sort}
        type="button"
        class={`plain ${wide ? "wide" : ""} ${isSorted ? "sorted" : ""}`}
        aria-label={`Sort by ${title}${isSorted ? `, now ${filter.order === "asc" ? "ascending" : "descending"}` : ""}`}
        onClick={() => change({ sort, order: next })}
      >
        {title}
        {isSorted && (filter.order === "asc" ? " ↑" : " ↓")}
      </button>
    );
  };
  return (
    <fieldset class="room-row room-head" aria-label="Sort">
      {head("name", "Room")}
      <span class="wide">Version</span>
      {columns.map(({ sort, title, wide }) => head(sort, title, wide))}
    </fieldset>
  );
}

function Row({
  application,
  live,
  row,
}: {
  application: string;
  live: string | undefined;
  row: RoomRow | undefined;
}) {
  if (!row) return <div class="room-row unknown">…</div>;
  const isOther = row.version !== live;
  return (
    <a class="room-row" href={hrefOf("a", application, "rooms", row.name)} data-room={row.name}>
      <span class="cut">
        {row.name} <span class="faint">{row.type !== row.name && row.type}</span>
      </span>
      <span class={`wide cut ${isOther ? "other" : "faint"}`} title={standings[row.why]}>
        {row.version} {isOther && standings[row.why]}
      </span>
      {columns.map(({ sort, text, wide }) => (
        <span key={sort} class={`number ${wide ? "wide" : ""} ${sort === "failures" ? "wrong" : ""}`}>
          {text(row)}
        </span>
      ))}
    </a>
  );
}
