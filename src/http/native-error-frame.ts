import type { AppError } from '../core/errors/app-error.js';
import type { SseFrame } from '../core/sse-frame.js';
import { renderNativeErrorFrame } from '../dialects/native-chat/render-native-stream.js';

/** The frame that ends a failed stream of a native route, for features that know no dialect. */
export function nativeErrorFrame(error: AppError, requestId: string): SseFrame {
  return renderNativeErrorFrame(error, requestId);
}
