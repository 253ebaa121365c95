// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
/** What schemas of any library have in common, and what they say about data. */

/** What every schema library has in common; see standardschema.dev. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
      ...rest: any[]
    ) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema accepts. */
export type SchemaInput<Schema> = Schema extends StandardSchemaV1<infer Input, any> ? Input : any;

/** What a schema makes of what it accepts. */
export type SchemaOutput<Schema> = Schema extends StandardSchemaV1<any, infer Output> ? Output : any;

/** Data by type of messages that nobody has declared: anything. */
export interface AnySent {
  [type: string]: any;
}

/** Data by type of the messages that `sends` declares, as a script gives them; anything where it declares none. */
export type SentBy<Sends> = [keyof Sends] extends [never]
  ? AnySent
  : { [Type in keyof Sends]: SchemaInput<Sends[Type]> };

/** Data of a message, and what follows it; the data may be left out where it may be undefined. */
export type SendArguments<Data, Rest extends unknown[] = []> = undefined extends Data
  ? [data?: Data, ...Rest]
  : [data: Data, ...Rest];
