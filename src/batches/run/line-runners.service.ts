import { Injectable } from '@nestjs/common';
import { ChatService } from '../../chat/chat.service.js';
import { LegacyCompletions } from '../../chat-api/legacy-completions.service.js';
import type { CallContext } from '../../core/call-context.js';
import { collectChat } from '../../core/chat/collect-chat.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import { parseMessagesRequest } from '../../dialects/anthropic-messages/parse-messages-request.js';
import { renderMessage } from '../../dialects/anthropic-messages/render-message.js';
import { openAiChatDialect } from '../../dialects/openai-chat/openai-chat-dialect.js';
import { parseCompletionRequest } from '../../dialects/openai-completions/parse-completion-request.js';
import { renderCompletionResults } from '../../dialects/openai-completions/render-completion-result.js';
import { parseEmbeddingRequest } from '../../dialects/openai-embeddings/parse-embedding-request.js';
import { renderEmbeddingResult } from '../../dialects/openai-embeddings/render-embedding-result.js';
import { parseModerationRequest } from '../../dialects/openai-media/parse-moderation-request.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { MediaService } from '../../media/media.service.js';
import type { EndpointUrl } from '../endpoints.js';
import { ResponseLines } from './response-lines.service.js';

type Runner = (body: JsonObject, call: CallContext) => Promise<unknown>;

/** Answers the requests of lines as their routes do, whole. */
@Injectable()
export class LineRunners {
  readonly #runners: Readonly<Record<EndpointUrl, Runner>>;

  constructor(
    chat: ChatService,
    embeddings: EmbeddingsService,
    responses: ResponseLines,
    completions: LegacyCompletions,
    media: MediaService,
  ) {
    this.#runners = {
      '/v1/chat/completions': async (body, call) => {
        const wanted = openAiChatDialect.parse(body);
        return openAiChatDialect.renderResult(await collectChat(await chat.answer(wanted, call)), wanted);
      },
      '/v1/completions': async (body, call) => {
        const wanted = parseCompletionRequest(body);
        return renderCompletionResults(await completions.answerWhole(wanted, call), wanted);
      },
      '/v1/messages': async (body, call) =>
        renderMessage(await collectChat(await chat.answer(parseMessagesRequest(body, []), call))),
      '/v1/embeddings': async (body, call) => {
        const { encoding, ...wanted } = parseEmbeddingRequest(body);
        return renderEmbeddingResult(await embeddings.embed(wanted, call), encoding);
      },
      '/v1/responses': (body, call) => responses.run(body, call),
      '/v1/moderations': async (body, call) => {
        const answer = await media.moderate(parseModerationRequest(body), call);
        if (answer.type !== 'whole') throw new Error('Judgements came as a stream.');
        return parseExactJson(answer.text);
      },
    };
  }

  /** The body of the route's answer. Rejects with AppError. */
  async run(url: EndpointUrl, body: JsonObject, call: CallContext): Promise<unknown> {
    for (const name of ['stream', 'background']) {
      if (body[name] !== true) continue;
      const message = `\`${name}\` is not possible in a batch, whose results are fetched later. Leave it out.`;
      throw new InvalidRequestError('invalid_value', message, { param: name });
    }
    return this.#runners[url](body, call);
  }
}
