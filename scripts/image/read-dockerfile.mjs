/** The stages of a Dockerfile in their order: a name, and instructions as their word and the rest of the line. */
export function readStages(text) {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages = [];
  for (const line of lines) {
    const [, word, rest] = /^(\S+)\s+(.*)$/.exec(line);
    if (word === 'FROM')
      stages.push({ name: / AS (\S+)$/.exec(rest)?.[1] ?? 'final', base: rest.split(' ')[0], instructions: [] });
    else stages.at(-1)?.instructions.push({ word, rest: rest.trim() });
  }
  return stages;
}

/** The words of a command in its JSON form. */
export function readWords(json) {
  return JSON.parse(json);
}
