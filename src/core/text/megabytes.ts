/** Returns a size as people read it: `1.5 MB` for 1,572,864 bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
