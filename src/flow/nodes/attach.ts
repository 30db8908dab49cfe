// Asks for files. Words sent beside them are kept as their caption by the engine.
import { z } from 'zod';
import { ATTACHMENT_KINDS } from '../../core/message.ts';
import { defineKind, text } from '../kind.ts';

export const attach = defineKind({
  kind: 'attach',
  about: 'Asks for photos, videos, voice messages or documents. The answer is the files.',
  schema: z.object({
    attach: z.array(z.enum(ATTACHMENT_KINDS)).min(1).describe('What is taken'),
    text,
    max: z.int().min(1).max(10).optional().describe('How many at most; 5 unless told'),
  }),
  common: ['go', 'title', 'optional', 'again'],
  answer: () => ({ type: 'files' }),
  compile: (spec, context) => {
    const words = context.text(spec.text, ['text']);
    const counted = context.own('files');
    const expect = { kind: 'files', accept: spec.attach, max: spec.max ?? 5 } as const;
    return {
      falls: true,
      waits: true,
      ask: ({ locale, vars }) => ({ text: words(locale, vars), expect }),
      show: (value, locale) => counted(locale, { count: Array.isArray(value) ? value.length : 0 }),
    };
  },
});
