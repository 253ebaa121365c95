import { isIP } from "node:net";

/** UTF-16 units of what proxies have written that are read, from its end. */
const MAX_READ_UNITS = 2048;

/**
 * Returns the IP address of who asks, where the last `hops` proxies on the way are trusted: the one that the outermost of these has seen.
 * Each adds to the end of `X-Forwarded-For`; `Forwarded` is read where that is missing. What stands before was written by whoever sent
 * it. Where the header is shorter, or has no address there, it is the last that can be told; without it, `peer`.
 */
export function clientAddress(headers: Headers, peer: string, hops: number): string {
  if (hops === 0) return peer;
  const list = headers.get("x-forwarded-for");
  const forwarded = list === null ? headers.get("forwarded") : null;
  const text = (list ?? forwarded ?? "").slice(-MAX_READ_UNITS);
  let address = peer;
  let end = text.length;
  for (let hop = 0; hop < hops && end > 0; hop++) {
    const comma = text.lastIndexOf(",", end - 1);
    const part = text.slice(comma + 1, end).trim();
    const found = addressIn(
      forwarded === null ? part : (/(?:^|;)\s*for=("?)([^";,]*)\1/i.exec(part)?.[2] ?? ""),
    );
    if (found === undefined) break;
    address = found;
    end = comma;
  }
  return address;
}

/** Returns the address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`, `::ffff:192.0.2.1`; undefined where there is none. */
function addressIn(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+)(?::\d+)?$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/^::ffff:(?=[\d.]+$)/i, "");
  return isIP(address) === 0 || address.includes("%") ? undefined : address.toLowerCase();
}
