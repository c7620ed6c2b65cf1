/** Starts `send` at even intervals, however long each takes, and resolves when all of them have ended. */
export async function steadyLoad(
  options: { perSecond: number; seconds: number },
  send: (index: number) => Promise<void>,
): Promise<void> {
  const total = options.perSecond * options.seconds;
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  while (running.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * options.perSecond));
    while (running.length < due) running.push(send(running.length));
    await new Promise((resolve) => setTimeout(resolve, 1000 / options.perSecond));
  }
  await Promise.all(running);
}
