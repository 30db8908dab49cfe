// Plays another flow, then goes on here.
import { z } from 'zod';
import { defineKind, ID } from '../kind.ts';

export const call = defineKind({
  kind: 'call',
  about: 'Plays another flow, then goes on here.',
  schema: z.object({ call: z.string().regex(ID).describe('The flow’s name') }),
  common: ['go'],
  compile: (spec, context) => {
    const flow = context.flow(spec.call, ['call']);
    return { falls: true, waits: false, pass: () => ({ do: 'call', flow }) };
  },
});
