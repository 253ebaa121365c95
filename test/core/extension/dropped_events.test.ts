/** An event that is dropped, and that nobody waits for, is told by the log. */
import { expect, test } from "bun:test";
import * as v from "valibot";
import { Application } from "../../../src/core/application/application.ts";
import { settingsOf, settingsSchema } from "../../../src/core/application/settings.ts";
import { DeliveryCount } from "../../../src/core/delivery_count.ts";
import type { ExtensionDeps } from "../../../src/core/extension/extension_deps.ts";
import { Ticker } from "../../../src/core/extension/ticker.ts";
import type { Version } from "../../../src/core/ports/build.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import type { Script, Subject } from "../../../src/core/ports/script.ts";
import type { Scripts } from "../../../src/core/ports/scripts.ts";
import { parseRoomOptions } from "../../../src/core/room/room_options.ts";
import { FakeClock } from "../fake_clock.ts";

const version: Version = {
  build: {
    application: "app",
    hash: "abc1",
    version: "v1·abc1",
    files: new Map(),
    sources: new Map(),
    rooms: new Map(),
    settings: settingsOf(v.parse(settingsSchema, {}), false),
  },
  rooms: new Map([["r", { kind: "room", hasMigrate: false, handlers: [] }]]),
};

/** A script with a full queue: all but its first event is answered with `busy`. */
function full(_: Version, subject: Subject): Script {
  const dispatch = (event: ScriptEvent, done?: (outcome: Outcome) => void) => {
    const failure = { code: "busy" as const, message: `Cannot handle ${event.kind}: it waits.` };
    const outcome = { version: "v1·abc1", effects: [], ...(event.kind === "init" ? {} : { failure }) };
    queueMicrotask(() => {
      subject.outcome(event, outcome);
      done?.(outcome);
    });
  };
  return { version: "v1·abc1", view: { waiting: 0 }, dispatch } as Partial<Script> as Script;
}

test("an emit, a timer and the news of a room that a full queue drops are logged; who sent a message is told instead", async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const group = { add() {}, delete() {}, send() {} };
  const application = new Application("app", version, {
    scripts: { open: full, shortage() {}, unload() {}, hosts: () => [] } as Partial<Scripts> as Scripts,
    clock,
    ticker: new Ticker(clock),
    log: (level, text) => log.push(`${level}: ${text}`),
    makeGroup: () => group,
    deliveries: new DeliveryCount(),
  } as Partial<ExtensionDeps> as ExtensionDeps);
  const room = application.createRoom(
    "hall",
    parseRoomOptions('{"type":"r","keep":true}', () => "r"),
  );
  await room.ready;
  expect(application.emit("hall", "posted")).toBe("queued");
  room.extension.dispatch({ kind: "timer", name: "ring" });
  await room.extension.ask({ kind: "message", user: "u1", type: "say", reply: true });
  room.extension.dispatch({ kind: "created", room: "attic" });
  await room.extension.ask({ kind: "message", user: "u1", type: "say", reply: true });
  const kinds = ["emit", "timer", "created"];
  expect(log).toEqual(kinds.map((kind) => `warn: Cannot handle ${kind}: it waits.`));
});
