const REMOVED = '[removed]';
/** A shorter one would make ordinary words disappear. */
const SHORTEST_SECRET = 12;

/**
 * What credentials look like, whoever wrote them into a message. No pattern crosses a quote, a backslash or white space, so a
 * line of JSON stays one.
 */
const PATTERNS = [
  // Keys by the prefixes of who makes them, ours first.
  String.raw`\btl_[0-9a-z]{6,}_[0-9a-z]{6,}`,
  String.raw`\b[spr]k[-_][\w*.-]{12,}`,
  String.raw`\b(?:AIza|gsk_|ghp_|gho_|ghs_|hf_|whsec_|xox[abps]-)[\w+/=-]{10,}`,
  String.raw`\b(?:AKIA|ASIA)[0-9a-z]{12,}`,
  // JSON Web Tokens.
  String.raw`\beyJ[\w-]{10,}(?:\.[\w-]*)+`,
  // What follows the name of a scheme, of a header or of a parameter.
  String.raw`(?<=\bbearer )(?=[\w+/=.~*:-]*[\d*])[\w+/=.~*:-]{6,}`,
  String.raw`(?<=\bauthorization\W{1,6}basic )[\w+/=.~*:-]{6,}`,
  String.raw`(?<=(?:api[-_]?key|password|passwd|secret|_token)(?:\\?["'])?(?:=|: ?)(?:\\?["'])?)[^\s"'\\&,;)]+`,
  // The password in a URL.
  String.raw`(?<=:\/\/[^\s"'\\/@:]{0,100}:)[^\s"'\\/]+(?=@)`,
];

const LOOKS_SECRET = new RegExp(PATTERNS.join('|'), 'gi');
/** Most lines hold none of these, and a look for plain words costs less than all of the patterns. */
const MAY_BE_SECRET =
  /tl_|[spr]k[-_]|AIza|gsk_|gh[pos]_|hf_|xox|AKIA|ASIA|eyJ|bearer|basic|api.?key|passw|secret|whsec|_token\W+\w|:\/\//i;

/** Takes credentials out of lines of JSON: those that look like one, and the given ones, however they look. */
export class SecretRedaction {
  #known: RegExp | null = null;

  /** From now on these are taken out, too; those that are too short to be told from words are left alone. */
  hide(secrets: readonly string[]): void {
    const long = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST_SECRET);
    // As they stand in JSON. A longer one first: it may begin with a shorter one.
    const texts = long.map((secret) => JSON.stringify(secret).slice(1, -1)).sort((a, b) => b.length - a.length);
    this.#known = texts.length === 0 ? null : new RegExp(texts.map(escape).join('|'), 'g');
  }

  /** The line without them. */
  clean(line: string): string {
    const known = this.#known ? line.replace(this.#known, REMOVED) : line;
    return MAY_BE_SECRET.test(known) ? known.replace(LOOKS_SECRET, REMOVED) : known;
  }
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
