import { hrefOf, place, spot } from "../parts/address.ts";
import { counted } from "../parts/words.ts";
import { type ApplicationOverview, applications } from "../server/overview.ts";

/** The applications, always at hand. */
export function Sidebar() {
  const chosen = spot.value?.application;
  return (
    <nav class="side" aria-label="Applications">
      <a href={hrefOf()} aria-current={place.value.length === 0 ? "page" : undefined}>
        Overview
      </a>
      <h2>Applications</h2>
      <ul>
        {applications.value.map((application) => (
          <li key={application.name}>
            <a
              href={hrefOf("a", application.name)}
              aria-current={application.name === chosen ? "page" : undefined}
              title={stateOf(application)}
            >
              <span class={`dot ${markOf(application)}`} />
              <span class="grow cut">{application.name}</span>
              <span class="count">
                {application.userCount > 0 && application.userCount.toLocaleString("en")}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** How an application does, for its dot. */
function markOf({ status, error }: ApplicationOverview): string {
  return status === "failed" ? "bad" : error ? "warn" : "good";
}

function stateOf({ status, error, userCount }: ApplicationOverview): string {
  if (status === "failed") return "not running";
  return error ? "running, newest edit is broken" : `running, ${counted(userCount, "user")}`;
}
