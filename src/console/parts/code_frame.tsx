import type { ComponentChildren } from "preact";
import type { FailureView } from "../../core/errors.ts";

/** Where something is wrong: file, line and column, what, and the line with a caret under the column. */
export function CodeFrame({
  error: { message, position, sourceLine, sourceColumn },
  href,
}: {
  error: FailureView;
  /** Where the line can be seen, if anywhere. */
  href?: string | undefined;
}) {
  const where = position && `${position.file}:${position.line}:${position.column}`;
  // Some messages begin with the place, for those who read them by themselves.
  const what = where && message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message;
  const place = where && <code class="where">{where}</code>;
  return (
    <div class="failure">
      <p>
        {place && (href ? <a href={href}>{place}</a> : place)} <strong>{what}</strong>
      </p>
      {position && sourceLine !== undefined && (
        <Code>{framed(position.line, sourceLine, sourceColumn ?? position.column)}</Code>
      )}
    </div>
  );
}

/** The line with its number, and a caret under the column (1-based); tabs stay, so that it stands below. */
function framed(line: number, source: string, column: number): string {
  const gutter = `${line} │ `;
  const lead = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  return `${gutter}${source}\n${" ".repeat(gutter.length)}${lead}^`;
}

/** Text as it was written, in a box that scrolls where it is too wide. */
export function Code({ children }: { children: ComponentChildren }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has keys alone scrolls by them.
  return <pre tabIndex={0}>{children}</pre>;
}
