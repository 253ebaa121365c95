/** Something that each application has one of, made when it is first asked for. */
export class PerApplication<T> {
  readonly #all = new Map<string, T>();

  constructor(private readonly make: (application: string) => T) {}

  /** Returns what the application of that name has. */
  of(application: string): T {
    const found = this.#all.get(application);
    if (found !== undefined) return found;
    const made = this.make(application);
    this.#all.set(application, made);
    return made;
  }
}
