import { editorOf } from "./address.ts";

/** A place of a source in a text, as failures of handlers have it: `(rooms/hall.ts:8:17)`. */
const PLACE = /\(([^\s():]+):(\d+):(\d+)\)/;

/** Text in which the first place of an application's source leads to the editor. */
export function PlacedText({ application, text }: { application: string; text: string }) {
  const found = PLACE.exec(text);
  if (!found) return <>{text}</>;
  const [whole, file = "", line, column] = found;
  const href = editorOf(application, { file, line: Number(line), column: Number(column) });
  return (
    <>
      {text.slice(0, found.index)}
      <a href={href}>{whole}</a>
      {text.slice(found.index + whole.length)}
    </>
  );
}
