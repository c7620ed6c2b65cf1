import type { ConversationsConfig } from '../conversations-config.js';
import type { ModelsFile } from './models-file.js';

const MAX_MESSAGES = 5_000;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
const SUMMARY_TOKENS = 600;
const SUMMARY_WAIT_MS = 10_000;

/** What the file says of conversations. A summary by a model that no provider here can be asked for is left out. */
export function toConversationsConfig(
  entry: ModelsFile['conversations'],
  findUsable: (name: string) => string | null,
): ConversationsConfig {
  const summary = entry?.summary;
  const model = summary ? findUsable(summary.model) : null;
  return {
    maxMessages: entry?.max_messages ?? MAX_MESSAGES,
    maxMessageBytes: entry?.max_message_bytes ?? MAX_MESSAGE_BYTES,
    summary:
      summary && model !== null
        ? {
            model,
            maxTokens: summary.max_tokens ?? SUMMARY_TOKENS,
            maxWaitMs: summary.max_wait_ms ?? SUMMARY_WAIT_MS,
          }
        : null,
  };
}
