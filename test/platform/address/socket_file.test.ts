/** What may be taken away at the path of a socket. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { addressFault } from "../../../src/platform/address/address.ts";
import { SocketFile } from "../../../src/platform/address/socket_file.ts";
import { makeFolder } from "../../e2e/harness.ts";

test("nothing, where nothing is", async () => {
  await new SocketFile(join(makeFolder(), "a.sock")).clear();
});

test("no file and no folder", async () => {
  const folder = makeFolder({ "a.sock": "mine" });
  await expect(new SocketFile(join(folder, "a.sock")).clear()).rejects.toThrow(
    "there is a file that is no socket",
  );
  await expect(new SocketFile(folder).clear()).rejects.toThrow("there is a file that is no socket");
  expect(existsSync(join(folder, "a.sock"))).toBe(true);
});

test("no socket that somebody listens on, whoever it is", async () => {
  const path = join(makeFolder(), "a.sock");
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  await expect(new SocketFile(path).clear()).rejects.toThrow("another server listens there");
  expect(existsSync(path)).toBe(true);
  server.close();
});

test("nothing, where somebody has come between the look and the listening", async () => {
  const folder = makeFolder();
  const file = new SocketFile(join(folder, "a.sock"));
  await file.clear();
  writeFileSync(join(folder, "a.sock"), "mine");
  const stopped: string[] = [];
  const serve = (path: string) => {
    writeFileSync(path, "a socket");
    return path;
  };
  expect(() => file.listen(serve, (path) => stopped.push(path))).toThrow("something else has come there");
  expect(stopped).toHaveLength(1);
  file.remove();
  expect(readdirSync(folder)).toEqual(["a.sock"]);
});

test("the path of a socket is as long as every system takes it", () => {
  const fault = (unix: string) => addressFault({ unix }, (key) => key)?.text;
  expect(fault("/".padEnd(103, "x"))).toBeUndefined();
  expect(fault("/".padEnd(104, "x"))).toBe("the path of a socket has 103 bytes at most, not 104");
  expect(fault(`${"/".padEnd(97, "x")}/a`)).toBe(
    "the folder of the path of a socket has 96 bytes at most, not 97",
  );
});
