import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** What went wrong last, for all to see; empty where nothing did. */
export const trouble = signal("");

/** Runs what a button does; what it throws is shown in the console's own line for that. */
export async function attempt(task: () => unknown): Promise<void> {
  trouble.value = "";
  try {
    await task();
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error);
  }
}

/** The line that shows it. */
export function Trouble() {
  if (trouble.value === "") return <p class="trouble" role="alert" />;
  return (
    <p class="trouble shown" role="alert">
      <span>{trouble.value}</span>
      <button type="button" class="plain" aria-label="Dismiss" onClick={() => (trouble.value = "")}>
        ×
      </button>
    </p>
  );
}

/** A place where nothing is yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}
