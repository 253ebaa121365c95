// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
/** What state may be. */

/** `T` where it is JSON; what is not JSON in it becomes a text that can't be assigned to, so that the editor shows it. */
export type JsonOnly<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends NotJson
      ? "State is JSON: this would be lost. Use plain objects, arrays, strings, numbers, booleans and null."
      : { [Key in keyof T]: JsonOnly<T[Key]> };

type NotJson =
  | ((...parameters: any) => any)
  | bigint
  | symbol
  | Date
  | RegExp
  | Error
  | ReadonlyMap<any, any>
  | ReadonlySet<any>
  | WeakMap<any, any>
  | WeakSet<any>
  | Promise<any>
  | ArrayBuffer
  | ArrayBufferView;
