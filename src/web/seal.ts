// Seals an uploaded file to whoever uploaded it: only that person can put it into a message, and nothing of it
// can be altered on the way. Pure but for the key it is given.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ATTACHMENT_KINDS, type Attachment, type AttachmentKind } from '../core/message.ts';

export interface Sealer {
  seal(owner: string, attachment: Attachment): string;
  open(owner: string, sealed: string): Attachment | undefined;
}

export function createSealer(key: string): Sealer {
  const mark = (owner: string, body: string) =>
    createHmac('sha256', key).update(`${owner}\0${body}`).digest('base64url');
  return {
    seal(owner, attachment) {
      const body = Buffer.from(JSON.stringify(attachment)).toString('base64url');
      return `${body}.${mark(owner, body)}`;
    },
    open(owner, sealed) {
      const dot = sealed.indexOf('.');
      if (dot < 1) return undefined;
      const body = sealed.slice(0, dot);
      const given = Buffer.from(sealed.slice(dot + 1));
      const right = Buffer.from(mark(owner, body));
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const value: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
      return isAttachment(value) ? value : undefined;
    },
  };
}

function isAttachment(value: unknown): value is Attachment {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    ATTACHMENT_KINDS.includes(value.kind as AttachmentKind)
  );
}
