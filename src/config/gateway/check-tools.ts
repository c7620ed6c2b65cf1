import { checkHttpTool } from '../check-http-tool.js';
import { NO_PARAMETERS } from '../tools-config.js';
import type { HttpToolEntry, McpServerEntry, ModelsFile } from './models-file.js';
import type { FileProblem } from './validate-models-file.js';

/** What the file says wrongly about tools although its form is right. */
export function checkTools(file: ModelsFile): FileProblem[] {
  return [
    ...Object.entries(file.tools ?? {}).flatMap(([name, entry]) => checkHttpEntry(name, entry)),
    ...Object.entries(file.mcp_servers ?? {}).flatMap(([name, entry]) => checkServer(name, entry)),
  ];
}

function checkHttpEntry(name: string, { url, parameters = NO_PARAMETERS, headers = {} }: HttpToolEntry): FileProblem[] {
  return checkHttpTool({ url, parameters, headers }).map(({ field, message }) => ({
    path: ['tools', name, field],
    message,
  }));
}

function checkServer(name: string, entry: McpServerEntry): FileProblem[] {
  const problem = (message: string): FileProblem[] => [{ path: ['mcp_servers', name], message }];
  const { url, command, headers, args, env, cwd } = entry;
  if ((url === undefined) === (command === undefined)) return problem('needs either url or command');
  if (url !== undefined && (args ?? env ?? cwd) !== undefined) {
    return problem('has a url, so args, env and cwd mean nothing; they belong to command');
  }
  return command !== undefined && headers !== undefined
    ? problem('has a command, so headers mean nothing; they belong to url')
    : [];
}
