/** A part of an application's page. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly key: string;
}

/** All of them, with the letter that leads to each behind `g`. */
export const sections: readonly Section[] = [
  { name: "rooms", title: "Rooms", key: "r" },
  { name: "players", title: "Players", key: "p" },
  { name: "editor", title: "Editor", key: "e" },
  { name: "state", title: "State", key: "s" },
  { name: "versions", title: "Versions", key: "v" },
  { name: "users", title: "Users", key: "u" },
  { name: "logs", title: "Logs", key: "l" },
  { name: "load", title: "Load", key: "c" },
];
