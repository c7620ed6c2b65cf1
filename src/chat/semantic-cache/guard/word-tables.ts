/** The words of a table that is written as one text. */
function words(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

/** Each word of a group by the group's first word: `big large` makes `large` the same as `big`. */
function groups(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [first, ...rest] = words(line);
    if (first !== undefined) for (const word of [first, ...rest]) found.set(word, first);
  }
  return found;
}

/** Words that deny, in the languages that are known here. `n't` is written out before. */
export const NEGATIONS: ReadonlySet<string> = new Set(
  words(`not no never none nobody nothing nowhere neither nor cannot without hardly
    nicht nie niemals kein keine keinen keinem keiner keines ohne nichts niemand weder
    pas jamais sans aucun aucune rien personne ni
    nunca jam\u00e1s sin tampoco ning\u00fan ninguno ninguna nada nadie
    n\u00e3o nem sem nenhum nenhuma ningu\u00e9m
    non mai senza nessun nessuno nessuna niente n\u00e9
    niet nooit geen zonder niemand niets
    inte aldrig ingen inget utan ikke aldri uten
    nie bez nigdy \u017caden \u017cadna
    \u043d\u0435 \u043d\u0435\u0442 \u0431\u0435\u0437 \u043d\u0438\u043a\u043e\u0433\u0434\u0430 \u043d\u0438\u043a\u0442\u043e \u043d\u0438\u0447\u0435\u0433\u043e \u043d\u0438
    \u0434\u0435\u0439 \u4e0d \u4e0d\u662f \u4e0d\u80fd \u4e0d\u8981 \u4e0d\u4f1a \u6ca1 \u6ca1\u6709 \u65e0 \u975e \u522b \u672a \u306a\u3044 \u306a\u304b\u3063 \u307e\u305b \u305a
    \u0e44\u0e21\u0e48 kh\u00f4ng ch\u01b0a \u0644\u0627 \u0644\u064a\u0633 \u0628\u062f\u0648\u0646 de\u011fil hay\u0131r`),
);

/** Words that turn an answer round or move its bounds, by what they say; others of one line say the same. */
export const DIRECTIONS: ReadonlyMap<string, string> = groups(`
  more greater higher above exceed exceeding exceeds
  less fewer lower below beneath
  most maximum max highest largest biggest
  least minimum min lowest smallest
  bigger larger
  smaller littler
  longer
  shorter
  longest
  shortest
  older
  younger
  oldest
  youngest newest
  taller
  tallest
  faster quicker
  slower
  fastest quickest
  slowest
  cheaper
  dearer pricier
  cheapest
  better
  worse
  best
  worst
  earlier
  later
  earliest
  latest
  before prior
  after
  since
  until till
  over
  under
  first initial
  last final
  next upcoming
  previous preceding
  all every each
  only solely
  both
  either
  except excluding besides
  including
  always
  sometimes
  often
  rarely seldom
  increase raise
  decrease reduce
  inside
  outside
  left
  right
  top
  bottom
  north
  south
  east
  west
  start begin
  stop
  end finish
  open
  close shut
  enable
  disable
  add
  remove
  install
  uninstall
  upload
  download
  import
  export
  encrypt
  decrypt
  lock
  unlock
  allow permit
  deny forbid
  buy purchase
  sell
  win
  lose
  lend
  borrow
  push
  pull
  send
  receive
  pros advantages
  cons disadvantages
  mehr
  weniger
  gr\u00f6\u00dfer
  kleiner
  vor
  nach
  plus
  moins
  avant
  apr\u00e8s
  m\u00e1s
  menos
  mayor
  menor
  antes
  despu\u00e9s
  desde
  hasta
  mais
  maior
  depois
  pi\u00f9
  meno
  prima
  dopo
  \u0431\u043e\u043b\u044c\u0448\u0435
  \u043c\u0435\u043d\u044c\u0448\u0435
  \u0434\u043e
  \u043f\u043e\u0441\u043b\u0435
  \u0438\u0437
`);

/** Numbers and fractions that are written as words. */
export const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  [
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty',
    'null ein zwei drei vier f\u00fcnf sechs sieben acht neun zehn elf zw\u00f6lf',
    'z\u00e9ro un deux trois quatre cinq six sept huit neuf dix onze douze',
    'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce',
    'zero um dois tr\u00eas quatro cinco seis sete oito nove dez onze doze',
    'zero uno due tre quattro cinque sei sette otto nove dieci undici dodici',
    '\u043d\u043e\u043b\u044c \u043e\u0434\u0438\u043d \u0434\u0432\u0430 \u0442\u0440\u0438 \u0447\u0435\u0442\u044b\u0440\u0435 \u043f\u044f\u0442\u044c \u0448\u0435\u0441\u0442\u044c \u0441\u0435\u043c\u044c \u0432\u043e\u0441\u0435\u043c\u044c \u0434\u0435\u0432\u044f\u0442\u044c \u0434\u0435\u0441\u044f\u0442\u044c',
    '\u96f6 \u4e00 \u4e8c \u4e09 \u56db \u4e94 \u516d \u4e03 \u516b \u4e5d \u5341',
  ]
    .flatMap((list) => words(list).map((word, value): [string, string] => [word, String(value)]))
    // "Six" is French and English for the same number, "once" is not.
    .filter(([word]) => !['ein', 'un', 'um', 'once', 'null', 'sei'].includes(word)),
);

/** Words that stand for an amount which is no whole number of its own; each is itself. */
export const AMOUNTS: ReadonlySet<string> = new Set(
  words(`half halves third quarter double twice triple thrice dozen hundred thousand million billion trillion percent
    single pair couple few several hundert tausend million milliarde cent mille millier milliard cien ciento mil
    mill\u00f3n metade mezzo halb doppelt`),
);

const UNIT_NAMES = groups(`
  mm millimeter millimetre millimeters millimetres
  cm centimeter centimetre centimeters centimetres
  m meter metre meters metres
  km kilometer kilometre kilometers kilometres
  mi mile miles
  ft foot feet
  inch inches
  yd yard yards
  mg milligram milligrams
  g gram grams gramme grammes
  kg kilogram kilograms kilo kilos
  lb lbs pound pounds
  oz ounce ounces
  ml milliliter millilitre milliliters millilitres
  l liter litre liters litres
  gal gallon gallons
  cup cups
  tbsp tablespoon tablespoons
  tsp teaspoon teaspoons
  ms millisecond milliseconds
  s sec secs second seconds
  minute minutes mins
  h hr hrs hour hours
  day days
  week weeks
  month months
  year years yr yrs
  b byte bytes
  kb kilobyte kilobytes
  mb megabyte megabytes
  gb gigabyte gigabytes
  tb terabyte terabytes
  usd dollar dollars $
  eur euro euros \u20ac
  gbp \u00a3
  jpy yen \u00a5
  c celsius centigrade \u00b0c
  f fahrenheit \u00b0f
  k kelvin
  % percent pct
`);

/** The short name of a unit that stands behind a number; null for a word that is none. */
export function unitOf(word: string): string | null {
  return UNIT_NAMES.get(word) ?? null;
}

/** Months, days of the week and words for times that move, each by its shortest English name where it has one. */
export const TIMES: ReadonlyMap<string, string> = groups(`
  january jan januar janvier enero janeiro gennaio
  february feb februar f\u00e9vrier febrero fevereiro febbraio
  march m\u00e4rz mars marzo mar\u00e7o
  april apr avril abril aprile
  june jun juni juin junio junho giugno
  july jul juli juillet julio julho luglio
  august aug ao\u00fbt agosto
  september sept sep septembre septiembre setembro settembre
  october oct oktober octobre octubre outubro ottobre
  november nov novembre noviembre novembro
  december dec dezember d\u00e9cembre diciembre dezembro dicembre
  monday mon montag lundi lunes segunda
  tuesday tue dienstag mardi martes
  wednesday wed mittwoch mercredi mi\u00e9rcoles
  thursday thu donnerstag jeudi jueves
  friday fri freitag vendredi viernes
  saturday sat samstag samedi s\u00e1bado
  sunday sun sonntag dimanche domingo
  today tonight heute aujourd hoy hoje oggi \u0441\u0435\u0433\u043e\u0434\u043d\u044f
  tomorrow morgen demain ma\u00f1ana amanh\u00e3 domani \u0437\u0430\u0432\u0442\u0440\u0430
  yesterday gestern hier ayer ontem ieri \u0432\u0447\u0435\u0440\u0430
  now currently nowadays
  am
  pm
  bc bce
  ad ce
  spring
  summer
  autumn
  winter
  weekday weekdays
  weekend weekends
`);

/** Words for persons, by the person. */
export const PERSONS: ReadonlyMap<string, string> = groups(`
  i me my mine myself
  you your yours yourself
  he him his himself
  she her hers herself
  we us our ours ourselves
  they them their theirs themselves
`);
