import { describe, expect, it } from '@jest/globals';
import { isNoAnswer, mayBecomeNoAnswer, noAnswerTextFor } from './no-answer-texts.js';
import { detectQuestionLanguage } from './question-language.js';

describe('the language of a question', () => {
  it.each([
    ['How many days of holiday are there?', 'en'],
    ['Wie viele Urlaubstage gibt es im Jahr?', 'de'],
    ['\u00bfCu\u00e1ntos d\u00edas de vacaciones hay?', 'es'],
    ['Combien de jours de cong\u00e9 y a-t-il par an ?', 'fr'],
    ['Quanti giorni di ferie ci sono in un anno?', 'it'],
    ['Quantos dias de f\u00e9rias h\u00e1 por ano?', 'pt'],
    ['Hoeveel vakantiedagen zijn er per jaar?', 'nl'],
    ['Ile dni urlopu jest w roku?', 'pl'],
    ['C\u00e2te zile de concediu sunt pe an?', 'ro'],
    ['Y\u0131lda ka\u00e7 g\u00fcn izin var?', 'tr'],
    ['C\u00f3 bao nhi\u00eau ng\u00e0y ngh\u1ec9 trong m\u1ed9t n\u0103m?', 'vi'],
    [
      '\u0421\u043a\u043e\u043b\u044c\u043a\u043e \u0434\u043d\u0435\u0439 \u043e\u0442\u043f\u0443\u0441\u043a\u0430?',
      'ru',
    ],
    ['\u03a0\u03cc\u03c3\u03b5\u03c2 \u03b7\u03bc\u03ad\u03c1\u03b5\u03c2 \u03ac\u03b4\u03b5\u03b9\u03b1\u03c2;', 'el'],
    ['\u6709\u591a\u5c11\u5929\u5047\u671f\uff1f', 'zh'],
    ['\u4f11\u6687\u306f\u4f55\u65e5\u3042\u308a\u307e\u3059\u304b\uff1f', 'ja'],
    ['\ud734\uac00\ub294 \uba70\uce60\uc785\ub2c8\uae4c?', 'ko'],
    ['\u0e21\u0e35\u0e27\u0e31\u0e19\u0e2b\u0e22\u0e38\u0e14\u0e01\u0e35\u0e48\u0e27\u0e31\u0e19', 'th'],
    ['\u0643\u0645 \u0639\u062f\u062f \u0623\u064a\u0627\u0645 \u0627\u0644\u0625\u062c\u0627\u0632\u0629\u061f', 'ar'],
    [
      '\u091b\u0941\u091f\u094d\u091f\u0940 \u0915\u0947 \u0915\u093f\u0924\u0928\u0947 \u0926\u093f\u0928 \u0939\u0948\u0902?',
      'hi',
    ],
    ['\u05db\u05de\u05d4 \u05d9\u05de\u05d9 \u05d7\u05d5\u05e4\u05e9\u05d4 \u05d9\u05e9?', 'he'],
    ['What does the name \u041c\u043e\u0441\u043a\u0432\u0430 mean?', 'en'],
    ['ERR_1234 timeout', null],
    ['42', null],
  ])('%j: %s', (question, language) => {
    expect(detectQuestionLanguage(question)).toBe(language);
  });
});

describe('the text that says that there is no answer', () => {
  it('is in the language of the question, or the one that is configured', () => {
    expect(noAnswerTextFor('Wie viele Tage sind es?', null)).toMatch(/^Die Dokumente enthalten keine Antwort/);
    expect(noAnswerTextFor('timeout 42', null)).toMatch(/^The documents do not contain/);
    expect(noAnswerTextFor('Wie viele Tage sind es?', 'Nothing.')).toBe('Nothing.');
  });

  it.each(['de', 'es', 'fr', 'ru', 'zh', 'ja', 'hi'])('is recognised in a model\u2019s answer (%s)', (language) => {
    const questions = { de: 'Was ist das?', es: '\u00bfQu\u00e9 es?', fr: 'Qui est-ce ?', ru: '\u0427\u0442\u043e \u044d\u0442\u043e?', zh: '\u8fd9\u662f\u4ec0\u4e48\uff1f', ja: '\u3053\u308c\u306f\u4f55\u3067\u3059\u304b\uff1f', hi: '\u092f\u0939 \u0915\u094d\u092f\u093e \u0939\u0948?' }; // prettier-ignore
    const text = noAnswerTextFor(questions[language as keyof typeof questions], null);
    expect(detectQuestionLanguage(text) ?? 'latin').not.toBe('en');
    expect(isNoAnswer(`**${text}** [1]`)).toBe(true);
    for (let end = 0; end <= text.length; end += 1) expect(mayBecomeNoAnswer(text.slice(0, end))).toBe(true);
    expect(mayBecomeNoAnswer(`${text} But`)).toBe(false);
  });

  it('is told from answers that begin alike', () => {
    expect(mayBecomeNoAnswer('The documents do not contain a')).toBe(true);
    expect(mayBecomeNoAnswer('The documents do not contain a price, but')).toBe(false);
    expect(mayBecomeNoAnswer('Paris')).toBe(false);
    expect(mayBecomeNoAnswer(' '.repeat(500))).toBe(false);
  });
});
