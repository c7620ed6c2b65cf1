import { HostResolver } from '../../src/egress/host-resolver.js';

/** Answers what a test says, one answer after the other; the last one for good. */
export class ScriptedResolver extends HostResolver {
  readonly asked: string[] = [];
  readonly #answers = new Map<string, string[][]>();

  say(hostname: string, ...answers: string[][]): void {
    this.#answers.set(hostname, answers);
  }

  async resolve(hostname: string): Promise<readonly string[]> {
    this.asked.push(hostname);
    const answers = this.#answers.get(hostname);
    const next = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    if (!next) throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
    return next;
  }
}
