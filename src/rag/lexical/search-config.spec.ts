import { describe, expect, it } from '@jest/globals';
import { loadLanguageDetector } from './detect-language.js';
import { SearchConfigs } from './search-config.js';

const configs = new SearchConfigs(
  ['simple', 'english', 'german', 'spanish', 'french', 'russian', 'portuguese', 'greek'],
  await loadLanguageDetector(),
);

describe('SearchConfigs', () => {
  it.each([
    ['English', 'The trunk line of the exchange is laid between two of the switchboards in the city.', 'english'],
    ['German', 'Die Leitung verbindet die Vermittlungen der Stadt und ist nicht mit dem Netz verbunden.', 'german'],
    ['Spanish', 'La l\u00ednea conecta las centrales de la ciudad y no se puede usar por la noche.', 'spanish'],
    [
      'Russian',
      '\u041b\u0438\u043d\u0438\u044f \u0441\u043e\u0435\u0434\u0438\u043d\u044f\u0435\u0442 \u0441\u0442\u0430\u043d\u0446\u0438\u0438',
      'russian',
    ],
    [
      'a language without a configuration',
      'Vi\u1ec7c n\u00e0y \u0111\u01b0\u1ee3c c\u00e1c ng\u01b0\u1eddi trong th\u00e0nh ph\u1ed1 v\u00e0 c\u1ee7a nh\u1eefng l\u00e0ng cho',
      'simple',
    ],
    ['a script without spaces', '\u5317\u4eac\u662f\u4e2d\u56fd\u7684\u9996\u90fd', 'simple'],
    [
      'English with some Greek symbols',
      'The level of \u03b1 and \u03b2 in the blood of the patients was lower than in the control group.',
      'english',
    ],
    ['too few words to tell', 'reset password', 'english'],
  ])('finds the configuration for %s', (_name, text, expected) => {
    expect(configs.forText(text, null)).toBe(expected);
  });

  it('falls back to the language of the collection', () => {
    expect(configs.forText('Passwort', 'de')).toBe('german');
  });

  it.each([
    ['en', 'english'],
    ['pt-BR', 'portuguese'],
    ['Spanish', 'spanish'],
    ['xx', 'simple'],
    ['it', 'simple'],
  ])('maps the language %s to %s', (language, expected) => {
    expect(configs.forLanguage(language)).toBe(expected);
  });
});
