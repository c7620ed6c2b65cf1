import type { AppError } from '../../core/errors/app-error.js';
import type { SseFrame } from '../../core/sse-frame.js';

/**
 * The frame that ends the reading along with a response that may well go on: an `error` event, and none of the response's
 * own. Whoever reads on begins behind the last number they saw, so that it has none of its own to be counted.
 */
export function renderTailError({ code, message, param }: AppError): SseFrame {
  return { event: 'error', data: JSON.stringify({ type: 'error', code, message, param, sequence_number: 0 }) };
}
