import { describe, expect, it } from '@jest/globals';
import { ToolIds } from './tool-ids.js';

describe(ToolIds.name, () => {
  it('takes what the API takes as it is, and puts `_` for the rest', () => {
    const ids = new ToolIds();
    expect(['toolu_01-a', 'functions.f:0', 'a b', ''].map((id) => ids.open(id))).toEqual([
      'toolu_01-a',
      'functions_f_0',
      'a_b',
      'call',
    ]);
    expect(ids.of('functions.f:0')).toBe('functions_f_0');
  });

  it('gives an id that comes again another name, which its results follow', () => {
    const ids = new ToolIds();
    const calls = ['call_0', 'call_0', 'call_0_2', 'call_0'].map((id) => [ids.open(id), ids.of(id)]);
    expect(calls.map(([own]) => own)).toEqual(['call_0', 'call_0_2', 'call_0_2_2', 'call_0_3']);
    expect(calls.every(([own, answered]) => own === answered)).toBe(true);
  });

  it('keeps ids apart that look the same to the API', () => {
    const ids = new ToolIds();
    expect([ids.open('f:1'), ids.open('f.1')]).toEqual(['f_1', 'f_1_2']);
    expect([ids.of('f:1'), ids.of('f.1')]).toEqual(['f_1', 'f_1_2']);
  });

  it('is quick with very many that are the same', () => {
    const ids = new ToolIds();
    const own = Array.from({ length: 20_000 }, () => ids.open('a'));
    expect(new Set(own).size).toBe(20_000);
  });
});
