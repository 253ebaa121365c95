/** What may be taken away at the path of a socket. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { addressFault } from "../../../src/platform/address/address.ts";
import { clearSocketFile } from "../../../src/platform/address/socket_file.ts";
import { makeFolder } from "../../e2e/harness.ts";

test("nothing, where nothing is", async () => {
  await clearSocketFile(join(makeFolder(), "a.sock"));
});

test("no file and no folder", async () => {
  const folder = makeFolder({ "a.sock": "mine" });
  await expect(clearSocketFile(join(folder, "a.sock"))).rejects.toThrow("there is a file that is no socket");
  await expect(clearSocketFile(folder)).rejects.toThrow("there is a file that is no socket");
  expect(existsSync(join(folder, "a.sock"))).toBe(true);
});

test("no socket that somebody listens on, whoever it is", async () => {
  const path = join(makeFolder(), "a.sock");
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  await expect(clearSocketFile(path)).rejects.toThrow("another server listens there");
  expect(existsSync(path)).toBe(true);
  server.close();
});

test("the path of a socket is as long as every system takes it", () => {
  const fault = (unix: string) => addressFault({ unix }, (key) => key)?.text;
  expect(fault("/".padEnd(103, "x"))).toBeUndefined();
  expect(fault("/".padEnd(104, "x"))).toBe("the path of a socket has 103 bytes at most, not 104");
});
