/** The prelude's modules are imported as text (`with { type: "text" }`), which TypeScript does not know. */
declare module "../prelude/*" {
  const source: string;
  export default source;
}
