/** Too much of everything that a script may ask for. */
import { allOf, type Hostile } from "../hostile.ts";

const breaches = {
  effects: "for (let i = 0; i < 201; i++) room.broadcast('x', i);",
  "effects that are caught":
    "for (let i = 0; i < 1000; i++) { try { room.broadcast('x', i); } catch {} } return 'fine';",
  "effects of a kind each":
    "for (let i = 0; i < 100; i++) { room.broadcast('x'); room.emit('x'); room.cancel('x'); }",
  messages: "for (let i = 0; i < 10; i++) room.broadcast('x', 'y'.repeat(600000));",
  bytes: "const page = new Uint8Array(600000); for (let i = 0; i < 10; i++) room.broadcast('x', page);",
  "bytes that are caught":
    "const page = new Uint8Array(600000); for (;;) { try { room.broadcast('x', page); } catch {} }",
  "a message": "room.broadcast('x', 'y'.repeat(1100000));",
  "a message of wide letters": "room.broadcast('x', '€'.repeat(400000));",
  "a reply": "return 'y'.repeat(1100000);",
  "a reply of escapes": "return '\\0'.repeat(200000);",
  recipients: "room.send(Array(5000).fill('y'.repeat(1000)), 'x');",
  "recipients that are caught": "try { room.send(Array(1e5).fill('u1'), 'x'); } catch {} return 1;",
  "an option": "room.application.createRoom('flood', { password: 'y'.repeat(70000) });",
  logs: "for (;;) console.log('y'.repeat(1000));",
  "empty logs": "for (;;) console.log();",
  "logs that are caught":
    "for (let i = 0; i < 100; i++) { try { console.error('y'.repeat(1000)); } catch {} } return 1;",
  "a log": "console.log('y'.repeat(1e6)); for (;;);",
  schedules: "for (let i = 0; i < 100; i++) room.schedule('t' + i, 1e9);",
  kicks: "for (let i = 0; i < 1000; i++) room.kick('nobody' + i, 'y'.repeat(1000));",
};

/** Within what one event may ask for: what the server does with it is its business, and bounded. */
const taken = {
  "200 effects": "for (let i = 0; i < 200; i++) room.broadcast('x', i); return 200;",
  "10 KB of log": "console.log('y'.repeat(10000)); return 1;",
  "200 rooms": "for (let i = 0; i < 200; i++) room.application.createRoom('flood ' + i); return 200;",
  "the same room 200 times":
    "for (let i = 0; i < 200; i++) room.application.createRoom('flood'); return 200;",
  "200 messages to rooms that are not there":
    "for (let i = 0; i < 200; i++) room.application.room('none ' + i).broadcast('x'); return 200;",
  "200 events for rooms that are not there":
    "for (let i = 0; i < 200; i++) room.application.room('none ' + i).emit('x'); return 200;",
  "200 kicks of nobody": "for (let i = 0; i < 200; i++) room.kick('nobody ' + i, 'gone'); return 200;",
  "200 moves to rooms that are not there":
    "for (let i = 0; i < 200; i++) room.move(user, 'none ' + i); return 200;",
  "200 users who are to join":
    "for (let i = 0; i < 200; i++) room.application.join(user, 'none'); return 200;",
  "200 settings of the room":
    "for (let i = 0; i < 200; i++) room.update({ hidden: i % 2 === 0, meta: 'y'.repeat(1000) }); return 200;",
  "200 cancels": "for (let i = 0; i < 200; i++) room.cancel('none' + i); return 200;",
  "200 events that nothing hears": "for (let i = 0; i < 200; i++) room.emit('unheard', i); return 200;",
};

/** What takes about as long as an event may in an engine that has not warmed up: here it may take longer. */
const settings = { limits: { cpuPerEvent: 1000, cpuHard: 2000 } };

const timers = (body: string) => `timers: { again(room) { ${body} } },`;
const emits = (body: string) => `emits: { again(room, data) { ${body} } },`;

/** What goes on by itself and never stops, until its author edits it. */
const storms: Hostile[] = [
  {
    name: "storm of timers that take no time",
    more: timers("room.schedule('again', 0);"),
    code: "room.schedule('again', 0);",
    must: "ok",
  },
  {
    name: "storm of timers that never end",
    more: timers("room.schedule('again', 0); for (;;);"),
    code: "for (let i = 0; i < 3; i++) room.schedule('again', 0);",
    must: "ok",
  },
  {
    name: "storm of events to oneself",
    more: emits("room.emit('again');"),
    code: "room.emit('again');",
    must: "ok",
  },
  {
    name: "storm of events that double",
    more: emits("room.emit('again'); room.emit('again');"),
    code: "room.emit('again');",
    must: "ok",
  },
  {
    name: "storm of events that multiply by 200",
    // What waits when the edit comes has to be worked off, 1.5 ms each; the other storms fill a queue of the usual length.
    settings: { limits: { queue: 1000 } },
    more: emits("for (let i = 0; i < 200; i++) room.emit('again');"),
    code: "room.emit('again');",
    must: "ok",
  },
  {
    name: "storm of large events that multiply",
    more: emits("for (let i = 0; i < 4; i++) room.emit('again', 'y'.repeat(60000));"),
    code: "room.emit('again');",
    must: "ok",
  },
  {
    name: "storm of events between two rooms",
    must: "ok",
    more: `events: { emit(room, { data }) { room.application.room(data).emit('again', room.name); room.broadcast('pong', data); } },`,
    code: "room.application.createRoom('other', { keep: true }); room.application.room('other').emit('again', room.name);",
  },
  {
    name: "storm of events between rooms that double",
    must: "ok",
    more: `events: { emit(room, { data }) { for (let i = 0; i < 2; i++) room.application.room(data).emit('again', room.name); } },`,
    code: "room.application.createRoom('other', { keep: true }); room.application.room('other').emit('again', room.name);",
  },
  {
    name: "storm of rooms that make rooms",
    must: "ok",
    settings: { maxRooms: 300 },
    more: `events: { init(room) { for (let i = 0; i < 20; i++) room.application.createRoom(room.name.slice(-20) + i, { keep: true }); } },`,
    code: "room.application.createRoom('seed');",
  },
  {
    name: "storm of rooms that open and close",
    must: "ok",
    more: `${emits("room.application.createRoom('brief'); room.application.room('brief').close('x'); room.emit('again');")}`,
    code: "room.emit('again');",
  },
  {
    name: "storm of ticks that never end",
    more: "tickRate: 60, tick() { for (;;); },",
    code: "return 1;",
    must: "ok",
  },
  {
    name: "storm of ticks that throw",
    more: "tickRate: 60, tick() { throw new Error('tick'); },",
    code: "return 1;",
    must: "ok",
  },
  {
    name: "storm of ticks that log",
    more: "tickRate: 60, tick() { console.log('y'.repeat(9000)); },",
    code: "return 1;",
    must: "ok",
  },
  {
    name: "storm of ticks that send",
    more: "tickRate: 60, tick(room) { for (let i = 0; i < 4; i++) room.broadcast('x', 'y'.repeat(60000)); },",
    code: "return 1;",
    must: "ok",
  },
  {
    name: "storm of ticks that wait",
    more: "tickRate: 60, async tick() { await new Promise(() => {}); },",
    code: "return 1;",
    must: "ok",
  },
].map((storm) => ({ ...storm, after: "edited" }));

const closing: Hostile[] = [
  { name: "a room that closes itself", code: "room.close('enough');", must: "ok", after: "closed" },
  {
    name: "a room that closes itself and goes on",
    code: "room.close('enough'); for (let i = 0; i < 50; i++) { room.broadcast('x'); room.emit('y'); }",
    must: "ok",
    after: "closed",
  },
  {
    name: "a room that closes itself in close",
    more: "events: { close(room) { room.close('again'); for (;;); } },",
    code: "room.close('enough');",
    must: "ok",
    after: "closed",
  },
  {
    name: "a room that kicks its only user",
    code: "room.kick(user, 'out'); return 1;",
    must: "ok",
    after: "closed",
  },
];

export const floods: readonly Hostile[] = [
  ...allOf("flood of", breaches, { must: "handler_failed" }),
  ...allOf("much:", taken, { must: "ok", settings }),
  {
    name: "much: 4 MB of messages",
    code: "for (let i = 0; i < 4; i++) room.broadcast('x', 'y'.repeat(1000000)); return 4;",
    settings,
    must: { gives: 4 },
  },
  ...storms,
  ...closing,
];
