import { dirname } from "node:path";
import { FIRST_NAME_BYTES } from "./socket_file.ts";

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
  // Made under another name, it must fit as well.
  const mostOfFolder = MOST_PATH_BYTES - FIRST_NAME_BYTES - 1;
  const fault =
    tooLong("path", unix, MOST_PATH_BYTES) ?? tooLong("folder of the path", dirname(unix), mostOfFolder);
  return fault === undefined ? undefined : { key: "unix", text: fault };
}

function tooLong(what: string, text: string, most: number): string | undefined {
  const bytes = new TextEncoder().encode(text).length;
  return bytes <= most ? undefined : `the ${what} of a socket has ${most} bytes at most, not ${bytes}`;
}

/** Returns the address as a URL: `http://127.0.0.1:8080`, `https://[::]:8443`, `unix:/run/hotroom/hotroom.sock`. */
export function urlOf({ host, port, unix, tlsCert }: Address): string {
  if (unix !== undefined) return `unix:${unix}`;
  return `http${tlsCert === undefined ? "" : "s"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
