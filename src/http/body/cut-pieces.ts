/** A stream's bytes in pieces of one size, the last one shorter. Throws what `tooLarge` makes as soon as there are more than `limitBytes`. */
export async function* cutPieces(
  stream: AsyncIterable<Buffer>,
  pieceBytes: number,
  limitBytes: number,
  tooLarge: (limitBytes: number) => Error,
): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let [held, total] = [0, 0];
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
    held += chunk.length;
    while (held >= pieceBytes) {
      const bytes = Buffer.concat(chunks, held);
      yield bytes.subarray(0, pieceBytes);
      const rest = bytes.subarray(pieceBytes);
      chunks = [rest];
      held = rest.length;
    }
  }
  if (held > 0) yield Buffer.concat(chunks, held);
}
