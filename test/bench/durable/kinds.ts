import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { extensions, hotroomCommand, type ServerKind } from "../servers.ts";
import type { Mode } from "./ledger.ts";

/** A server whose rooms are durable in one way or not at all, and where it keeps them. */
export interface DurableKind extends ServerKind {
  readonly mode: Mode | "not durable";
  readonly data: string;
}

/** Makes the three servers that are measured side by side, in a folder: the same application, but for how it is kept. */
export function durableKinds(folder: string): readonly DurableKind[] {
  return (["not durable", "relaxed", "strict"] as const).map((mode) => {
    const [applications, data] = [join(folder, mode, "extensions"), join(folder, mode, "data")];
    mkdirSync(join(applications, "talk/rooms"), { recursive: true });
    mkdirSync(data);
    const read = (path: string) => readFileSync(join(extensions, "talk", path), "utf8");
    const write = (path: string, text: string) => writeFileSync(join(applications, "talk", path), text);
    const isDurable = mode !== "not durable";
    const settings = { ...JSON.parse(read("hotroom.json")), ...(isDurable && { durable: mode }) };
    write("hotroom.json", JSON.stringify(settings));
    const room = read("rooms/talk.js");
    write("rooms/talk.js", isDurable ? room.replace("defineRoom({", "defineRoom({ durable: true,") : room);
    const command = () => hotroomCommand(applications, "--data", data);
    return { name: mode, mode, data, dialect: "hotroom", command };
  });
}
