import { hasUnspacedScript } from '../../core/text/split-words.js';
import type { LanguageDetector } from './detect-language.js';

const NAMES: Readonly<Record<string, string>> = {
  ar: 'arabic', hy: 'armenian', eu: 'basque', ca: 'catalan', da: 'danish', nl: 'dutch', en: 'english', et: 'estonian',
  fi: 'finnish', fr: 'french', de: 'german', el: 'greek', hi: 'hindi', hu: 'hungarian', id: 'indonesian', ga: 'irish',
  it: 'italian', lt: 'lithuanian', ne: 'nepali', no: 'norwegian', nb: 'norwegian', nn: 'norwegian', pt: 'portuguese',
  ro: 'romanian', ru: 'russian', sr: 'serbian', es: 'spanish', sv: 'swedish', ta: 'tamil', tr: 'turkish', yi: 'yiddish',
}; // prettier-ignore
const SAMPLE_CHARACTERS = 2_000;

/** The text search configurations that a server has, and which of them fits a text. */
export class SearchConfigs {
  readonly #available: ReadonlySet<string>;
  readonly #detectLanguage: LanguageDetector;

  constructor(available: Iterable<string>, detectLanguage: LanguageDetector) {
    this.#available = new Set(available);
    this.#detectLanguage = detectLanguage;
  }

  /** For a language given as a code (`en`, `pt-BR`) or a name (`english`); `simple` when the server has none for it. */
  forLanguage(language: string): string {
    const normalized = language.trim().toLowerCase();
    const name = NAMES[normalized.split(/[-_]/u)[0] ?? ''] ?? normalized;
    return this.#available.has(name) ? name : 'simple';
  }

  /** For a text: its own language where that is clear, else the fallback language, else English. */
  forText(text: string, fallbackLanguage: string | null): string {
    const sample = text.slice(0, SAMPLE_CHARACTERS);
    if (hasUnspacedScript(sample)) return 'simple';
    return this.forLanguage(this.#detectLanguage(sample) ?? fallbackLanguage ?? 'en');
  }
}
