import { describe, expect, it } from '@jest/globals';
import type { ChatMessage, ChatRequest } from '../../../core/chat/chat-request.js';
import { assessComplexity } from './assess-complexity.js';
import { COMPLEXITY_RULES } from './complexity-rules.js';

const user = (text: string): ChatMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const assistant = (text: string): ChatMessage => ({ role: 'assistant', content: [{ type: 'text', text }] });
const asked = (text: string, rest: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  stream: false,
  messages: [user(text)],
  ...rest,
});

const PROMPTS: readonly (readonly [reason: string, prompt: string])[] = [
  ['simple', 'Hi!'],
  ['simple', 'What is the capital of France?'],
  ['simple', 'Translate "good morning" into Spanish.'],
  ['simple', 'Summarise this in one sentence: the meeting was moved to Tuesday because the room was taken.'],
  ['simple', 'Give me a synonym for "happy".'],
  ['simple', 'Is this review positive or negative? "The soup was cold."'],
  ['simple', 'What function does the heart have?'],
  ['simple', 'Does an iron chair rust? And how fast?'],
  ['simple', 'My zip is https://example.com/?a=1&b=2?c=3 ok'],
  ['simple', 'The contrasting colours in Provence were improved by approval.'],
  ['simple', 'Wie spät ist es in Tokio, wenn es in Berlin zwölf ist?'],
  ['simple', 'Wie heißt die Hauptstadt von Österreich?'],
  ['simple', 'Quelle heure est-il à Tokyo ?'],
  ['simple', '¿Cuál es la capital de Perú?'],
  ['simple', "Come si dice 'grazie' in inglese?"],
  ['simple', 'Qual é a capital do Brasil?'],
  ['simple', 'Как дела? Что нового?'],
  ['simple', '法国的首都是哪里？'],
  ['simple', '日本の首都はどこですか？'],
  ['simple', '한국의 수도는 어디인가요?'],
  ['simple', 'ما هي عاصمة مصر؟'],
  ['simple', 'भारत की राजधानी क्या है?'],
  ['code', 'Write a function that reverses a linked list.'],
  ['code', 'Why does my Python loop never end?'],
  ['code', 'Refactor this class so that it can be tested'],
  ['code', 'Give me a regex for German postcodes'],
  ['code', 'Is C++ faster here'],
  ['code', 'Schreibe eine Funktion, die Primzahlen ausgibt.'],
  ['code', 'Écris une fonction qui trie une liste.'],
  ['code', 'Напиши программу, которая сортирует массив.'],
  ['code', '用快速排序算法给这个数组排序'],
  ['code', 'フィボナッチ数列の関数を書いてください'],
  ['code', '이 코드를 고쳐줘'],
  ['code-block', 'What is wrong here?\n```\nx = 1\n```'],
  ['math', 'Prove that the square root of two is irrational.'],
  ['math', 'Evaluate \\int_0^1 x^2 dx'],
  ['math', 'Beweise, dass es unendlich viele Primzahlen gibt.'],
  ['math', 'Démontre que racine de deux est irrationnel.'],
  ['math', 'Resuelve la ecuación x + 2 = 5'],
  ['math', 'Докажи теорему Пифагора.'],
  ['math', '证明勾股定理'],
  ['math', '이 방정식을 풀어줘'],
  ['analysis', 'Compare the economic policies of the two parties.'],
  ['analysis', 'What are the pros and cons of working from home?'],
  ['analysis', 'Think it through step  by step.'],
  ['analysis', 'Analysiere die Ursachen des Ersten Weltkriegs.'],
  ['analysis', 'Quels sont les avantages et inconvénients du télétravail ?'],
  ['analysis', 'Haz un análisis de la situación del mercado.'],
  ['analysis', 'Analizza i pro e i contro.'],
  ['analysis', 'Faça uma análise do mercado.'],
  ['analysis', 'Сравни две стратегии развития.'],
  ['analysis', '请分析一下这家公司的优势'],
  ['analysis', '二つの案を比較してください'],
  ['analysis', 'حلل أسباب الأزمة'],
  ['analysis', 'दोनों योजनाओं की तुलना करो'],
  ['writing', 'Write an essay about the sea.'],
  ['writing', 'Escribe un ensayo sobre el mar.'],
  ['writing', '写一篇关于春天的文章'],
  ['questions', '??!???x? "Who?" "Where????"'],
  ['questions', 'Who was he? Where was he born? What did he do there?'],
  ['questions', '他是谁？他在哪里出生？他做了什么？'],
];

describe('assessComplexity', () => {
  it.each(PROMPTS)('%s: %s', (reason, prompt) => {
    expect(assessComplexity(asked(prompt))).toEqual({ tier: reason === 'simple' ? 'small' : 'large', reason });
  });

  it.each<[string, Partial<ChatRequest>]>([
    [
      'attachment',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { kind: 'url', url: 'https://a/b' } }] }] },
    ],
    [
      'attachment',
      { messages: [{ role: 'user', content: [{ type: 'file', source: { kind: 'id', fileId: 'f' } }] }, user('So?')] },
    ],
    ['tools', { tools: [{ name: 'weather' }] }],
    ['simple', { tools: [{ name: 'weather' }], toolChoice: { type: 'none' } }],
    ['schema', { responseFormat: { type: 'json-schema', name: 'x', schema: {} } }],
    ['simple', { responseFormat: { type: 'json-object' } }],
    ['reasoning', { reasoning: { effort: 'low' } }],
    ['reasoning', { reasoning: { budgetTokens: 2_048 } }],
    ['simple', { reasoning: { effort: 'none' } }],
    ['simple', { reasoning: { effort: 'minimal' } }],
    ['long-output', { maxOutputTokens: 4_097 }],
    ['simple', { maxOutputTokens: 4_096 }],
    ['long-conversation', { messages: Array.from({ length: 7 }, () => [user('Hi'), assistant('Hi')]).flat() }],
    ['simple', { messages: Array.from({ length: 6 }, () => [user('Hi'), assistant('Hi')]).flat() }],
    ['long-prompt', { messages: [user('word '.repeat(1_300))] }],
    ['simple', { messages: [user('word '.repeat(1_100))] }],
    ['long-prompt', { messages: [user('春'.repeat(2_000))] }],
    ['long-prompt', { documents: [{ n: 1, source: 'a', text: 'word '.repeat(1_300) }] }],
  ])('%s: %j', (reason, rest) => {
    expect(assessComplexity(asked('Hi', rest)).reason).toBe(reason);
  });

  it('looks neither at standing instructions nor at earlier questions', () => {
    const system: ChatMessage = {
      role: 'system',
      content: [{ type: 'text', text: `You write Python code.${' Be kind.'.repeat(1_000)}` }],
    };
    expect(
      assessComplexity(asked('', { messages: [system, user('Prove it'), assistant('No'), user('Thanks')] })),
    ).toEqual({
      tier: 'small',
      reason: 'simple',
    });
  });

  it('has a reason of its own for each rule, fit for a header', () => {
    const reasons = COMPLEXITY_RULES.map(({ reason }) => reason);
    expect(new Set(reasons).size).toBe(reasons.length);
    expect(reasons.filter((reason) => !/^[a-z-]+$/.test(reason))).toEqual([]);
  });

  it.each(['a'.repeat(1_000_000), 'prove'.repeat(200_000), 'step '.repeat(200_000), '? '.repeat(500_000)])(
    'is quick with a million characters (%#)',
    (text) => {
      const startedAt = performance.now();
      assessComplexity(asked(text));
      expect(performance.now() - startedAt).toBeLessThan(500);
    },
  );
});
