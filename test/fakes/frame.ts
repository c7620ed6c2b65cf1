/** What a frame of a scripted stream is for; faults aim at these. */
export type FrameKind = 'open' | 'content' | 'finish' | 'usage' | 'done' | 'other';

/** One server-sent event of a scripted stream. */
export interface Frame {
  kind: FrameKind;
  event?: string;
  data: string;
}

/** Writes a frame the way the vendors do. */
export function frameText(frame: Frame, lineEnd = '\n'): string {
  const event = frame.event === undefined ? '' : `event: ${frame.event}${lineEnd}`;
  return `${event}data: ${frame.data}${lineEnd}${lineEnd}`;
}

/** Changes the JSON in every frame for which `edit` returns a value; frames that carry no JSON stay as they are. */
export function editFrameJson(frames: Frame[], edit: (value: Record<string, unknown>) => void): Frame[] {
  return frames.map((frame) => {
    if (frame.kind === 'done' && !frame.data.startsWith('{')) return frame;
    const value = JSON.parse(frame.data) as Record<string, unknown>;
    edit(value);
    return { ...frame, data: JSON.stringify(value) };
  });
}
