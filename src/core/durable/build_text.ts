import type { Build } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";

/** Returns a build as it is kept. */
export function writtenBuild({ files, sources, rooms, ...rest }: Build): JsonText {
  return JSON.stringify({ ...rest, files: [...files], sources: [...sources], rooms: [...rooms] });
}

/** Returns the build that was written. */
export function readBuild(text: JsonText): Build {
  const { files, sources, rooms, ...rest } = JSON.parse(text);
  return { ...rest, files: new Map(files), sources: new Map(sources), rooms: new Map(rooms) };
}
