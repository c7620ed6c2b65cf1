/** A span as a collector gets it. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentSpanId: string;
  traceState: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
  isError: boolean;
  statusMessage: string;
  startNs: bigint;
  endNs: bigint;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  resource: Record<string, unknown>;
}

type Field = bigint | Buffer;
type Message = Map<number, Field[]>;

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const ERROR_STATUS = 2n;

/** The spans of an OTLP export in protobuf, read by the numbers of its fields. */
export function readSpans(body: Buffer): CollectedSpan[] {
  return messages(read(body), 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messages(resourceSpans, 1)[0] ?? new Map<number, Field[]>(), 1);
    return messages(resourceSpans, 2).flatMap((scope) => messages(scope, 2).map((span) => toSpan(span, resource)));
  });
}

function toSpan(span: Message, resource: Record<string, unknown>): CollectedSpan {
  const status = messages(span, 15)[0];
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    traceState: text(span, 3),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: KINDS[Number(span.get(6)?.[0] ?? 0n)] ?? 'unspecified',
    startNs: number(span, 7),
    endNs: number(span, 8),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    isError: status?.get(3)?.[0] === ERROR_STATUS,
    statusMessage: status ? text(status, 2) : '',
    resource,
  };
}

function attributesOf(message: Message, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(message, field).map((pair) => [
      text(pair, 1),
      toValue(messages(pair, 2)[0] ?? new Map<number, Field[]>()),
    ]),
  );
}

function toValue(value: Message): unknown {
  const [kind, fields] = [...value][0] ?? [0, []];
  const field = fields[0] ?? 0n;
  if (kind === 1) return (field as Buffer).toString('utf8');
  if (kind === 2) return field === 1n;
  if (kind === 3) return Number(BigInt.asIntN(64, field as bigint));
  if (kind === 4) return doubleOf(field as bigint);
  if (kind === 5) return messages(read(field as Buffer), 1).map(toValue);
  throw new Error(`A value of kind ${String(kind)} is none that is read here.`);
}

function doubleOf(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}

function messages(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((value) => read(value as Buffer));
}

function text(message: Message, field: number): string {
  return ((message.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer).toString('utf8');
}

function hex(message: Message, field: number): string {
  return ((message.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer).toString('hex');
}

function number(message: Message, field: number): bigint {
  return (message.get(field)?.[0] ?? 0n) as bigint;
}

/** One message of protobuf: its fields by their numbers, in the order they came. */
function read(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes.readUInt8(at));
      at += 1;
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('The message ends in the middle of a field.');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const readField = (wireType: number): Field => {
    if (wireType === 0) return varint();
    if (wireType === 1) return take(8).readBigUInt64LE();
    if (wireType === 2) return take(Number(varint()));
    if (wireType === 5) return BigInt(take(4).readUInt32LE());
    throw new Error(`There is no wire type ${String(wireType)}.`);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    message.set(field, [...(message.get(field) ?? []), readField(tag & 7)]);
  }
  return message;
}
