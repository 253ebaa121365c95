import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Codec, Request } from "../../src/protocol/codec.ts";
import { closeCodes, errorCodes, isErrorCode } from "../../src/protocol/codes.ts";
import { MAX_DEPTH, DEFAULT_FRAME_BYTES } from "../../src/protocol/frame.ts";
import { goroomserver } from "../../src/protocol/goroomserver/codec.ts";
import { hotroom } from "../../src/protocol/hotroom/codec.ts";

const page = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");

/** Lines of the fenced blocks with this info string. */
function lines(info: string): string[] {
  const blocks = [...page.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].filter((block) => block[1] === info);
  return blocks.flatMap((block) => (block[2] as string).trimEnd().split("\n"));
}

const data = (frame: { data?: unknown }) => ("data" in frame ? { data: JSON.stringify(frame.data) } : {});

/** A frame of hotroom.v1's server, made by the codec from what it says. */
function remake(text: string): string | undefined {
  const frame = JSON.parse(text);
  if ("event" in frame) return hotroom.event({ ...frame, ...data(frame) });
  const request: Request = { event: "ping", id: frame.id };
  if (frame.ok) return hotroom.reply(request, data(frame).data);
  return hotroom.fail(request, { ...frame.error, ...data(frame.error) });
}

describe("docs/PROTOCOL.md", () => {
  test.each(lines("json client"))("a client may send %s", (line) => {
    expect(hotroom.decode(line)).toMatchObject(JSON.parse(line));
  });

  test.each(lines("json server"))("the server sends %s", (line) => {
    expect(remake(line)).toBe(line);
    const { error } = JSON.parse(line);
    if (error) expect(isErrorCode(error.code)).toBe(true);
  });

  test.each(lines("json goroomserver client"))("a client of goroomserver may send %s", (line) => {
    expect(goroomserver.decode(line).application).toBe(JSON.parse(line).appName);
  });

  test("goroomserver's frames are made as it shows them", () => {
    const request = (eventType: number, data: object) =>
      goroomserver.decode(JSON.stringify({ appName: "test", eventType, data }));
    const codec: Codec = goroomserver;
    expect(lines("json goroomserver server")).toEqual([
      codec.reply(request(6, { username: "prateek" }), '{"user":{"id":"u1","name":"prateek"},"session":"s"}'),
      codec.event({ event: "message", room: "lobby", type: "said", data: '{"text":"hi"}' }),
      codec.event({ event: "room_add", room: "m1", type: "match", application: "test" }),
      codec.fail(request(4, { roomName: "nowhere" }), { code: "room_not_found", message: "Cannot join." }),
    ] as string[]);
  });

  test("shows every request and every event of the server", () => {
    const names = (info: string) => new Set(lines(info).map((line) => JSON.parse(line).event));
    const requests = "login logout create join leave message subscribe unsubscribe reconnect ping".split(" ");
    expect(names("json client")).toEqual(new Set(requests));
    const events = ["message", "join", "leave", "room_add", "room_remove", "error", undefined];
    expect(names("json server")).toEqual(new Set(events));
  });

  test("has the tables of codes as they are", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| ") && !line.includes("| meaning |"));
    const errors = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
    const closes = Object.entries(closeCodes).map(
      ([name, { code, reconnect, meaning }]) =>
        `| ${code} | ${name} | ${reconnect ? "yes" : "no"} | ${meaning} |`,
    );
    expect(rows).toEqual([...errors, ...closes]);
  });

  test("numbers its rules in order, each once", () => {
    const numbers = [...page.matchAll(/^- \*\*P(\d+)\*\*/gm)].map((rule) => Number(rule[1]));
    expect(numbers.length).toBeGreaterThan(50);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test("names no code that is in no table, and the limits as they are", () => {
    const codes = [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((code) => code[1] as string);
    const events = new Set(["room_add", "room_remove"]);
    expect(codes.filter((code) => !isErrorCode(code) && !events.has(code))).toEqual([]);
    expect(page).toContain(`(${DEFAULT_FRAME_BYTES.toLocaleString("en")} bytes)`);
    expect(page).toContain(`nested ${MAX_DEPTH} levels`);
  });
});
