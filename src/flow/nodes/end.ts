// Ends the flow, with or without a last word.
import { z } from 'zod';
import { defineKind, text } from '../kind.ts';

export const end = defineKind({
  kind: 'end',
  about: 'Ends the flow: "end: true", or "end: text" to say something last.',
  schema: z.object({ end: z.union([z.literal(true), text]) }),
  common: [],
  compile: (spec, context) => {
    if (spec.end === true) return { falls: false, waits: false, ends: true, pass: () => ({ do: 'end' }) };
    const words = context.text(spec.end, ['end']);
    return {
      falls: false,
      waits: false,
      ends: true,
      pass: ({ locale, vars }) => ({ do: 'end', message: { text: words(locale, vars) } }),
    };
  },
});
