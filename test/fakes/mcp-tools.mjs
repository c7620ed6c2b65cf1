import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

/** A real MCP server with the tools that tests use: add, break, crash, hang, huge, picture, grow, where. */
export function createToolServer() {
  const server = new McpServer({ name: 'tests', version: '1' });
  const text = (value) => ({ content: [{ type: 'text', text: value }] });
  const numbers = { a: z.number(), b: z.number() };
  server.registerTool('add', { description: 'Adds.', inputSchema: numbers }, ({ a, b }) => text(String(a + b)));
  server.registerTool('break', { description: 'Fails.' }, () => ({ ...text('It broke.'), isError: true }));
  server.registerTool('crash', { description: 'Ends the process.' }, () => process.exit(3));
  server.registerTool('hang', { description: 'Never answers.' }, () => new Promise(() => undefined));
  const huge = { a: z.string().describe('x'.repeat(70_000)) };
  server.registerTool('huge', { description: 'Says too much.', inputSchema: huge }, () => text('huge'));
  server.registerTool('picture', { description: 'Paints.' }, () => ({
    content: [{ type: 'image', mimeType: 'image/png', data: 'aGk=' }],
  }));
  server.registerTool('where', { description: 'Tells of its environment.' }, () =>
    text(JSON.stringify({ pid: process.pid, env: process.env })),
  );
  let isGrown = false;
  server.registerTool('grow', { description: 'Makes one more tool.' }, () => {
    if (!isGrown) server.registerTool('late', { description: 'Came later.' }, () => text('here'));
    isGrown = true;
    return text('grown');
  });
  return server;
}
