import { hrefOf, spot } from "../parts/address.ts";
import { age, counted } from "../parts/words.ts";
import { link, now, server } from "../server/overview.ts";
import { isHelpShown } from "./keys.ts";

/** The line at the top: where one is, and how the server does. */
export function Header() {
  const { application, section = "rooms", item } = spot.value ?? {};
  return (
    <header class="top">
      <a class="brand" href={hrefOf()} aria-label="hotroom, overview">
        hotroom
      </a>
      <nav aria-label="Place" class="trail">
        {application !== undefined && <a href={hrefOf("a", application)}>{application}</a>}
        {application !== undefined && item !== undefined && (
          <a href={hrefOf("a", application, section, item)} aria-current="page">
            {item}
          </a>
        )}
      </nav>
      <p
        id="server"
        class={`status ${link.value === "live" ? (server.value?.state ?? "") : link.value}`}
        role="status"
      >
        {statusText()}
      </p>
      <button
        type="button"
        class="plain keys-button"
        aria-label="Keys"
        onClick={() => (isHelpShown.value = true)}
      >
        ?
      </button>
    </header>
  );
}

function statusText(): string {
  if (link.value === "lost") return "The server does not answer; trying again…";
  if (link.value === "locked") return "Locked";
  const found = server.value;
  if (!found) return link.value === "refused" ? "Refused" : "Asking the server…";
  const up = found.hosts.filter(({ state }) => state === "ready" || state === "busy").length;
  const hosts =
    up === found.hosts.length
      ? counted(up, "script host")
      : `${up} of ${counted(found.hosts.length, "script host")} up`;
  const life = found.state === "ready" ? `up ${age(found.startedAt, now.value)}` : found.state;
  return `${found.version} on ${found.runtime} ${found.runtimeVersion} · ${life} · ${hosts}`;
}
