/** A part of an application's page. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly key: string;
  /** Whether what it lists has a page each. */
  readonly hasItems?: true;
}

/** All of them, with the letter that leads to each behind `g`. */
export const sections: readonly Section[] = [
  { name: "rooms", title: "Rooms", key: "r", hasItems: true },
  { name: "players", title: "Players", key: "p" },
  { name: "editor", title: "Editor", key: "e", hasItems: true },
  { name: "state", title: "State", key: "s" },
  { name: "versions", title: "Versions", key: "v" },
  { name: "users", title: "Users", key: "u" },
  { name: "logs", title: "Logs", key: "l" },
  { name: "load", title: "Load", key: "c" },
];
