import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/** What a clean checkout sends to a builder: the files that git has or would add, as .dockerignore lets them through. */
export function filesOfContext(root) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const files = listed.toString('utf8').split('\0');
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return files.filter((file) => file !== '' && existsSync(join(root, file)) && !isIgnored(file, rules));
}

/** The last rule that matches the file or a folder that it is in decides. */
export function isIgnored(file, rules) {
  const folders = file.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  let ignored = false;
  for (const rule of rules) {
    const pattern = rule.replace(/^!/, '').replace(/\/$/, '');
    if (folders.some((path) => matchesGlob(path, pattern))) ignored = !rule.startsWith('!');
  }
  return ignored;
}
