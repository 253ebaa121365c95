import { describe, expect, test } from "bun:test";
import { clientAddress } from "../../src/http/client_address.ts";

const PEER = "10.0.0.1";
const of = (list: string, hops: number, name = "x-forwarded-for") =>
  clientAddress(new Headers({ [name]: list }), PEER, hops);

describe("the address of who asks", () => {
  test("is the peer's where no proxy is trusted, or none has written anything", () => {
    expect(of("192.0.2.1", 0)).toBe(PEER);
    expect(clientAddress(new Headers(), PEER, 2)).toBe(PEER);
    expect(of("", 1)).toBe(PEER);
  });

  test.each([
    ["192.0.2.1", 1, "192.0.2.1"],
    ["203.0.113.9, 192.0.2.1", 1, "192.0.2.1"],
    ["203.0.113.9,192.0.2.1 ,10.0.0.2", 2, "192.0.2.1"],
    // The list is shorter than the way that was announced.
    ["192.0.2.1", 3, "192.0.2.1"],
    ["127.0.0.1, 192.0.2.1", 1, "192.0.2.1"],
    ["192.0.2.1:4711", 1, "192.0.2.1"],
    ["[2001:DB8::1]:4711", 1, "2001:db8::1"],
    ["2001:db8::1", 1, "2001:db8::1"],
    ["::ffff:192.0.2.1", 1, "192.0.2.1"],
  ])("of X-Forwarded-For %p behind %d", (list, hops, expected) => {
    expect(of(list, hops)).toBe(expected);
  });

  test.each(["unknown", "_hidden", "1.2.3", "a.example", "<script>", ", ,", "fe80::1%eth0", "192.0.2.1 x"])(
    "is what can be told where %p stands there",
    (list) => {
      expect(of(list, 1)).toBe(PEER);
      expect(of(`${list}, 192.0.2.1`, 2)).toBe("192.0.2.1");
    },
  );

  test("is in Forwarded where X-Forwarded-For is missing, and only there", () => {
    const forwarded = 'for=203.0.113.9, for="[2001:db8::1]:80";proto=https;by=x';
    expect(of(forwarded, 1, "forwarded")).toBe("2001:db8::1");
    expect(of(forwarded, 2, "forwarded")).toBe("203.0.113.9");
    expect(of("by=192.0.2.1", 1, "forwarded")).toBe(PEER);
    const both = new Headers({ forwarded, "x-forwarded-for": "192.0.2.1" });
    expect(clientAddress(both, PEER, 1)).toBe("192.0.2.1");
  });

  test("is found from the end, however long what strangers have put before it", () => {
    const padded = `${"1.1.1.1,".repeat(100_000)}192.0.2.1`;
    expect(of(padded, 1)).toBe("192.0.2.1");
  });
});
