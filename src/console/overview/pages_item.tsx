import { hrefOf } from "../parts/address.ts";
import { age } from "../parts/words.ts";
import type { Edit } from "../server/feed.ts";
import { now } from "../server/overview.ts";

/** Files of one edit that are named, of those that are there and of those that are gone. */
const SHOWN = 4;

/** An edit of pages in the feed: which files, and no version, since none comes of it. */
export function PagesItem({ edit, named }: { edit: Edit; named: boolean }) {
  const { application, at, files = [], gone = [], more = 0 } = edit;
  const rest = Math.max(0, files.length - SHOWN) + Math.max(0, gone.length - SHOWN) + more;
  return (
    <li class="save" data-kind="pages">
      <p class="save-head">
        {named && <a href={hrefOf("a", application, "editor")}>{application}</a>}
        <span class="faint">pages</span>
        <time class="end faint">{age(at, now.value)}</time>
      </p>
      <ul class="chips" aria-label={`Pages of ${application} that were edited`}>
        {files.slice(0, SHOWN).map((path) => (
          <li key={path}>
            <a class="chip" href={hrefOf("a", application, "editor", path)}>
              <span class="cut">{path}</span>
            </a>
          </li>
        ))}
        {gone.slice(0, SHOWN).map((path) => (
          <li key={path}>
            <span class="chip">
              <span class="cut">{path}</span> <span class="faint">gone</span>
            </span>
          </li>
        ))}
        {rest > 0 && <li class="faint">and {rest.toLocaleString("en")} more</li>}
      </ul>
    </li>
  );
}
