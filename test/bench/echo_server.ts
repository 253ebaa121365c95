/**
 * hotroom's platform, wire and core with an echo in the place of scripts: what of a message's cost is theirs. Started as a
 * server of the bench (`--only "bare Bun,echo,hotroom"`), or by `layers`, which takes its parts one by one.
 */
import { createHash } from "node:crypto";
import { DeliveryCount } from "../../src/core/delivery_count.ts";
import { HistoryStore } from "../../src/core/history/history_store.ts";
import * as v from "valibot";
import { Application } from "../../src/core/application/application.ts";
import { systemClock } from "../../src/core/ports/clock.ts";
import { Connections } from "../../src/core/connection/connections.ts";
import { RequestDispatcher } from "../../src/core/connection/request_dispatcher.ts";
import type { MakeGroup } from "../../src/core/ports/socket.ts";
import type { Version } from "../../src/core/ports/build.ts";
import { type SettingsInput, settingsOf, settingsSchema } from "../../src/core/application/settings.ts";
import { Ticker } from "../../src/core/extension/ticker.ts";
import { currentPlatform } from "../../src/platform/current.ts";
import { hotroom } from "../../src/protocol/hotroom/codec.ts";
import { EchoScripts } from "./echo_scripts.ts";

/** Returns a version with one room type, which nothing has loaded. */
export function versionWith(settings: SettingsInput): Version {
  return {
    build: {
      application: "talk",
      hash: "ec0ec0",
      version: "v1",
      files: new Map(),
      sources: new Map(),
      rooms: new Map([["talk", "rooms/talk.ts"]]),
      settings: settingsOf(v.parse(settingsSchema, { emptyGrace: 600_000, ...settings }), true),
    },
    rooms: new Map([["talk", { kind: "room", hasMigrate: false, handlers: ["messages.say"] }]]),
  };
}

export const version = versionWith({});

/** One application and the connections to it; `soon` is that of EchoScripts. */
export function echoCore(makeGroup: MakeGroup, soon: (answer: () => void) => void, runs = version) {
  const log = (level: string, message: string) => console.error(level, message);
  const scripts = new EchoScripts(soon);
  const deliveries = new DeliveryCount();
  const digest = (text: string) => createHash("sha256").update(text).digest("base64url");
  const histories = new HistoryStore(systemClock, 64 * 1024 * 1024);
  const deps = {
    scripts,
    clock: systemClock,
    ticker: new Ticker(systemClock),
    log,
    makeGroup,
    deliveries,
    digest,
    histories,
  };
  const application = new Application("talk", runs, deps);
  const dispatcher = new RequestDispatcher(() => application);
  const connections = new Connections({
    clock: systemClock,
    log,
    limits: {
      frame: 64 * 1024,
      rate: 0,
      burst: 100,
      bytes: 0,
      outbox: 1024 * 1024,
      outboxTotal: 2 ** 30,
      loginDeadline: 0,
    },
    handle: (connection, request) => dispatcher.handle(connection, request),
    deliveries,
  });
  return { scripts, histories, accept: () => connections.accept(hotroom, application) };
}

if (import.meta.main) {
  const platform = await currentPlatform();
  const { accept } = echoCore(() => listener.group(), setImmediate);
  const listener = await platform.listen({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("ok"),
    upgrade: () => ({ handler: accept() }),
    onError: (error, duty) => console.error(duty, error),
    warn: console.error,
  });
  console.log(`listening on http://127.0.0.1:${listener.port}`);
}
