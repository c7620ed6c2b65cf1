const BYTE_UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** A whole number from its decimal digits; any other text comes back as it is, for the validator to refuse. */
export function toInteger(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

/** A number from 0 to 1 from its decimal digits; any other text comes back as it is, for the validator to refuse. */
export function toRatio(value: unknown): unknown {
  return typeof value === 'string' && /^(?:0|1|0?\.\d{1,15}|[01]\.\d{0,15})$/.test(value) && Number(value) <= 1
    ? Number(value)
    : value;
}

/** True or false from exactly those words; any other text comes back as it is, for the validator to refuse. */
export function toBoolean(value: unknown): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}

/** Bytes from `1048576`, `512kb` or `16mb` (units of 1024); any other text comes back as it is. */
export function toBytes(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const match = /^(\d{1,12})\s*(b|kb|mb|gb)?$/i.exec(value);
  if (match === null) return value;
  return Number(match[1]) * (BYTE_UNITS[(match[2] ?? 'b').toLowerCase()] ?? 1);
}

/** The non-empty parts between commas, without surrounding blanks. */
export function toList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const parts = value.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

/** Whole numbers, separated by commas. */
export function toIntegers(value: unknown): unknown {
  const parts = toList(value);
  return Array.isArray(parts) ? parts.map(toInteger) : parts;
}

/** Express' `trust proxy` from `false`, a number of hops, or a list of addresses. */
export function toTrustProxy(value: unknown): unknown {
  const converted = toInteger(toBoolean(value));
  return typeof converted === 'string' && converted !== 'true' ? toList(converted) : converted;
}
