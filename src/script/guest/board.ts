/** Numbers on the board and their places, as `prelude/dispatcher.js` has them. */
const Place = { event: 0, script: 1, seq: 2, outOfMemory: 3, interrupted: 4, budget: 5 } as const;

/** Bytes of the board. */
export const BOARD = Object.keys(Place).length * 8;

/** A few numbers in the guest's memory that host and guest both see without a crossing. */
export class Board {
  #view = new Float64Array(0);

  /** `address` is that of `BOARD` bytes which stay where they are. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly address: number,
  ) {}

  /** Number of the running event in its batch, from 1; 0 where none runs. */
  get event(): number {
    return this.#get("event");
  }

  /** `[script, seq]` of the running event. */
  get culprit(): [script: number, seq: number] {
    return [this.#get("script"), this.#get("seq")];
  }

  /** CPU time that the running event may take, ms. */
  get budget(): number {
    return this.#get("budget");
  }

  /** 1 where memory ran out, 2 where it may have been that. */
  get outOfMemory(): number {
    return this.#get("outOfMemory");
  }

  /** Number of the event that was interrupted last; the guest reads it. */
  set interrupted(event: number) {
    this.#numbers[Place.interrupted] = event;
  }

  #get(place: keyof typeof Place): number {
    return this.#numbers[Place[place]] ?? 0;
  }

  /** The memory's buffer is another one after it has grown. */
  get #numbers(): Float64Array {
    const { buffer } = this.memory;
    if (this.#view.buffer !== buffer) this.#view = new Float64Array(buffer, this.address, BOARD / 8);
    return this.#view;
  }
}
