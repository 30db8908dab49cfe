// What an event must be, said once more and by itself: the shape that core draws, and what a journal can hold. The
// adapters are judged by it, so it shares no code with them.
import mongoose from 'mongoose';
import { z } from 'zod';
import { ATTACHMENT_KINDS } from '../../src/core/message.ts';

/** A key in an index. */
const id = z
  .string()
  .min(1)
  .max(1_024)
  .refine((text) => !/undefined|NaN|\[object|\bnull\b/.test(text), 'made of nothing');
const words = z.string();
/** Until the end of JavaScript's own calendar. */
const moment = z.number().min(0).max(8.64e15);

const attachment = z.strictObject({
  kind: z.enum(ATTACHMENT_KINDS),
  ref: words.optional(),
  name: words.optional(),
  mime: words.optional(),
  caption: words.optional(),
  size: z.number().nonnegative().optional(),
  location: z
    .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .optional(),
  contact: z.strictObject({ name: words, phone: words }).optional(),
});
const attachments = z.array(attachment).min(1).optional();
const operator = z.strictObject({ id, name: words });
const person = z
  .strictObject({ name: words.optional(), username: words.optional(), locale: words.optional() })
  .optional();

const envelope = { id, channel: id, account: words, at: moment };
const customer = { ...envelope, peer: id, person };
const customerEvent = z.discriminatedUnion('kind', [
  z.strictObject({
    ...customer,
    kind: z.literal('message'),
    text: words,
    attachments,
    message: id.optional(),
    replyTo: id.optional(),
    group: id.optional(),
    source: words.optional(),
  }),
  z.strictObject({ ...customer, kind: z.literal('press'), button: words, message: id.optional() }),
  z.strictObject({ ...customer, kind: z.literal('start'), payload: words.optional() }),
  z.strictObject({ ...customer, kind: z.literal('edit'), message: id, text: words }),
  z.strictObject({ ...customer, kind: z.literal('reach'), reachable: z.boolean(), reason: words.optional() }),
  z.strictObject({
    ...customer,
    kind: z.literal('outside'),
    by: operator,
    text: words,
    attachments,
    message: id,
    group: id.optional(),
  }),
  z.strictObject({
    ...customer,
    kind: z.literal('receipt'),
    key: id,
    state: z.enum(['sent', 'failed']),
    reason: words.optional(),
  }),
]);

const desk = {
  ...envelope,
  kind: z.literal('desk'),
  operator,
  ticket: id.optional(),
  place: id.optional(),
  message: id.optional(),
};
const deskEvent = z.discriminatedUnion('act', [
  z.strictObject({
    ...desk,
    act: z.literal('write'),
    text: words,
    attachments,
    replyTo: id.optional(),
    group: id.optional(),
  }),
  z.strictObject({ ...desk, act: z.literal('note'), text: words, attachments, group: id.optional() }),
  z.strictObject({ ...desk, act: z.literal('edit'), text: words }),
  z.strictObject({ ...desk, act: z.literal('claim'), force: z.boolean().optional() }),
  z.strictObject({ ...desk, act: z.literal('close'), text: words.optional() }),
  z.strictObject({ ...desk, act: z.literal('resend'), message: id }),
  z.strictObject({ ...desk, act: z.literal('unknown'), text: words }),
]);

/** What is wrong with it; nothing when all is well. */
export function faultOf(event: unknown): string | undefined {
  const isDesk = typeof event === 'object' && event !== null && 'kind' in event && event.kind === 'desk';
  const parsed = (isDesk ? deskEvent : customerEvent).safeParse(event);
  if (parsed.success) return undefined;
  return parsed.error.issues
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    .join('; ')
    .slice(0, 300);
}

/** Throws as the store would for what it cannot hold. */
export function mustFit(event: { readonly id: unknown }): void {
  if (typeof event.id !== 'string' || event.id.length > 1_024) throw new TypeError('the id is no key');
  mongoose.mongo.BSON.serialize(event, { ignoreUndefined: true });
}
