import { useRef } from "preact/hooks";
import { type PageFrame, removeFrame } from "./stage.ts";

/** The application's own page in a frame: without this origin's rights, since it is not the console's friend. */
export function PageCard({
  application,
  address,
  frame,
}: {
  application: string;
  address: string;
  frame: PageFrame;
}) {
  const inner = useRef<HTMLIFrameElement>(null);
  const reload = () => {
    if (inner.current) inner.current.src = address;
  };
  return (
    <article class="player page-card" aria-label={`Page ${frame.id} of ${application}`}>
      <div class="player-head">
        <strong>Its page</strong>
        <span class="end actions">
          <button type="button" class="small quiet" onClick={reload}>
            Reload
          </button>
          <button
            type="button"
            class="plain"
            aria-label="Close the page"
            onClick={() => removeFrame(application, frame)}
          >
            ×
          </button>
        </span>
      </div>
      <iframe
        ref={inner}
        title={`Page of ${application}`}
        src={address}
        sandbox="allow-scripts allow-forms allow-pointer-lock"
        referrerpolicy="no-referrer"
      />
    </article>
  );
}
