import type { ChatRequest } from '../../../../core/chat/chat-request.js';
import type { JsonValue } from '../../../../core/json.js';
import type { ChatProtocol } from '../../../transport/chat-protocol.js';
import { EchoTrimmer } from './echo-trimmer.js';

/** The protocol of a request that asks for its prompt to be repeated, without the repetition; itself for all others. */
export function withoutEcho(protocol: ChatProtocol, { source }: ChatRequest): ChatProtocol {
  const { echo, prompt } = source?.body ?? {};
  const text = echo === true ? textOf(prompt) : '';
  if (text === '') return protocol;
  return {
    createStreamReader: () => {
      const reader = protocol.createStreamReader();
      const trimmer = new EchoTrimmer(text);
      return {
        get isDone() {
          return reader.isDone;
        },
        read: (event) => reader.read(event).map((each) => trimmer.trim(each)),
        end: () => reader.end().map((each) => trimmer.trim(each)),
      };
    },
    readReply: (reply) => {
      const trimmer = new EchoTrimmer(text);
      return protocol.readReply(reply).map((each) => trimmer.trim(each));
    },
    readFailure: (status, headers, body) => protocol.readFailure(status, headers, body),
  };
}

// Of tokens only the numbers are known.
function textOf(prompt: JsonValue | undefined): string {
  const only = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  return typeof only === 'string' ? only : '';
}
