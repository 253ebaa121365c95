import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { WireFrame } from "../../src/protocol/bytes.ts";
import type { Codec, Request } from "../../src/protocol/codec.ts";
import { closeCodes, errorCodes, isErrorCode } from "../../src/protocol/codes.ts";
import { DEFAULT_FRAME_BYTES, MAX_DEPTH, MOST_KEYS, MOST_VALUES } from "../../src/protocol/frame.ts";
import { goroomserver } from "../../src/protocol/goroomserver/codec.ts";
import { hotroom } from "../../src/protocol/hotroom/codec.ts";
import { CUT, conversationOf, snippetsOf } from "../docs/snippets.ts";

const page = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");

/** Frames of the page's conversations on one wire: those that clients send, or those that the server does. */
function frames(by: "client" | "server", wire: "hotroom" | "goroomserver" = "hotroom"): string[] {
  const turns = snippetsOf("docs/PROTOCOL.md")
    .filter(({ language, name }) => language === "wire" && (name === "/") === (wire === "goroomserver"))
    .flatMap(conversationOf);
  return [
    ...new Set(
      turns
        .filter(({ sent, frame }) => frame !== CUT && sent === (by === "client"))
        .map(({ frame }) => frame),
    ),
  ];
}

const data = (frame: { data?: unknown }) => ("data" in frame ? { data: JSON.stringify(frame.data) } : {});

/** A frame of hotroom.v1's server, made by the codec from what it says. */
function remake(text: string): WireFrame | undefined {
  const frame = JSON.parse(text);
  const { event, ...rest } = frame;
  if (event === "joined") return hotroom.event({ event, room: rest.room, welcome: JSON.stringify(rest) });
  if (event === "room_change" && !rest.gone)
    return hotroom.event({ event, room: rest.room, listing: JSON.stringify(rest) });
  if ("event" in frame) return hotroom.event({ ...frame, ...data(frame) });
  const request: Request = { event: "ping", id: frame.id };
  if (frame.ok) return hotroom.reply(request, data(frame).data);
  return hotroom.fail(request, { ...frame.error, ...data(frame.error) });
}

/** The same of goroomserver's. */
function remakeForGo(text: string): WireFrame | undefined {
  const { eventType, data, error } = JSON.parse(text);
  const { appName, roomName, userName, type, ...rest } = data;
  const decode = (kind: number, own: object) =>
    goroomserver.decode(JSON.stringify({ appName, roomName, eventType: kind, data: own }));
  const codec: Codec = goroomserver;
  if (error.code > 0) {
    const code = { 8: "already_in_room", 9: "not_in_room" }[error.code as number] as string;
    return codec.fail(decode(eventType, eventType === 11 ? { type } : { roomName }), {
      code,
      message: "Why.",
    });
  }
  if (eventType === 6) return codec.reply(decode(6, {}), JSON.stringify({ user: { name: userName } }));
  if (eventType === 11)
    return codec.event({ event: "message", type, data: JSON.stringify({ type, ...rest }) });
  return codec.event({ event: "room_add", room: roomName, type: "t", application: appName });
}

describe("docs/PROTOCOL.md", () => {
  test.each(frames("client"))("a client may send %s", (frame) => {
    const { event, ...rest } = JSON.parse(frame);
    if (event === "jump") expect(() => hotroom.decode(frame)).toThrow("there is no event");
    else expect(hotroom.decode(frame)).toMatchObject({ event, ...rest });
  });

  test.each(frames("server"))("the server sends %s", (frame) => {
    expect(remake(frame)).toBe(frame);
    const { error } = JSON.parse(frame);
    if (error) expect(isErrorCode(error.code)).toBe(true);
  });

  test.each(frames("client", "goroomserver"))("a client of goroomserver may send %s", (frame) => {
    expect(goroomserver.decode(frame).application).toBe(JSON.parse(frame).appName);
  });

  test.each(frames("server", "goroomserver"))("goroomserver's frames are written as %s", (frame) => {
    expect(remakeForGo(frame)).toBe(frame);
  });

  test("shows every request and every event of the server", () => {
    const names = (of: "client" | "server") => new Set(frames(of).map((frame) => JSON.parse(frame).event));
    const requests =
      "login logout create join leave message subscribe unsubscribe rooms reconnect edits ping".split(" ");
    expect(names("client")).toEqual(new Set([...requests, "jump"]));
    const told = "message join joined leave disconnect reconnect unsubscribed room_add room_remove".split(
      " ",
    );
    expect(names("server")).toEqual(new Set([...told, "room_change", "error", undefined]));
  });

  test("has the tables of codes as they are", () => {
    const [own = ""] = page.split("\n## goroomserver's wire");
    const rows = own.split("\n").filter((line) => line.startsWith("| ") && !line.includes("| meaning |"));
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
    const events = new Set(["room_add", "room_remove", "room_change"]);
    expect(codes.filter((code) => !isErrorCode(code) && !events.has(code))).toEqual([]);
    expect(page).toContain(`(${DEFAULT_FRAME_BYTES.toLocaleString("en")} bytes)`);
    expect(page).toContain(`nested ${MAX_DEPTH} levels`);
    expect(page).toContain(`more than ${MOST_KEYS.toLocaleString("en")} keys`);
    expect(page).toContain(`more than ${MOST_VALUES.toLocaleString("en")} commas`);
  });
});
