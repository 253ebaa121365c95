/** Files that are imported with `type: "text"`, for the compiler, which would take them for modules. */
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.generated.js" {
  const text: string;
  export default text;
}
declare module "*.md" {
  const text: string;
  export default text;
}
