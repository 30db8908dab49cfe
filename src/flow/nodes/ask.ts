// Asks for something in words: text, a number, a date, a phone number, an e-mail address.
// What counts as an answer is told here; the reading of it is the engine's.
import { z } from 'zod';
import type { Expect, Value } from '../../core/expect.ts';
import type { At } from '../flow.ts';
import { type CompileContext, defineKind, text } from '../kind.ts';

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
/** One message of the narrowest channel. */
const LONGEST = 4000;

const schema = z.object({
  ask: z.enum(['text', 'number', 'date', 'phone', 'email']).describe('What the answer is'),
  text,
  min: z
    .union([z.number(), z.string()])
    .optional()
    .describe('Least: characters of a text, a number, a day YYYY-MM-DD'),
  max: z
    .union([z.number(), z.string()])
    .optional()
    .describe('Most: characters of a text, a number, a day YYYY-MM-DD'),
  integer: z.boolean().optional().describe('With number: whole numbers only'),
  future: z.boolean().optional().describe('With date: false refuses days to come'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional()
    .describe('With phone: the country of a number without a code, e.g. RU'),
});
type Spec = z.infer<typeof schema>;

const FIELDS = {
  text: ['min', 'max'],
  number: ['min', 'max', 'integer'],
  date: ['min', 'max', 'future'],
  phone: ['country'],
  email: [],
} as const satisfies Record<Spec['ask'], readonly (keyof Spec)[]>;

export const ask = defineKind({
  kind: 'ask',
  about: 'Asks for text, a number, a date, a phone number or an e-mail address.',
  schema,
  common: ['go', 'title', 'optional', 'again'],
  answer: (spec) => ({ type: spec.ask === 'number' ? 'number' : 'text' }),
  compile: (spec, context) => {
    const words = context.text(spec.text, ['text']);
    const expect = expectOf(spec, context);
    return {
      falls: true,
      waits: true,
      ask: (at) => ({
        text: words(at.locale, at.vars),
        expect: typeof expect === 'function' ? expect(at) : expect,
      }),
      ...(spec.ask === 'date' ? { show: dayInWords } : {}),
    };
  },
});

/** An ISO day as people write it. */
function dayInWords(value: Value, locale: string): string {
  if (typeof value !== 'string' || !DAY.test(value)) return String(value);
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return format.format(Date.parse(`${value}T00:00:00Z`));
}

function expectOf(spec: Spec, context: CompileContext): Expect | ((at: At) => Expect) {
  const allowed: readonly string[] = FIELDS[spec.ask];
  for (const field of ['min', 'max', 'integer', 'future', 'country'] as const) {
    if (spec[field] === undefined || allowed.includes(field)) continue;
    const remedy = allowed.length > 0 ? `With it go: ${allowed.join(', ')}.` : 'Remove it.';
    context.fault([field], 'unknown_key', `"${field}" does not go with "ask: ${spec.ask}".`, remedy);
  }
  switch (spec.ask) {
    case 'text': {
      const most = { ...numbers(spec, context) };
      return { kind: 'text', ...most, max: Math.min(most.max ?? LONGEST, LONGEST) };
    }
    case 'number':
      return {
        kind: 'number',
        ...numbers(spec, context),
        ...(spec.integer === undefined ? {} : { integer: spec.integer }),
      };
    case 'phone':
      return { kind: 'phone', defaultCountry: spec.country ?? context.country };
    case 'email':
      return { kind: 'email' };
    case 'date': {
      const { min, max } = days(spec, context);
      const least = min === undefined ? {} : { min };
      if (spec.future !== false) return { kind: 'date', ...least, ...(max === undefined ? {} : { max }) };
      return ({ today }) => ({ kind: 'date', ...least, max: max !== undefined && max < today ? max : today });
    }
  }
}

function numbers(spec: Spec, context: CompileContext): { min?: number; max?: number } {
  const result: { min?: number; max?: number } = {};
  for (const field of ['min', 'max'] as const) {
    const value = spec[field];
    if (value === undefined) continue;
    if (typeof value === 'number' && Number.isFinite(value)) result[field] = value;
    else
      context.fault(
        [field],
        'bad_value',
        `"${field}" is a number here.`,
        'Write it in digits, without quotes.',
      );
  }
  inOrder(result.min, result.max, context);
  return result;
}

function days(spec: Spec, context: CompileContext): { min?: string; max?: string } {
  const result: { min?: string; max?: string } = {};
  for (const field of ['min', 'max'] as const) {
    const value = spec[field];
    if (value === undefined) continue;
    if (typeof value === 'string' && DAY.test(value)) result[field] = value;
    else
      context.fault(
        [field],
        'bad_value',
        `"${field}" is a day here.`,
        'Write it as YYYY-MM-DD, e.g. 2026-03-12.',
      );
  }
  inOrder(result.min, result.max, context);
  return result;
}

function inOrder<T extends number | string>(
  min: T | undefined,
  max: T | undefined,
  context: CompileContext,
): void {
  if (min === undefined || max === undefined || min <= max) return;
  context.fault(['min'], 'bad_value', `No answer can be at least ${min} and at most ${max}.`, 'Swap them.');
}
