/** Steps in which a path may be encoded again and again; no server decodes as often. */
const MAX_ENCODINGS = 4;

/** Returns why a text can't be a prefix of URLs that scripts may fetch; undefined where it can. */
export function prefixProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return "it must be a URL, as https://api.example.com/v1";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "it must begin with https:// or http://";
  if (url.username !== "" || url.password !== "") return "a URL must not hold a name or a password";
  if (url.search !== "" || url.hash !== "" || /[?#]$/.test(text)) return "it must end with a path";
  if (climbs(url.pathname)) return "its path must not lead up";
  return undefined;
}

/**
 * Returns true if a URL lies under one of the prefixes: same scheme, host and port, and a path that begins with all of the prefix's
 * segments. A path that a server might take for one with `..` in it lies under none.
 */
export function isListed(url: URL, prefixes: readonly string[]): boolean {
  if (url.username !== "" || url.password !== "" || climbs(url.pathname)) return false;
  return prefixes.some((text) => {
    const prefix = new URL(text);
    if (url.origin !== prefix.origin) return false;
    const { pathname } = prefix;
    return url.pathname === pathname || url.pathname.startsWith(pathname.replace(/\/?$/, "/"));
  });
}

/** Returns true if a path, however often it is decoded, has a segment `..`; the parser has taken out those that it knows. */
function climbs(pathname: string): boolean {
  let path = pathname;
  for (let i = 0; i < MAX_ENCODINGS; i++) {
    if (path.split(/[/\\]/).some((segment) => /^\.\.?(?:;|$)/.test(segment))) return true;
    const decoded = path.replace(/%(2[ef5]|3b|5c)/gi, (text) => decodeURIComponent(text));
    if (decoded === path) return false;
    path = decoded;
  }
  return true;
}
