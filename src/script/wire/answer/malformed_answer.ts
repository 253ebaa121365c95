/** An answer that no honest script host gives. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";

  constructor(
    message: string,
    /** Index of the outcome that is malformed; absent if any event of the batch may have forged the answer. */
    readonly index?: number,
  ) {
    super(message);
  }
}
