import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** One address of a host. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Returns all addresses of a host by its name. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

/** What Bun has to look names up without a thread. */
interface BunDns {
  lookup(hostname: string, options: { backend: "c-ares" }): Promise<Address[]>;
}

const bunDns = (globalThis as { Bun?: { dns: BunDns } }).Bun?.dns;

/**
 * Looks names up as the system does. On Bun not by the system's own function: that holds one of the few threads which also read files, for
 * as long as a name server likes, so that a few names would stop the files of everybody (seen on Bun 1.4.5).
 */
export const systemResolve: Resolve = (hostname) =>
  bunDns ? bunDns.lookup(hostname, { backend: "c-ares" }) : lookup(hostname, { all: true, verbatim: true });

/** IPv4 addresses that are no host's of the public internet, as networks (RFC 6890 and its successors). */
const notPublic4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8",
  "100.64.0.0/10", // carriers' translators
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local; clouds tell secrets there
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24", // examples
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16",
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
];
/** The public internet of IPv6: mapped, translated and local addresses lie outside. */
const PUBLIC_6 = "2000::/3";
/** What in there is not public: other protocols' addresses in disguise, and examples. */
const notPublic6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const private4 = listOf(notPublic4, "ipv4");
const global6 = listOf([PUBLIC_6], "ipv6");
const private6 = listOf(notPublic6, "ipv6");

/** Returns true if an address is one of the public internet, which anybody may ask. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !private4.check(address, "ipv4");
  // A zone is part of local addresses only.
  if (family !== 6 || address.includes("%")) return false;
  return global6.check(address, "ipv6") && !private6.check(address, "ipv6");
}

function listOf(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
