/** Where a server listens: at a port, by TLS or without, or at a unix socket. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket, in the place of host and port. */
  readonly unix?: string | undefined;
  /** File of the certificate, with those that lead from it to a root; PEM. */
  readonly tlsCert?: string | undefined;
  /** File of its key, PEM. */
  readonly tlsKey?: string | undefined;
}

/** Bytes of a unix socket's path that every system takes: macOS has the fewest, 104 with the zero behind it. */
const MOST_PATH_BYTES = 103;

/** A setting of an address that can't be used, and why. */
export interface AddressFault {
  readonly key: keyof Address;
  readonly text: string;
}

/** Returns what is wrong with an address; `nameOf` returns how a setting is called. Undefined where nothing is. */
export function addressFault(
  { unix, tlsCert, tlsKey }: Partial<Address>,
  nameOf: (key: keyof Address) => string,
): AddressFault | undefined {
  const has = (key: keyof Address, other: keyof Address) => ({
    key,
    text: `it needs ${nameOf(other)} beside it`,
  });
  if (tlsCert !== undefined && tlsKey === undefined) return has("tlsCert", "tlsKey");
  if (tlsKey !== undefined && tlsCert === undefined) return has("tlsKey", "tlsCert");
  if (unix === undefined) return undefined;
  if (tlsCert !== undefined)
    return { key: "tlsCert", text: `there is no TLS on a unix socket (${nameOf("unix")})` };
  const bytes = new TextEncoder().encode(unix).length;
  if (bytes <= MOST_PATH_BYTES) return undefined;
  return { key: "unix", text: `the path of a socket has ${MOST_PATH_BYTES} bytes at most, not ${bytes}` };
}

/** Returns the address as a URL: `http://127.0.0.1:8080`, `https://[::]:8443`, `unix:/run/hotroom/hotroom.sock`. */
export function urlOf({ host, port, unix, tlsCert }: Address): string {
  if (unix !== undefined) return `unix:${unix}`;
  return `http${tlsCert === undefined ? "" : "s"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
