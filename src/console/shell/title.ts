import { computed } from "@preact/signals";
import { spot } from "../parts/address.ts";
import { sections } from "./sections.ts";

/** What the browser's tab is called: where in the console one is, the innermost first. */
export const title = computed(() => {
  const { application, section, item } = spot.value ?? {};
  const part = item ?? sections.find(({ name }) => name === section)?.title;
  return [application && part, application, "hotroom"].filter(Boolean).join(" · ");
});
