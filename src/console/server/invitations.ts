/** Which line of an application wants to be edited first. */
import { api, ask } from "./ask.ts";
import { PerVersion, type Versioned } from "./per_version.ts";

/** A line of a file, 1-based. */
export interface Invitation {
  readonly path: string;
  readonly line: number;
}

const invitations = new PerVersion(async (name) => {
  const { invitation } = await ask<{ invitation?: Invitation }>("GET", api(name, "files"));
  return invitation;
});

/** Returns the line of an application that its author asks to be edited first; undefined where there is none, and while that is not known. */
export function invitationOf(application: Versioned): Invitation | undefined {
  return invitations.of(application);
}

/** Has that asked for again: an edit may have moved the line. */
export function lookForInvitation(name: string): void {
  invitations.again(name);
}
