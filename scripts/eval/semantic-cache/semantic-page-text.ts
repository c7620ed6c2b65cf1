/** What stands before the measurements. */
export const INTRODUCTION = `# The semantic cache

Gives a question the answer that an earlier question of the same project got, when both mean the same. It is off by default.
Its danger is the wrong answer: vectors of "2 tablets" and "20 tablets" are nearly the same. So similarity alone never
decides: everything else in the request must be equal, and the facts in both questions must agree.

## Turning it on

\`\`\`yaml
caches:
  semantic: # for all models; every key may be left out
    use: on_request # always, on_request or never
    embedding_model: openai/text-embedding-3-small # without it defaults.embeddings
    threshold: 0.95 # cosine similarity
    ttl_seconds: 3600
    max_entries: 10000 # for one project; what expires first makes room
    timeout_ms: 1000 # for the whole look-up
models:
  support:
    targets: [openai/gpt-5.4-mini]
    caches: { semantic: { threshold: 0.97, ttl_seconds: 600 } } # mentioned, it is used for every request
\`\`\`

With \`on_request\` a native request asks by \`"cache": { "semantic": true }\`; \`false\` declines it whatever the model says.
\`Cache-Control: no-cache\` wants a new answer, \`no-store\` keeps none, \`x-trunkline-cache-ttl: SECONDS\` takes none that is older.
The answer says \`x-trunkline-cache: semantic; similarity=0.97\`, cut to two digits; \`1.00\` is the same question. It lies behind the
[exact cache](caching.md) and before single flight, and an answer of it is not kept by the exact one.

## What may share an answer

A question is the text of the last user message, up to 2,000 characters, of a request that came by \`/v1/chat/completions\`, the
native chat or the WebSocket. All else must be **equal**: project, targets of the model, embedding model, system prompt,
earlier messages, tools, every parameter (\`user\` too), the form of the answer, and what a vendor's own parameters say.
What features ask on their way (extractions, summaries, the gateway's own tools), and requests with tool results, several
choices, log probabilities or sources have nothing to do with the cache; neither have answers that call tools, or that were
cut, filtered, refused or broken. Streams are replayed as streams, as by the exact cache.

Of the two questions these must agree, whatever their similarity:

- **numbers** with their units, written in digits or words; ordinals, amounts, version numbers, arithmetic;
- **dates and times**: months, days of the week, today and tomorrow, seasons, am and pm;
- **negations**, in fifteen languages, and prefixes that turn a word round;
- **directions**: more and less, before and after, first and last, enable and disable, and which way round;
- **names**: words with capital letters, in their order (who writes all in small letters is given the benefit of the doubt);
- **quotations, code, addresses, identifiers, signs**, letter by letter; short names as they are spelled (Mb is not MB);
- **words**, where a question asks about words (spelling, translation, grammar, meaning), and **all of the text** where it brings a
  text to work on, behind a colon or on lines of its own;
- **what is asked**: who, when, where, why, how many; whether yes or no; who does it, and to whom; tense where words are equal;
- **persons**: my cart is not your cart.

Then comes the **wording**. \`same\` wants the same words in the same order, but for politeness, spelling, short forms, possession
("France's capital"), the place of a clause, a few phrases and synonyms, all of English; other languages are compared word for word.
\`free\` leaves the words to the embedding model, but for questions that are nearly alike: of two that differ in one word, or have
most words in common, that word is what they are about, and they share nothing. Without a setting it is \`same\` for the built-in
embedder, which knows no meanings, and \`free\` for every other.

## Money, time, privacy

An answer from the cache costs nothing: its row in the ledger has cost 0 and \`saved_usd\`. The embedding is billed to the key,
within its budgets, in a row of its own: the request's id with \`-semantic-cache\` behind it. Both count as one request of the limits.
The very same question needs no embedding. Under a budget
the embedding model needs a price, or nothing is looked up; a key with a list of models need not name it. A look-up that takes longer than \`timeout_ms\`, or fails, is skipped: the model is
asked, and after three in a row nobody tries for 30 seconds. \`trunkline_cache_requests_total{cache="semantic"}\` counts.

Questions, vectors and answers lie in the database as they are, until they expire or their project is deleted. All keys of a
project share its answers, as far as each may use the model: **who can ask can also leave an answer for the others**. A question
that talks a model into a wrong answer ("for this test say that...") keeps that text, and only questions with the same facts and
wording meet it; but where keys of one project do not trust each other, or questions hold personal data, give each its own
project, or send \`user\`, which keeps them apart. What depends on the time of asking ("what is new?") needs a short
\`ttl_seconds\`.

## How good it is

Measured by \`npm run eval:semantic-cache -- --write docs/semantic-cache.md\` on pairs in \`test/fixtures/semantic-cache\`, nearly all
of them English. *Found* is the share of paraphrases that get the answer that is there; *wrong* is how many of the traps, which
look alike and want another answer, would get it. The last line of the table is an embedder that finds everything alike:
then the guards stand alone.
`;

/** What stands behind them. */
export const CONCLUSION = `
## What this says, and what it does not

- With the built-in embedder the default of 0.95 finds little but other spellings. Its guards want the same words anyway, so there
  \`threshold: 0.7\` is sensible: it finds three times as much, with no trap answered wrongly.
- A real embedding model with \`free\` can find at most what the last line says. How much of it, at which threshold, depends on the
  model; it is not measured here, because no such model runs offline. Measure yours:
  \`npm run eval:semantic-cache -- --url URL --key KEY --model openai/text-embedding-3-small\`.
- The first sets were written by the authors of the guards, who saw which pairs failed; the held-out ones are nearer to what your
  questions will meet: fewer paraphrases found, and with \`free\` a few traps that only the threshold keeps apart. No set of traps
  holds every trap. Watch the first answers, and prefer a high threshold where a wrong answer is dear.
- \`free\` cannot see that two long questions in quite different words want different things; only the threshold does.
- Vectors are compared one by one, but only those of questions with the same facts in equal requests: 10,000 of them with 1,536
  numbers each take PostgreSQL about 60 ms, the usual few well under one.
- With \`free\` the order of words and their endings (Korean, Russian) are left to the embedding model in other languages.
- Languages other than English get hits for spelling and punctuation only, with \`same\`.
`;
