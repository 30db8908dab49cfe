// The form of a flow's file apart from its nodes.
import { z } from 'zod';
import { METRICS } from '../core/response.ts';
import { DURATION } from './duration.ts';
import { answerId, ID, text } from './kind.ts';

const length = z.string().regex(DURATION).describe('A length of time: 30m, 24h, 7d');

export const header = z.strictObject({
  flow: z.string().regex(ID).describe('Its name, the same as the file’s'),
  title: text.optional().describe('Its name in the menu of commands'),
  start: z
    .strictObject({
      commands: z
        .array(z.string().regex(ID))
        .min(1)
        .max(10)
        .optional()
        .describe('Commands without the slash that begin it'),
    })
    .optional(),
  remind: z
    .strictObject({ after: length, text })
    .optional()
    .describe('One reminder for a question left without an answer'),
  expire: length
    .optional()
    .describe('Silence after which the talk ends and what was answered is kept; 7d unless told'),
  response: z
    .strictObject({
      metric: z.enum(METRICS),
      touchpoint: z.string().regex(ID).describe('What is rated: relationship, delivery, support, …'),
      score: answerId.describe('The "rate" node of that metric'),
      reasons: z.array(answerId).max(20).optional().describe('"choose" nodes that tell why'),
      comment: answerId.optional().describe('The node whose answer is the comment'),
      contact: answerId
        .optional()
        .describe('A "choose: one" node whose option "yes" allows us to contact them'),
    })
    .optional()
    .describe('How answers become a response'),
  nodes: z
    .record(z.string().regex(ID), z.unknown())
    .describe('The places of the dialogue, the first one first'),
});
export type Header = z.infer<typeof header>;
