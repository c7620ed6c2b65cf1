import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BatchWorld, chatLine, type ShownBatch } from './batch-world.js';

describe('batches whose workers do not come back', () => {
  const world = new BatchWorld();

  beforeAll(() => world.start());
  beforeEach(() => {
    world.openAi.reset();
  });
  afterAll(() => world.stop());

  /** Somebody else begins the job anew, as when its worker was not heard of for too long. */
  async function takeOver({ job_id: job }: ShownBatch): Promise<void> {
    await world.sql('update job set attempt = attempt + 1 where id = $1', [job]);
  }

  /** The queue hands the job out again, however it thinks of it. */
  async function handOutAgain({ job_id: job }: ShownBatch): Promise<void> {
    const [row] = await world.sql<{ schema: string }[]>('select current_schema() as schema');
    for (let count = 0; count === 0;) {
      [, count] = await world.sql<[unknown, number]>(
        `update "${row?.schema ?? ''}_jobs".job set state = 'created', start_after = now(), retry_count = 0, completed_on = null
         where state <> 'active' and data->>'jobId' = $1`,
        [job],
      );
    }
  }

  function lineStates(id: string): Promise<{ status: string; tries: number; result: string | null }[]> {
    return world.sql('select status, tries, result from batch_line where batch_id = $1 order by ordinal', [id]);
  }

  it('O16 takes no result from a worker that was hung while its job went to another', async () => {
    const stalled = world.openAi.stallAfter(0, { text: 'Late.' });
    const made = await world.create([chatLine('a')]);
    await world.openAi.waitForRequests(1);
    await takeOver(made);
    stalled.release();
    const found = await world.app.get(`/admin/requests?tag=batch:${made.id}`);
    expect(found.status).toBe(200);
    // The call of the late one is over and paid for when the ledger has it, and it wrote nothing.
    await handOutAgain(made);
    world.openAi.reset();
    world.openAi.reply({ text: 'In time.' }).forever();
    const batch = await world.untilOver(made.id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 1, completed: 1, failed: 0 } });
    const [result, ...others] = await world.results(made.id);
    expect(others).toEqual([]);
    expect(JSON.stringify(result)).toContain('In time.');
    expect(await lineStates(made.id)).toMatchObject([{ status: 'succeeded', tries: 2 }]);
  });

  it('O18 gives a line up over which processes died, and nothing else', async () => {
    world.openAi.reply({}).forever();
    world.openAi.hang().forever();
    const made = await world.create(['a', 'poison', 'b'].map((id) => chatLine(id)));
    await world.openAi.waitForRequests(3);
    await takeOver(made);
    // Twice more somebody died over the one, who had it alone.
    await world.sql(`update batch_line set tries = 3 where batch_id = $1 and custom_id = 'poison'`, [made.id]);
    await world.sql(`update job set status = 'queued' where id = $1`, [made.job_id]);
    world.openAi.reset();
    world.openAi.reply({}).forever();
    const before = world.openAi.requests.length;
    await endHung(made);
    await handOutAgain(made);
    const batch = await world.untilOver(made.id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 2, failed: 1 } });
    const results = await world.results(made.id);
    expect(results.map(({ custom_id: id, error }) => [id, error?.code])).toEqual([
      ['a', undefined],
      ['poison', 'line_given_up'],
      ['b', undefined],
    ]);
    expect(world.openAi.requests.length - before).toBe(2);
  });

  /** What hangs is told so: its job is not its own any more. */
  async function endHung({ job_id: job }: ShownBatch): Promise<void> {
    const [row] = await world.sql<{ schema: string }[]>('select current_schema() as schema');
    for (;;) {
      const rows = await world.sql<unknown[]>(
        `select 1 from "${row?.schema ?? ''}_jobs".job where state = 'active' and data->>'jobId' = $1`,
        [job],
      );
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
