/** The prelude's modules are imported as text (`with { type: "text" }`), which TypeScript doesn't know. */
declare module "../prelude/*" {
  const source: string;
  export default source;
}
