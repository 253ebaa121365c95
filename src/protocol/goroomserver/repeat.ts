import { isObject, type JsonObject } from "../json_object.ts";
import { EventType } from "./events.ts";
import type { Fields } from "./fields.ts";

/** What a failure says of the request: its number, and its data with the names that stand beside it. */
export interface Repeated {
  readonly eventType: number;
  readonly data: JsonObject;
}

/** What a failure says of a frame of which nothing could be told. */
export const nothing: Repeated = { eventType: 0, data: { roomName: "", appName: "" } };

/** The requests whose data names the room. */
const namesRoomInData: ReadonlySet<unknown> = new Set([
  EventType.joinRoom,
  EventType.leaveRoom,
  EventType.subscribe,
  EventType.unsubscribe,
]);

/** Returns what a failure says of a frame that can be repeated whole; the names are as the client wrote them, usable or not. */
export function repeat({ eventType, appName, roomName, data }: Fields): Repeated {
  const payload = isObject(data) ? data : {};
  const named = namesRoomInData.has(eventType) ? payload.roomName || roomName : roomName || payload.roomName;
  return {
    eventType: numberIn(eventType),
    data: { ...payload, roomName: named ?? "", appName: appName ?? "" },
  };
}

/** Returns what a failure says of a frame that holds what JSON can't carry back. */
export function repeatNames({ eventType, appName, roomName }: Fields): Repeated {
  const kept = (name: unknown) => (typeof name === "string" && name.isWellFormed() ? name : "");
  return { eventType: numberIn(eventType), data: { roomName: kept(roomName), appName: kept(appName) } };
}

function numberIn(eventType: unknown): number {
  return Number.isSafeInteger(eventType) ? (eventType as number) : 0;
}
