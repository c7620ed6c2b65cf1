import type { Provider } from '@nestjs/common';
import { QuestionEmbedder } from './question-embedder.service.js';
import { QuestionScopes } from './question-scopes.service.js';
import { SemanticAnswers } from './semantic-answers.service.js';
import { SemanticCacheLayer } from './semantic-cache.layer.js';
import { SemanticKeeper } from './semantic-keeper.service.js';
import { SemanticLookup } from './semantic-lookup.service.js';
import { SemanticStore } from './semantic-store.js';
import { SemanticSweeper } from './semantic-sweeper.service.js';

/** All that the semantic cache consists of, for the module of the chat service. */
export const SEMANTIC_CACHE_PROVIDERS: readonly Provider[] = [
  QuestionEmbedder,
  QuestionScopes,
  SemanticAnswers,
  SemanticCacheLayer,
  SemanticKeeper,
  SemanticLookup,
  SemanticStore,
  SemanticSweeper,
];
