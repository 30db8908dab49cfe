// Opens a ticket from the answers, or adds words and files to one that is open. The public number is the answer.
import { z } from 'zod';
import { TICKET_KINDS } from '../../core/ticket.ts';
import type { OpenSpec } from '../flow.ts';
import { answerId, type CompileContext, defineKind, type NodeParts } from '../kind.ts';

export const openFields = {
  category: z
    .array(answerId)
    .min(1)
    .max(5)
    .optional()
    .describe('Nodes that choose the category, from the general down'),
  subject: answerId.optional().describe('The node whose answer is the subject'),
  fields: z
    .array(answerId)
    .max(30)
    .optional()
    .describe('Nodes whose answers the operator is shown, in order'),
  evidence: z.array(answerId).max(10).optional().describe('Nodes whose files are evidence'),
};
const opening = z.object(openFields);

const schema = z.object({
  ticket: z.enum(['open', 'add']).describe('open: a new ticket; add: to one that is open'),
  type: z.enum(TICKET_KINDS).optional().describe('With open: complaint unless told'),
  category: openFields.category,
  subject: openFields.subject,
  fields: openFields.fields,
  evidence: z
    .union([openFields.evidence.unwrap(), answerId])
    .optional()
    .describe('With open: nodes whose files are evidence; with add: the one node'),
  to: answerId.optional().describe('With add: the node that chose the ticket'),
  text: answerId.optional().describe('With add: the node whose answer is added'),
});
type Spec = z.infer<typeof schema>;

const FIELDS = {
  open: ['type', 'category', 'subject', 'fields', 'evidence'],
  add: ['to', 'text', 'evidence'],
} as const satisfies Record<Spec['ticket'], readonly (keyof Spec)[]>;

export const ticket = defineKind({
  kind: 'ticket',
  about:
    'Opens a ticket from the answers; its public number is the answer: {{id of this node}}. Or adds to an open one.',
  schema,
  common: ['go', 'title'],
  answer: () => ({ type: 'text' }),
  compile: (spec, context) => {
    const allowed: readonly string[] = FIELDS[spec.ticket];
    for (const field of ['type', 'category', 'subject', 'fields', 'evidence', 'to', 'text'] as const) {
      if (spec[field] === undefined || allowed.includes(field)) continue;
      const message = `"${field}" does not go with "ticket: ${spec.ticket}".`;
      context.fault([field], 'unknown_key', message, `With it go: ${allowed.join(', ')}.`);
    }
    return spec.ticket === 'open' ? open(spec, context) : add(spec, context);
  },
});

function open(spec: Spec, context: CompileContext): NodeParts {
  const evidence = spec.evidence;
  const wrong = typeof evidence === 'string';
  if (wrong) {
    context.fault(['evidence'], 'bad_value', '"evidence" is a list of nodes here.', `Write [${evidence}].`);
  }
  const { evidence: _, ...rest } = spec;
  const opened = openSpec(
    spec.type ?? 'complaint',
    { ...rest, ...(wrong || evidence === undefined ? {} : { evidence }) },
    context,
  );
  return { falls: true, waits: false, pass: () => ({ do: 'open', ticket: opened, handoff: false }) };
}

/** Shared with the handoff: the nodes from which a ticket is made. */
export function openSpec(
  kind: OpenSpec['kind'],
  spec: z.infer<typeof opening>,
  context: CompileContext,
): OpenSpec {
  const category = (spec.category ?? []).map((id, index) =>
    context.answerOf(id, ['category', index], ['choice', 'choices']),
  );
  const fields = (spec.fields ?? []).map((id, index) => {
    context.titleOf(id, ['fields', index]);
    return context.answerOf(id, ['fields', index]);
  });
  const evidence = (spec.evidence ?? []).map((id, index) =>
    context.answerOf(id, ['evidence', index], ['files']),
  );
  const subject = spec.subject === undefined ? {} : { subject: context.answerOf(spec.subject, ['subject']) };
  return { kind, category, ...subject, fields, evidence };
}

function add(spec: Spec, context: CompileContext): NodeParts {
  if (spec.to === undefined) {
    const remedy = 'Add "to: <node>", a node with "choose: one, from: tickets".';
    context.fault(['ticket'], 'bad_value', 'It is not told to which ticket is added.', remedy);
    return { falls: true, waits: false };
  }
  if (spec.text === undefined && spec.evidence === undefined) {
    const remedy = 'Add "text: <node>", "evidence: <node>" or both.';
    context.fault(['ticket'], 'bad_value', 'There is nothing to add to the ticket.', remedy);
  }
  const to = context.answerOf(spec.to, ['to'], ['choice']);
  const words =
    spec.text === undefined ? undefined : context.answerOf(spec.text, ['text'], ['text', 'choice']);
  let files: string | undefined;
  if (spec.evidence !== undefined) {
    const [id, more] = typeof spec.evidence === 'string' ? [spec.evidence] : spec.evidence;
    if (more !== undefined) {
      context.fault(
        ['evidence'],
        'bad_value',
        'One node’s files are added at a time.',
        `Write "${id}" alone.`,
      );
    }
    if (id !== undefined) files = context.answerOf(id, ['evidence'], ['files']);
  }
  return {
    falls: true,
    waits: false,
    pass: ({ answers }) => {
      const chosen = answers[to];
      // Skipped or gone: there is nothing it could be added to, and the talk goes on.
      if (typeof chosen !== 'string')
        return context.next === undefined ? { do: 'end' } : { do: 'go', to: context.next };
      const said = words === undefined ? undefined : answers[words];
      const sent = files === undefined ? undefined : answers[files];
      return {
        do: 'add',
        ticket: chosen,
        ...(typeof said === 'string' ? { text: said } : {}),
        ...(sent === undefined ? {} : { files: sent }),
      };
    },
  };
}
