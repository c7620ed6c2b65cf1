import { maySayNoAnswer, NO_ANSWER_TEXT, saysNoAnswer } from '../../core/chat/no-answer-text.js';
import { detectQuestionLanguage, type QuestionLanguage } from './question-language.js';

const TEXTS: Readonly<Record<QuestionLanguage, string>> = {
  en: NO_ANSWER_TEXT,
  ar: '\u0644\u0627 \u062a\u062d\u062a\u0648\u064a \u0627\u0644\u0645\u0633\u062a\u0646\u062f\u0627\u062a \u0639\u0644\u0649 \u0625\u062c\u0627\u0628\u0629 \u0639\u0646 \u0647\u0630\u0627 \u0627\u0644\u0633\u0624\u0627\u0644.',
  de: 'Die Dokumente enthalten keine Antwort auf diese Frage.',
  el: '\u03a4\u03b1 \u03ad\u03b3\u03b3\u03c1\u03b1\u03c6\u03b1 \u03b4\u03b5\u03bd \u03c0\u03b5\u03c1\u03b9\u03ad\u03c7\u03bf\u03c5\u03bd \u03b1\u03c0\u03ac\u03bd\u03c4\u03b7\u03c3\u03b7 \u03c3\u03b5 \u03b1\u03c5\u03c4\u03ae\u03bd \u03c4\u03b7\u03bd \u03b5\u03c1\u03ce\u03c4\u03b7\u03c3\u03b7.',
  es: 'Los documentos no contienen una respuesta a esta pregunta.',
  fr: 'Les documents ne contiennent pas de r\u00e9ponse \u00e0 cette question.',
  he: '\u05d4\u05de\u05e1\u05de\u05db\u05d9\u05dd \u05d0\u05d9\u05e0\u05dd \u05de\u05db\u05d9\u05dc\u05d9\u05dd \u05ea\u05e9\u05d5\u05d1\u05d4 \u05dc\u05e9\u05d0\u05dc\u05d4 \u05d6\u05d5.',
  hi: '\u0926\u0938\u094d\u0924\u093e\u0935\u0947\u091c\u093c\u094b\u0902 \u092e\u0947\u0902 \u0907\u0938 \u092a\u094d\u0930\u0936\u094d\u0928 \u0915\u093e \u0909\u0924\u094d\u0924\u0930 \u0928\u0939\u0940\u0902 \u0939\u0948\u0964',
  it: 'I documenti non contengono una risposta a questa domanda.',
  ja: '\u3053\u306e\u8cea\u554f\u3078\u306e\u56de\u7b54\u306f\u6587\u66f8\u306b\u542b\u307e\u308c\u3066\u3044\u307e\u305b\u3093\u3002',
  ko: '\ubb38\uc11c\uc5d0 \uc774 \uc9c8\ubb38\uc5d0 \ub300\ud55c \ub2f5\ubcc0\uc774 \uc5c6\uc2b5\ub2c8\ub2e4.',
  nl: 'De documenten bevatten geen antwoord op deze vraag.',
  pl: 'Dokumenty nie zawieraj\u0105 odpowiedzi na to pytanie.',
  pt: 'Os documentos n\u00e3o cont\u00eam uma resposta para esta pergunta.',
  ro: 'Documentele nu con\u021bin un r\u0103spuns la aceast\u0103 \u00eentrebare.',
  ru: '\u0414\u043e\u043a\u0443\u043c\u0435\u043d\u0442\u044b \u043d\u0435 \u0441\u043e\u0434\u0435\u0440\u0436\u0430\u0442 \u043e\u0442\u0432\u0435\u0442\u0430 \u043d\u0430 \u044d\u0442\u043e\u0442 \u0432\u043e\u043f\u0440\u043e\u0441.',
  th: '\u0e40\u0e2d\u0e01\u0e2a\u0e32\u0e23\u0e44\u0e21\u0e48\u0e21\u0e35\u0e04\u0e33\u0e15\u0e2d\u0e1a\u0e2a\u0e33\u0e2b\u0e23\u0e31\u0e1a\u0e04\u0e33\u0e16\u0e32\u0e21\u0e19\u0e35\u0e49',
  tr: 'Belgeler bu sorunun yan\u0131t\u0131n\u0131 i\u00e7ermiyor.',
  vi: 'C\u00e1c t\u00e0i li\u1ec7u kh\u00f4ng ch\u1ee9a c\u00e2u tr\u1ea3 l\u1eddi cho c\u00e2u h\u1ecfi n\u00e0y.',
  zh: '\u6587\u6863\u4e2d\u6ca1\u6709\u8fd9\u4e2a\u95ee\u9898\u7684\u7b54\u6848\u3002',
};
// A model may well put the sentence that it was given into the language of the question.
const SENTENCES = Object.values(TEXTS);

/** What a client is told when the documents do not answer: in the language of the question unless one text is configured. */
export function noAnswerTextFor(question: string, configured: string | null): string {
  return configured ?? TEXTS[detectQuestionLanguage(question) ?? 'en'];
}

/** Tells whether a model's whole answer is that there is none. */
export function isNoAnswer(answer: string): boolean {
  return saysNoAnswer(answer, SENTENCES);
}

/** Tells whether what a model wrote so far may still become that. */
export function mayBecomeNoAnswer(beginning: string): boolean {
  return maySayNoAnswer(beginning, SENTENCES);
}
