import { Code } from "../parts/code_frame.tsx";
import { Empty } from "../parts/problem.tsx";
import { applications, link } from "../server/overview.ts";
import { ApplicationCard } from "./application_card.tsx";
import { EditFeed } from "./edit_feed.tsx";
import { FirstSteps } from "./first_steps.tsx";

/** What a script needs to be an application, for who has none. */
const sample = `import { defineRoom } from "hotroom";

export default defineRoom({
  messages: {
    say(room, user, text: string) {
      room.broadcast("said", { from: user.name, text });
    },
  },
});
`;

/** The first page: what runs, how to play with it, and what edits came to. */
export function Overview() {
  const all = applications.value;
  if (link.value === "asking") return null;
  return (
    <div class="overview">
      <section aria-labelledby="applications-title">
        <h1 id="applications-title">Applications</h1>
        {all.length === 0 ? (
          <Empty title="Nothing runs yet.">
            <p>
              Save this as <code>talk.ts</code> in the extensions folder. It starts when you save it, and
              again whenever you do, with everybody connected.
            </p>
            <Code>{sample}</Code>
          </Empty>
        ) : (
          <div class="cards">
            {all.map((application) => (
              <ApplicationCard key={application.name} application={application} />
            ))}
          </div>
        )}
      </section>
      <aside aria-label="Edits">
        <FirstSteps />
        <h2>Edits</h2>
        <EditFeed />
      </aside>
    </div>
  );
}
