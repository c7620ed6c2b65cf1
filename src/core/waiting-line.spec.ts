import { describe, expect, it } from '@jest/globals';
import { WaitingLine } from './waiting-line.js';

function fill(size: number, ...items: string[]): WaitingLine<string> {
  const queue = new WaitingLine<string>(size);
  for (const item of items) queue.push(item.charAt(0), item);
  return queue;
}

function drain(queue: WaitingLine<string>): string[] {
  const order: string[] = [];
  for (let item = queue.shift(); item !== null; item = queue.shift()) order.push(item);
  return order;
}

describe('WaitingLine', () => {
  it('lets projects take turns, each in its own order', () => {
    expect(drain(fill(10, 'a1', 'a2', 'a3', 'b1', 'c1', 'b2'))).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('gives a project that comes later its turn before the second of a flood', () => {
    const queue = fill(10, 'a1', 'a2', 'a3');
    expect(queue.shift()).toBe('a1');
    queue.push('b', 'b1');
    expect(drain(queue)).toEqual(['a2', 'b1', 'a3']);
  });

  it('refuses what does not fit', () => {
    const queue = fill(2, 'a1', 'a2');
    expect([queue.hasRoomFor('a'), queue.push('a', 'a3'), queue.length]).toEqual([false, 'a3', 2]);
  });

  it('when full, the last of the largest crowd makes room for a project with fewer', () => {
    const queue = fill(4, 'a1', 'a2', 'a3', 'b1');
    expect([queue.hasRoomFor('b'), queue.push('b', 'b2')]).toEqual([true, 'a3']);
    expect([queue.hasRoomFor('b'), queue.push('b', 'b3')]).toEqual([false, 'b3']);
    expect([queue.push('c', 'c1'), queue.length]).toEqual(['a2', 4]);
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'b2']);
  });

  it('lets one out of turn leave', () => {
    const queue = fill(10, 'a1', 'a2', 'b1');
    queue.remove('a', 'a1');
    queue.remove('b', 'b1');
    queue.remove('b', 'b1');
    queue.remove('c', 'c1');
    expect([[...queue], queue.length, queue.peek()]).toEqual([['a2'], 1, 'a2']);
    queue.shift();
    expect([queue.peek(), queue.shift(), queue.length]).toEqual([null, null, 0]);
  });

  it('with no size nobody waits', () => {
    expect([fill(0).push('a', 'a1'), fill(0).hasRoomFor('a')]).toEqual(['a1', false]);
  });
});
