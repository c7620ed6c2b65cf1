import type { Clock } from '../core/clock.js';
import type { AudioFile } from '../core/media/media-request.js';
import { within } from '../core/within.js';

const MOST_MS = 5_000;

/** Seconds of sound, from its container; null when that does not tell, or reading it takes too long. Never rejects. */
export async function measureAudio(
  { name, mediaType, sizeBytes, open }: Omit<AudioFile, 'seconds'>,
  clock: Clock,
): Promise<number | null> {
  const stream = open();
  stream.on('error', () => undefined);
  try {
    // Only who sends sound pays for the library.
    const { parseStream } = await import('music-metadata');
    const info = { path: name, mimeType: mediaType === '' ? undefined : mediaType, size: sizeBytes };
    const options = { duration: true, skipCovers: true, skipPostHeaders: true };
    const { format } = await within(parseStream(stream, info, options), MOST_MS, clock);
    const { duration } = format;
    return duration !== undefined && Number.isFinite(duration) && duration > 0 ? duration : null;
  } catch {
    return null;
  } finally {
    stream.destroy();
  }
}
