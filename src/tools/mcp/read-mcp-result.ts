import type { ToolOutput } from '../server-tool.js';
import type { McpContent, McpResult } from './mcp-client.js';

/** What an MCP tool gave, in words for the model: its texts as they are, and of everything else what it was. */
export function readMcpResult({ content = [], structuredContent, isError = false }: McpResult): ToolOutput {
  const texts = content.map(textOf).filter((text) => text !== '');
  // Servers that give both say the same twice.
  if (texts.length === 0 && structuredContent) texts.push(JSON.stringify(structuredContent));
  return { content: texts.length === 0 ? 'The tool gave nothing.' : texts.join('\n'), isError };
}

function textOf(part: McpContent): string {
  switch (part.type) {
    case 'text':
      return part.text ?? '';
    case 'resource':
      return part.resource?.text ?? `[a resource that cannot be shown as text: ${part.resource?.uri ?? 'unnamed'}]`;
    case 'resource_link':
      return `[a link to a resource: ${part.name ?? ''} ${part.uri ?? ''}]`;
    default:
      return `[${part.type} of type ${part.mimeType ?? 'unknown'}, which cannot be shown as text]`;
  }
}
