/** Who is at the other end of a connection. */
export interface Peer {
  /** IP address; `unknown` where nobody has told it. */
  readonly address: string;
  /** The same, by which it counts among others; absent for one of this machine, where a proxy has it for many. */
  readonly counted?: string;
  /** Headers of the request that the connection began with, by name in lower case: those that the application's settings choose. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The peer of a connection of which nothing is known. */
export const nobody: Peer = { address: "unknown", headers: {} };

/** UTF-16 units of the headers that are kept of one connection: strangers choose how long they are. */
const MAX_HEADER_UNITS = 4 * 1024;

/** Returns the headers of those names; one that is too long, or that comes behind as much as is kept, is left out. */
export function chosenHeaders(headers: Headers, names: Iterable<string>): Record<string, string> {
  const chosen: Record<string, string> = {};
  let units = 0;
  for (const name of names) {
    const value = headers.get(name);
    if (value === null || units + value.length > MAX_HEADER_UNITS) continue;
    units += value.length;
    chosen[name] = value;
  }
  return chosen;
}

/** Returns true for an address of this machine: a proxy has one, and many clients behind it. */
export function isLocalAddress(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address === "unknown";
}
