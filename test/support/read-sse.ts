export interface ReadFrame {
  event: string | null;
  data: string;
}

/** Reads a whole event stream; comments are left out. */
export async function readSse(response: Response): Promise<ReadFrame[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .map(toFrame)
    .filter((frame): frame is ReadFrame => frame !== null);
}

function toFrame(block: string): ReadFrame | null {
  const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length));
  if (data.length === 0) return null;
  const event = lines.find((line) => line.startsWith('event: '))?.slice('event: '.length) ?? null;
  return { event, data: data.join('\n') };
}
