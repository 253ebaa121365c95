import * as v from "valibot";
import type { RoomControl } from "../../../core/control/room_control.ts";
import { dataText } from "../../../protocol/bytes.ts";
import { DEFAULT_FRAME_BYTES } from "../../../protocol/frame.ts";
import { type Route, route } from "../route.ts";
import { data, name } from "../schemas/words.ts";

const PATH = "/applications/{application}";
const JSON_HEADERS = { "content-type": "application/json" };

const stateAnswer = v.object({ version: v.string(), state: v.unknown() });
const callAnswer = v.object({
  data: v.optional(
    v.pipe(v.unknown(), v.description("What the handler has returned; absent where that is nothing.")),
  ),
});

const failures = {
  application_not_found: 404,
  application_unavailable: 503,
  room_not_found: 404,
  no_handler: 409,
  busy: 503,
  timeout: 504,
};
const readFailures = { ...failures, room_closed: 409, state_not_written: 409 };
const callFailures = { ...failures, refused: 400, invalid_data: 400, handler_failed: 500, not_saved: 503 };

/** Makes the routes that ask scripts for something: their state, and the answers of handlers. */
export function callRoutes(control: RoomControl): Route[] {
  const reading = {
    method: "get",
    scope: "read",
    doing: "read the state",
    answer: stateAnswer,
    statuses: { 200: "The state between two events, and the version that runs it." },
    failures: readFailures,
  } as const;
  const calling = {
    method: "post",
    scope: "operate",
    doing: "call the script",
    body: v.strictObject({ type: name, data }),
    bodyBytes: DEFAULT_FRAME_BYTES,
    answer: callAnswer,
    statuses: { 200: "What the handler has answered." },
    failures: callFailures,
  } as const;
  const read = async (application: string, room: string | null) => {
    const { version, state } = await control.state(application, room);
    return textAnswer(`{"version":${JSON.stringify(version)},"state":${state}}`);
  };
  const call = async (
    application: string,
    room: string | null,
    { type, data }: { type: string; data?: unknown },
  ) => {
    const answer = await control.call(application, room, type, dataText(data));
    return textAnswer(answer === undefined ? "{}" : `{"data":${answer}}`);
  };
  return [
    route({
      ...reading,
      id: "applicationState",
      path: `${PATH}/state`,
      summary: "The state of the application's script.",
      handle: ({ params: { application = "" } }) => read(application, null),
    }),
    route({
      ...reading,
      id: "roomState",
      path: `${PATH}/rooms/{room}/state`,
      summary: "The state of a room's script.",
      handle: ({ params: { application = "", room = "" } }) => read(application, room),
    }),
    route({
      ...calling,
      id: "call",
      path: `${PATH}/call`,
      summary: "Has the application's `emits.<type>` handle an event, and answers with what it returns.",
      handle: ({ params: { application = "" }, body }) => call(application, null, body),
    }),
    route({
      ...calling,
      id: "callRoom",
      path: `${PATH}/rooms/{room}/call`,
      summary: "Has a room's `emits.<type>` handle an event, and answers with what it returns.",
      handle: ({ params: { application = "", room = "" }, body }) => call(application, room, body),
    }),
  ];
}

/** Answers with JSON that scripts have written, which nobody here needs to read. */
function textAnswer(text: string): Response {
  return new Response(text, { headers: { ...JSON_HEADERS, "cache-control": "no-store" } });
}
