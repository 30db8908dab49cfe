// Opens a ticket and puts the customer through to an operator: from here on their words go to the ticket.
import { z } from 'zod';
import { TICKET_KINDS } from '../../core/ticket.ts';
import { defineKind } from '../kind.ts';
import { openFields, openSpec } from './ticket.ts';

export const handoff = defineKind({
  kind: 'handoff',
  about:
    'Opens a ticket and puts the customer through to an operator. Put a "say" before it to tell them so.',
  schema: z.object({ handoff: z.enum(TICKET_KINDS).describe('What kind of ticket'), ...openFields }),
  common: ['go', 'title'],
  answer: () => ({ type: 'text' }),
  compile: (spec, context) => {
    const ticket = openSpec(spec.handoff, spec, context);
    return { falls: true, waits: false, pass: () => ({ do: 'open', ticket, handoff: true }) };
  },
});
