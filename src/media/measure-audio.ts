import type { Clock } from '../core/clock.js';
import type { AudioFile } from '../core/media/media-request.js';
import { within } from '../core/within.js';

/** Broken files keep the parser busy, and fill the memory while they do. */
const MOST_MS = 3_000;
/** Of sound that was made smaller with a loss; a file that claims more is longer than it says. */
const MOST_LOSSY_BYTES_PER_SECOND = 64_000;

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
    const { duration, lossless, hasVideo } = format;
    if (duration === undefined || !Number.isFinite(duration) || duration <= 0) return null;
    const isLossy = lossless === false && hasVideo !== true;
    return isLossy ? Math.max(duration, sizeBytes / MOST_LOSSY_BYTES_PER_SECOND) : duration;
  } catch {
    return null;
  } finally {
    stream.destroy();
  }
}
