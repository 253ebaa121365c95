import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { getServers, setServers } from "node:dns";
import { isPublic, systemResolve } from "../../src/fetch/addresses.ts";

test("only what is a host's own on the public internet is public", () => {
  const yes = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "2a00::1"];
  const no4 =
    "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.9.9 192.168.0.1";
  const more4 =
    "192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255";
  const no6 =
    ":: ::1 ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 fc00::1 fd00::1";
  const more6 = "fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1";
  const none = ["", "localhost", "127.1", "0x7f000001"];
  const no = [no4, more4, no6, more6].flatMap((list) => list.split(" "));
  expect(yes.filter((address) => !isPublic(address))).toEqual([]);
  expect([...no, ...none].filter((address) => isPublic(address))).toEqual([]);
});

test("Bun looks names up without the threads that read files", async () => {
  const server = createSocket("udp4");
  const asked = new Promise<string>((resolve) => server.once("message", (query) => resolve(`${query}`)));
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  const usual = getServers();
  try {
    // The system's own function, which holds a thread, has servers of its own.
    setServers([`127.0.0.1:${server.address().port}`]);
    systemResolve("hung.example.com").catch(() => {});
    expect(await asked).toContain("hung");
  } finally {
    setServers(usual);
    server.close();
  }
});
