/** What the name of an HTTP header looks like. */
export const headerNamePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What its value does: nothing in it ends a header, or is what HTTP can't carry. */
export const headerValuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;
