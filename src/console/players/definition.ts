/** What an application's definitions say of the messages that they take. */
import { signal } from "@preact/signals";
import type { MessagesView, TakenMessage } from "../../core/view/server_view.ts";
import { api, ask } from "../server/ask.ts";

/** By the name of the application. */
export const definitions = signal<ReadonlyMap<string, MessagesView>>(new Map());

/** Asks for the messages that an application takes; a server that does not tell them leaves the forms to JSON. */
export async function askDefinition(name: string): Promise<void> {
  try {
    const found = await ask<MessagesView>("GET", api(name, "messages"));
    definitions.value = new Map(definitions.value).set(name, found);
  } catch {
    // Forms go without.
  }
}

/** The messages that a room of a type takes; those of the application where the type is undefined. */
export function messagesOf(
  definition: MessagesView | undefined,
  type: string | undefined,
): readonly TakenMessage[] {
  if (type === undefined) return definition?.application ?? [];
  return definition?.rooms.find((room) => room.type === type)?.messages ?? [];
}
