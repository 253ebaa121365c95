/** Source text of what is built into every sandbox: the prelude's modules, what they know of the wire, and valibot. */

// @ts-expect-error TypeScript sees the package, not its text.
import valibot from "valibot" with { type: "text" };
import answer from "../prelude/answer.js" with { type: "text" };
import application from "../prelude/application.js" with { type: "text" };
import args from "../prelude/arguments.js" with { type: "text" };
import base64 from "../prelude/base64.js" with { type: "text" };
import builtins from "../prelude/builtins.js" with { type: "text" };
import bytes from "../prelude/bytes.js" with { type: "text" };
import chance from "../prelude/chance.js" with { type: "text" };
import clock from "../prelude/clock.js" with { type: "text" };
import console from "../prelude/console.js" with { type: "text" };
import cron from "../prelude/cron.js" with { type: "text" };
import crypto from "../prelude/crypto.js" with { type: "text" };
import declaredValues from "../prelude/declared_values.js" with { type: "text" };
import definition from "../prelude/definition.js" with { type: "text" };
import dispatcher from "../prelude/dispatcher.js" with { type: "text" };
import effects from "../prelude/effects.js" with { type: "text" };
import event from "../prelude/event.js" with { type: "text" };
import failure from "../prelude/failure.js" with { type: "text" };
import fetch from "../prelude/fetch.js" with { type: "text" };
import form from "../prelude/form.js" with { type: "text" };
import format from "../prelude/format.js" with { type: "text" };
import globals from "../prelude/globals.js" with { type: "text" };
import handlerPlace from "../prelude/handler_place.js" with { type: "text" };
import growth from "../prelude/growth.js" with { type: "text" };
import handling from "../prelude/handling.js" with { type: "text" };
import hotroom from "../prelude/hotroom.js" with { type: "text" };
import http from "../prelude/http.js" with { type: "text" };
import inspect from "../prelude/inspect.js" with { type: "text" };
import jobs from "../prelude/jobs.js" with { type: "text" };
import limits from "../prelude/limits.js" with { type: "text" };
import losses from "../prelude/losses.js" with { type: "text" };
import members from "../prelude/members.js" with { type: "text" };
import objectKinds from "../prelude/object_kinds.js" with { type: "text" };
import positions from "../prelude/positions.js" with { type: "text" };
import readable from "../prelude/readable.js" with { type: "text" };
import recode from "../prelude/recode.js" with { type: "text" };
import relay from "../prelude/relay.js" with { type: "text" };
import refusal from "../prelude/refusal.js" with { type: "text" };
import room from "../prelude/room.js" with { type: "text" };
import roomOptions from "../prelude/room_options.js" with { type: "text" };
import rooms from "../prelude/rooms.js" with { type: "text" };
import schema from "../prelude/schema.js" with { type: "text" };
import script from "../prelude/script.js" with { type: "text" };
import sends from "../prelude/sends.js" with { type: "text" };
import stack from "../prelude/stack.js" with { type: "text" };
import state from "../prelude/state.js" with { type: "text" };
import stateEdit from "../prelude/state_edit.js" with { type: "text" };
import testCompare from "../prelude/test_compare.js" with { type: "text" };
import testExpect from "../prelude/test_expect.js" with { type: "text" };
import testKit from "../prelude/test_kit.js" with { type: "text" };
import structuredClone from "../prelude/structured_clone.js" with { type: "text" };
import textDecoder from "../prelude/text_decoder.js" with { type: "text" };
import textEncoder from "../prelude/text_encoder.js" with { type: "text" };
import timersSet from "../prelude/timers_set.js" with { type: "text" };
import views from "../prelude/views.js" with { type: "text" };
import watchers from "../prelude/watchers.js" with { type: "text" };
import { INTERNAL_PREFIX } from "./module_names.ts";
import { wireModule } from "./wire_module.ts";

const files = {
  answer,
  application,
  arguments: args,
  base64,
  builtins,
  bytes,
  chance,
  clock,
  console,
  cron,
  crypto,
  declared_values: declaredValues,
  definition,
  dispatcher,
  effects,
  event,
  failure,
  fetch,
  form,
  format,
  globals,
  handler_place: handlerPlace,
  growth,
  handling,
  hotroom,
  http,
  inspect,
  jobs,
  limits,
  losses,
  members,
  object_kinds: objectKinds,
  positions,
  readable,
  recode,
  refusal,
  relay,
  room,
  room_options: roomOptions,
  rooms,
  schema,
  script,
  sends,
  stack,
  state,
  state_edit: stateEdit,
  test_compare: testCompare,
  test_expect: testExpect,
  test_kit: testKit,
  structured_clone: structuredClone,
  text_decoder: textDecoder,
  text_encoder: textEncoder,
  timers_set: timersSet,
  views,
  watchers,
  wire: wireModule(),
};

/** Source by the name of the module, as `resolveImport` returns it. */
export const builtIn: ReadonlyMap<string, string> = new Map<string, string>([
  ...Object.entries(files).map(([name, source]): [string, string] => [
    `${INTERNAL_PREFIX}${name}.js`,
    source,
  ]),
  ["valibot", valibot],
]);
