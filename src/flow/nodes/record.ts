// Keeps the answers given so far as a response, so that nothing is lost when the talk stops here.
import { z } from 'zod';
import { defineKind } from '../kind.ts';

export const record = defineKind({
  kind: 'record',
  about:
    'Keeps the answers so far as a response: partial (more may come) or complete. The end of the flow completes it by itself.',
  schema: z.object({ record: z.enum(['partial', 'complete']) }),
  common: ['go'],
  compile: ({ record: state }) => ({ falls: true, waits: false, pass: () => ({ do: 'record', state }) }),
});
