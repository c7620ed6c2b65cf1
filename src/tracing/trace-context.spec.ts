import { describe, expect, it } from '@jest/globals';
import { readTraceContext, writeTraceParent } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('readTraceContext', () => {
  it.each([
    ['sampled', `00-${TRACE}-${SPAN}-01`, 1],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['with flags of its own beside', `00-${TRACE}-${SPAN}-03`, 1],
    ['of a version to come', `01-${TRACE}-${SPAN}-01-what-will-be`, 1],
  ])('reads what is %s', (_name, header, traceFlags) => {
    expect(readTraceContext(header)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['two of them, as Node joins them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['several lines', [`00-${TRACE}-${SPAN}-01`]],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['a version to come with more right behind', `01-${TRACE}-${SPAN}-01more`],
    ['a line break', `00-${TRACE}-${SPAN}-01\n`],
    ['a novel', `01-${TRACE}-${SPAN}-01-${'x'.repeat(100_000)}`],
  ])('takes %s for no context', (_name, header) => {
    expect(readTraceContext(header)).toBeNull();
  });

  it('carries the state on, and leaves out what is no state', () => {
    const stateOf = (state: string | string[] | undefined): string | undefined =>
      readTraceContext(`00-${TRACE}-${SPAN}-01`, state)?.traceState?.serialize();
    expect(stateOf('a=1,b=2')).toBe('a=1,b=2');
    expect(stateOf('a=1, ,t@v=x y')).toBe('a=1,t@v=x y');
    for (const broken of ['a=1,=broken', 'a=1,b', 'a=1,A=2', 'a=1,a=2', 'a=\u00ff', 'a=', ',,', '']) {
      expect(stateOf(broken)).toBeUndefined();
    }
    expect(stateOf('x'.repeat(513))).toBeUndefined();
    expect(stateOf(['a=1'])).toBeUndefined();
    expect(stateOf(Array.from({ length: 100 }, (_, index) => `k${String(index)}=1`).join(','))).toBeUndefined();
  });

  it('reads what it writes', () => {
    for (const flags of ['00', '01']) {
      const header = `00-${TRACE}-${SPAN}-${flags}`;
      const context = readTraceContext(header);
      expect(context && writeTraceParent(context)).toBe(header);
    }
  });
});
