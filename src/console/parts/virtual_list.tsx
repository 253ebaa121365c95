import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { walkRows } from "./row_keys.ts";

/** Rows that are drawn above and below of what is seen. */
const MARGIN = 10;
/** Highest element that browsers lay out well, px; a longer list ends there. */
const MAX_HEIGHT = 8_000_000;

interface VirtualListParts {
  readonly label: string;
  /** How many rows there are. */
  readonly count: number;
  /** Height of each, px. */
  readonly rowHeight: number;
  /** Draws a row; undefined where it is not known yet. */
  readonly row: (index: number) => ComponentChildren;
  /** Hears which rows are in sight. */
  readonly seen?: (first: number, last: number) => void;
}

/** A list of which only what is in sight is drawn; arrow keys go through the links in it. */
export function VirtualList({ label, count, rowHeight, row, seen }: VirtualListParts) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    watch.observe(element);
    element.addEventListener("keydown", walkRows);
    return () => {
      watch.disconnect();
      element.removeEventListener("keydown", walkRows);
    };
  }, []);
  const first = Math.max(0, Math.floor(top.value / rowHeight) - MARGIN);
  const last = Math.min(count, Math.ceil((top.value + height.value) / rowHeight) + MARGIN);
  useEffect(() => seen?.(first, last), [first, last, count]);
  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  return (
    <div class="virtual" ref={box} onScroll={(event) => (top.value = event.currentTarget.scrollTop)}>
      <ul
        class="virtual-rows"
        aria-label={label}
        style={{ height: `${Math.min(MAX_HEIGHT, count * rowHeight)}px` }}
      >
        {drawn.map((index) => (
          <li
            key={index}
            style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
            aria-setsize={count}
            aria-posinset={index + 1}
          >
            {row(index)}
          </li>
        ))}
      </ul>
    </div>
  );
}
