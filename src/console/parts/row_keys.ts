/** Goes with the arrow keys to the link or button of the row above or below. */
export function walkRows(event: KeyboardEvent): void {
  const by =
    event.key === "ArrowDown"
      ? "nextElementSibling"
      : event.key === "ArrowUp"
        ? "previousElementSibling"
        : undefined;
  const item = (event.target as HTMLElement).closest("li");
  const next = by && item?.[by]?.querySelector<HTMLElement>("a, button");
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
