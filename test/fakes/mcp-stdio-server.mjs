import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createToolServer } from './mcp-tools.mjs';

// What a program says besides must not disturb the protocol.
process.stderr.write('ready\n');
await createToolServer().connect(new StdioServerTransport());
