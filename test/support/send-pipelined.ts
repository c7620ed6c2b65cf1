import { connect } from 'node:net';

const AT_ONCE = 20;

/** Sends all requests over one connection, some at a time, and gives how many were answered. */
export async function sendPipelined(url: string, requests: readonly string[]): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answered = 0;
  let arrived: () => void = () => undefined;
  socket.setEncoding('latin1').on('data', (text: string) => {
    answered += text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
    arrived();
  });
  socket.on('close', () => {
    arrived();
  });
  for (let start = 0; start < requests.length; start += AT_ONCE) {
    const batch = requests.slice(start, start + AT_ONCE);
    const wanted = answered + batch.length;
    socket.write(batch.join(''));
    while (answered < wanted && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  }
  socket.destroy();
  return answered;
}
