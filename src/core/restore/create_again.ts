import type { Application } from "../application/application.ts";
import type { Hearing } from "../extension/durable_extension.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { RoomOptions } from "../room/room_options.ts";

/**
 * Returns who makes the room that a client had asked for when the server ended, and answers the client; `origin` is what was kept with
 * the request.
 */
export function createAgain(
  application: Application,
  event: ScriptEvent & { kind: "create" },
  origin: JsonText | undefined,
): Hearing {
  const { name } = JSON.parse(event.request) as { name: string };
  const options = optionsOf(origin);
  const before = (outcome: Outcome) => {
    if (outcome.failure || !options) return application.answerAgain(origin, outcome);
    const making = make(application, name, options, event.user.id);
    void making.then(
      () =>
        void application.answerAgain(origin, {
          ...outcome,
          value: JSON.stringify({ room: name, type: options.type }),
        }),
      () => void application.answerAgain(origin, failedOf(outcome, name)),
    );
    return {
      first: 0,
      settle: () =>
        making.then(
          () => true,
          () => false,
        ),
    };
  };
  return { before };
}

/** Makes the room, where it was not made yet, and tells of it. */
async function make(
  application: Application,
  name: string,
  options: RoomOptions,
  user: string,
): Promise<void> {
  const room = application.rooms.get(name) ?? application.createRoom(name, options, new Set());
  await room.ready;
  application.announce(room, application.users.get(user));
}

function failedOf(outcome: Outcome, name: string): Outcome {
  const message = `Cannot create room "${name}": it could not be set up.`;
  return { ...outcome, failure: { code: "handler_failed", message } };
}

function optionsOf(origin: JsonText | undefined): RoomOptions | undefined {
  return origin === undefined ? undefined : JSON.parse(origin).options;
}
