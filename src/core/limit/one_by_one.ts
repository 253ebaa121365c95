/** Tasks that are done one after another where they have the same name. */
export class OneByOne {
  /** The last task of each name. */
  readonly #last = new Map<string, Promise<void>>();

  /** `failed` hears of a task that has rejected. */
  constructor(private readonly failed: (name: string, error: unknown) => void) {}

  /** Does a task after those before it of that name; never rejects. */
  add(name: string, task: () => Promise<void>): Promise<void> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(task);
    const settled = turn.catch((error) => this.failed(name, error));
    this.#last.set(name, settled);
    return settled;
  }
}
