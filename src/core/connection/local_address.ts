/** Returns true for an address of this machine: a proxy has one, and many clients behind it. */
export function isLocalAddress(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address === "unknown";
}
