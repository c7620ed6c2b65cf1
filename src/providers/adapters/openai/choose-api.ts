import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { DialectName } from '../../../core/chat/wire-object.js';
import type { OpenAiApi, ProviderConfig } from '../../../config/gateway-config.js';
import type { CatalogKind } from '../../catalog/catalog-entry.js';

/** What decides by which surface a request goes. */
interface AskedModel {
  readonly name: string;
  /** What the catalogue knows it to be; null where it knows nothing. */
  readonly kind: CatalogKind | null;
}

const ALL: readonly OpenAiApi[] = ['chat', 'responses', 'completions'];
const DEPLOYMENTS: readonly OpenAiApi[] = ['chat', 'completions'];
const CHAT_ONLY: readonly OpenAiApi[] = ['chat'];

// OpenAI has these behind its chat completions alone, and these behind its completions, where the catalogue does not tell.
const WITHOUT_RESPONSES = /(?:^|-)(?:audio|search)(?:-|$)/;
const COMPLETES = /^(?:babbage|davinci)-|(?:^|-)instruct(?:-|$)/;

/** The surfaces of a configured server: as the operator says, else as its type tells. */
export function apisOf({ type, apis, azure }: Pick<ProviderConfig, 'type' | 'apis' | 'azure'>): readonly OpenAiApi[] {
  if (apis) return apis;
  if (type === 'openai-compatible') return CHAT_ONLY;
  return azure !== null && azure.apiVersion !== null ? DEPLOYMENTS : ALL;
}

/** What a server has, and whether it is OpenAI's own or Azure's. */
export interface AskedServer {
  readonly apis: readonly OpenAiApi[];
  readonly isStrict: boolean;
}

/**
 * The surface for a request: the only one that its model has, else that of the dialect it came in where the server has it,
 * so that nothing is lost, else chat. What a server does not have is never chosen while it has another.
 */
export function chooseApi({ source }: Pick<ChatRequest, 'source'>, model: AskedModel, server: AskedServer): OpenAiApi {
  const { apis } = server;
  const wanted = onlyApiOf(model) ?? apiOfDialect(source?.dialect, model.name, server.isStrict);
  if (wanted !== null && apis.includes(wanted)) return wanted;
  return apis.includes('chat') ? 'chat' : (apis[0] ?? 'chat');
}

function onlyApiOf({ kind }: AskedModel): OpenAiApi | null {
  if (kind === 'responses') return 'responses';
  return kind === 'completion' ? 'completions' : null;
}

// OpenAI's own chat models take no completions; other servers' models are one and the same.
function apiOfDialect(dialect: DialectName | undefined, name: string, isStrict: boolean): OpenAiApi | null {
  if (dialect === 'openai-responses') return isStrict && WITHOUT_RESPONSES.test(name) ? null : 'responses';
  return dialect === 'openai-completions' && (!isStrict || COMPLETES.test(name)) ? 'completions' : null;
}
