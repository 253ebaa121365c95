/**
 * Makes an element. Text is set as text and never read as HTML: names and messages come from anybody.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] of the element; `data` is its data attributes, `on` its listeners
 * @param {...(Node | string | undefined | null | false)} children
 */
export function element(tag, { data = {}, on = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, data);
  for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener);
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** The element of the page that has an id. */
export function byId(id) {
  return document.getElementById(id);
}
