import { describe, expect, it } from '@jest/globals';
import { Cancellation } from './cancellation.js';
import { Places } from './places.js';

describe('Places', () => {
  it('lets in as many as there are, the others in their order', async () => {
    const places = new Places(2);
    const entered: number[] = [];
    const all = [0, 1, 2, 3].map((who) => places.take(new Cancellation()).then(() => entered.push(who)));
    await Promise.all(all.slice(0, 2));
    expect(entered).toEqual([0, 1]);
    places.leave();
    await all[2];
    expect(entered).toEqual([0, 1, 2]);
    places.leave();
    await all[3];
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  it('forgets who gives up, and loses no place by it', async () => {
    const places = new Places(1);
    const gone = new Cancellation();
    await places.take(new Cancellation());
    const waiting = [places.take(gone), places.take(new Cancellation())];
    gone.abort(new Error('left'));
    await expect(waiting[0]).rejects.toThrow('left');
    await expect(places.take(gone)).rejects.toThrow('left');
    expect(gone.listenerCount).toBe(0);
    places.leave();
    await waiting[1];
    places.leave();
    await places.take(new Cancellation());
  });
});
