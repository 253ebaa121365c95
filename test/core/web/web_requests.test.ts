import { expect, test } from "bun:test";
import { WebRequests } from "../../../src/core/web/web_requests.ts";

/** Enters until one is refused; returns those that were let in. */
function fill(requests: WebRequests, application: string, address: (n: number) => string) {
  const entered = [];
  for (let n = 0; n < 1000; n++) {
    try {
      entered.push(requests.enter(application, address(n)));
    } catch (error) {
      expect(error).toMatchObject({ code: "busy" });
      break;
    }
  }
  return entered;
}

test("an address has 32 under way of one application, this machine as many as the application", () => {
  const requests = new WebRequests();
  const own = fill(requests, "a", () => "192.0.2.1");
  expect(own).toHaveLength(32);
  expect(fill(requests, "b", () => "192.0.2.1")).toHaveLength(32);
  own[0]?.leave();
  expect(fill(requests, "a", () => "192.0.2.1")).toHaveLength(1);
  expect(fill(requests, "a", () => "127.0.0.1")).toHaveLength(256 - 32);
});

test("an application has 256 under way, whoever asks, and another one has its own", () => {
  const requests = new WebRequests();
  const all = fill(requests, "a", (n) => `192.0.2.${n}`);
  expect(all).toHaveLength(256);
  expect(fill(requests, "b", (n) => `192.0.2.${n}`)).toHaveLength(256);
  for (const each of all) each.leave();
  expect(fill(requests, "a", (n) => `192.0.2.${n}`)).toHaveLength(256);
});

test("the bodies of one application have 16 MB together, those of all 64, which come free as requests end", () => {
  const MIB = 1024 * 1024;
  const requests = new WebRequests();
  const [first, ...others] = ["a", "b", "c", "d", "e"].map((name) => requests.enter(name, "192.0.2.1"));
  first?.take(16 * MIB);
  const again = requests.enter("a", "192.0.2.2");
  expect(() => again.take(1)).toThrow("too much is being sent");
  for (const each of others.slice(0, 3)) each.take(16 * MIB);
  expect(() => others[3]?.take(1)).toThrow("too much is being sent");
  first?.leave();
  others[3]?.take(8 * MIB);
  again.take(8 * MIB);
});
