import { AppError } from '../core/errors/app-error.js';

const CONVERSATION_ID = /^conv_[0-9A-Z]{24}$/;

/** Tells whether a text can be the id of a conversation at all. */
export function isConversationId(id: string): boolean {
  return CONVERSATION_ID.test(id);
}

/** What is said of an id that is unknown, malformed or of another project: the same of all. */
export function conversationNotFound(): AppError {
  return new AppError(
    'not_found',
    'There is no such conversation. Begin one with POST /v1/chat or /v1/conversations.',
    {
      param: 'conversation_id',
    },
  );
}
