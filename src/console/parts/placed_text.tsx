import type { SourcePosition } from "../../core/source_position.ts";
import { editorOf } from "./address.ts";

/** A place of a source in a text, as failures of handlers have it: `(rooms/hall.ts:8:17)`. */
const PLACE = /\(([^\s():]{1,500}):(\d{1,7}):(\d{1,7})\)/g;

/** A place in a text: where it stands there, and what stands between it and the one before. */
interface Placed {
  readonly index: number;
  readonly whole: string;
  readonly position: SourcePosition;
  readonly before: string;
}

/** Returns the places of sources that a text names, in order. */
export function placesIn(text: string): Placed[] {
  let end = 0;
  return [...text.matchAll(PLACE)].map((found) => {
    const [whole, file = "", line, column] = found;
    const before = text.slice(end, found.index);
    end = found.index + whole.length;
    return {
      index: found.index,
      whole,
      before,
      position: { file, line: Number(line), column: Number(column) },
    };
  });
}

/** Text in which the first place of an application's source leads to the editor. */
export function PlacedText({ application, text }: { application: string; text: string }) {
  const [found] = placesIn(text);
  if (!found) return <>{text}</>;
  const { index, whole, position } = found;
  return (
    <>
      {text.slice(0, index)}
      <a href={editorOf(application, position)}>{whole}</a>
      {text.slice(index + whole.length)}
    </>
  );
}
