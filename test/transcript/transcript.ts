// The form of a transcript: a talk as a person reads it, one thing a line. Reads YAML and knows the line of each step;
// runs nothing.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

const words = z.union([z.string(), z.number().transform(String)]);
const listOf = <T extends z.ZodType>(one: T) =>
  z.union([one.transform((value) => [value]), z.array(one)]) as unknown as z.ZodType<z.infer<T>[]>;
const files = {
  photo: listOf(words).optional(),
  video: listOf(words).optional(),
  voice: listOf(words).optional(),
  document: listOf(words).optional(),
  sticker: listOf(words).optional(),
};

const customerSaid = z.union([
  words,
  z.strictObject({
    text: words.optional(),
    /** Part of a message it quotes. */ reply: words.optional(),
    ...files,
  }),
]);
const pressed = z.union([
  words,
  z.strictObject({
    label: words,
    /** Part of the message it stands under; the newest with that button unless told. */
    on: words.optional(),
    /** Somebody who presses it though it was shown to another. */
    by: z.string().optional(),
    times: z.int().optional(),
  }),
]);
const operatorDid = z.union([
  words,
  z.strictObject({
    text: words.optional(),
    ...files,
    edit: z.strictObject({ was: words, text: words }).optional(),
    resend: words.optional(),
    reply: words.optional(),
    /** Which ticket's place, by the order of opening; the newest unless told. */
    in: z.int().optional(),
  }),
]);
const botSays = z.union([
  words,
  z.strictObject({
    has: listOf(words).optional(),
    not: listOf(words).optional(),
    /** All of them, in their order; `false`: none. */
    buttons: z.union([z.literal(false), z.array(words)]).optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    files: z.int().optional(),
  }),
]);
const deskSees = z.strictObject({
  opened: z.string().optional(),
  subject: words.optional(),
  fields: z.record(z.string(), words).optional(),
  evidence: z.int().optional(),
  line: words.optional(),
  notice: words.optional(),
  reworded: words.optional(),
  files: z.int().optional(),
});
const value = z.union([words, z.boolean(), z.array(words)]);

const act = z.strictObject({
  customer: customerSaid.optional(),
  who: z.string().optional(),
  press: pressed.optional(),
  start: words.optional(),
  edit: z.strictObject({ was: words, text: words }).optional(),
  operator: operatorDid.optional(),
  /** A human of ours writes in the network's own inbox; `who` is their name. */
  outside: words.optional(),
  /** The network tells late what became of a message of ours. */
  receipt: z
    .strictObject({ of: words, state: z.enum(['sent', 'failed']), reason: z.string().optional() })
    .optional(),
});
export type ActStep = z.infer<typeof act>;

const step = z.union([
  z.strictObject({ say: act }),
  z.strictObject({ atOnce: z.array(act) }),
  z.strictObject({ sameAgain: z.literal(true) }),
  z.strictObject({ reach: z.boolean(), who: z.string().optional() }),
  z.strictObject({
    network: z.enum(['well', 'later', 'never', 'blocked', 'lost']),
    times: z.int().default(1),
  }),
  z.strictObject({ flowEdited: z.strictObject({ file: z.string(), from: z.string(), to: z.string() }) }),
  z.strictObject({ wait: z.string().regex(/^\d+[smhd]$/) }),
  z.strictObject({ restart: z.literal(true) }),
  z.strictObject({ bot: listOf(botSays) }),
  z.strictObject({ marked: words }),
  z.strictObject({ revised: words }),
  z.strictObject({ desk: listOf(deskSees) }),
  z.strictObject({ response: z.record(z.string(), value) }),
  z.strictObject({ responses: z.int() }),
  z.strictObject({ ticket: z.record(z.string(), z.union([value, z.record(z.string(), words)])) }),
  z.strictObject({ tickets: z.int() }),
  /** Where else the customer is, as the desk was shown it last. */
  z.strictObject({ alsoOn: z.array(words) }),
  z.strictObject({ nothing: z.literal(true) }),
]);
export type Step = z.infer<typeof step>;
export type BotSays = z.infer<typeof botSays>;
export type DeskSees = z.infer<typeof deskSees>;
export type CustomerSaid = z.infer<typeof customerSaid>;
export type Pressed = z.infer<typeof pressed>;
export type OperatorDid = z.infer<typeof operatorDid>;

const head = z.strictObject({
  title: z.string(),
  locale: z.string().default('ru'),
  /** What the channel can do, where it differs from a messenger with buttons under messages. */
  channel: z
    .strictObject({
      buttons: z.boolean().optional(),
      marksChoice: z.boolean().optional(),
      edits: z.boolean().optional(),
      textLimit: z.int().optional(),
      sendsOnce: z.boolean().optional(),
      public: z.literal(true).optional(),
    })
    .default({}),
  talk: z.array(z.unknown()),
});

export interface Transcript {
  readonly file: string;
  readonly title: string;
  readonly locale: string;
  readonly channel: z.infer<typeof head>['channel'];
  readonly steps: readonly { readonly line: number; readonly step: Step }[];
}

/** `customer maria: hello` → customer, by maria. */
const WHO = /^(customer|operator|press|start|edit|reach|bot|outside)\s+(.+)$/;

export function readTranscript(path: string): Transcript {
  const file = basename(path);
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines });
  if (document.errors[0]) throw new Error(`${file}: ${document.errors[0].message}`);
  const { talk, ...rest } = head.parse(document.toJS());
  const node = isMap(document.contents) ? document.contents.get('talk', true) : undefined;
  const places = isSeq(node) ? node.items : [];
  return {
    ...rest,
    file,
    steps: talk.map((raw, index) => {
      const item = places[index];
      const range = item && typeof item === 'object' && 'range' in item ? item.range : undefined;
      const line = Array.isArray(range) ? lines.linePos(Number(range[0])).line : 0;
      const read = step.safeParse(normal(raw));
      if (!read.success) throw new Error(`${file}:${line}: no such step: ${JSON.stringify(raw)}`);
      return { line, step: read.data };
    }),
  };
}

const ACTS: ReadonlySet<string> = new Set([
  'customer',
  'press',
  'start',
  'edit',
  'operator',
  'outside',
  'receipt',
]);

/** Brings the words of a person's file to one form a kind. */
function normal(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null) return raw;
  const [first, ...more] = Object.entries(raw);
  if (!first || more.length > 0) return renamed(raw as Record<string, unknown>);
  const [key, value] = first;
  const named = WHO.exec(key);
  const name = named?.[1] ?? key;
  const who = named?.[2] === undefined ? {} : { who: named[2] };
  if (ACTS.has(name)) return { say: { [name]: value, ...who } };
  if (name === 'reach') return { reach: value, ...who };
  if (name === 'bot' && named?.[2] !== undefined) {
    const each = (one: unknown) => ({
      ...(typeof one === 'object' && one !== null ? one : { has: one }),
      to: named[2],
    });
    return { bot: Array.isArray(value) ? value.map(each) : each(value) };
  }
  if (key === 'at once' && Array.isArray(value)) {
    return { atOnce: value.map((one) => (normal(one) as { say?: unknown }).say ?? one) };
  }
  return renamed({ [key]: value });
}

const SPOKEN = {
  'same again': 'sameAgain',
  'flow edited': 'flowEdited',
  'also on': 'alsoOn',
} as Readonly<Record<string, string>>;
const renamed = (raw: Record<string, unknown>): unknown =>
  Object.fromEntries(Object.entries(raw).map(([key, value]) => [SPOKEN[key] ?? key, value]));
