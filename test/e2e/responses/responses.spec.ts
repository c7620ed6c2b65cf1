import { afterAll, beforeAll, beforeEach, describe } from '@jest/globals';
import { answerInTheBackground } from './background-cases.js';
import { answerTheClient } from './client-cases.js';
import { ResponseBench } from './response-bench.js';
import { keepState } from './state-cases.js';

const bench = new ResponseBench();

describe('responses', () => {
  beforeAll(() => bench.start());
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());

  describe("the openai client's responses", () => {
    answerTheClient(bench);
  });
  describe('the state of responses', () => {
    keepState(bench);
  });
  describe('responses in the background', () => {
    answerInTheBackground(bench);
  });
});
