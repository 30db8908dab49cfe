// What people see, as the stand-in itself wrote it down. Tests judge by this and never by what the program believes.
import type { WireMessage, WirePollOption } from './wire-format.ts';
import type { Kept, PersonState, World } from './world.ts';

export interface Seen {
  readonly id: string;
  readonly type: string;
  /** Body, caption, or the question of a poll. */
  readonly text: string;
  /** Options of a poll. */
  readonly buttons: readonly { readonly id: string; readonly label: string }[];
  readonly files: readonly Uint8Array[];
  readonly fileName: string | undefined;
  readonly location: { readonly latitude: number; readonly longitude: number } | undefined;
  /** A contact's card, as text. */
  readonly card: string | undefined;
  /** The bot sent it. */
  readonly byBot: boolean;
  /** The owner of the account typed it on the phone. */
  readonly byPhone: boolean;
  readonly at: number;
  /** 0 not yet at the server, 1 at the server, 2 at the person, 3 read. */
  readonly ack: number;
  readonly quoted: string | undefined;
  readonly edited: boolean;
  readonly revoked: boolean;
  /** The page's request that sent it. */
  readonly request: number | undefined;
  /** By the reacting person's id. */
  readonly reactions: ReadonlyMap<string, string>;
}

const MEDIA = new Set(['image', 'video', 'audio', 'ptt', 'document', 'sticker']);

export function textOf(message: WireMessage): string {
  if (message.type === 'poll_creation') return String(message.pollName ?? '');
  if (message.type === 'location' || message.type === 'vcard') return '';
  return String((MEDIA.has(message.type) ? message.caption : message.body) ?? '');
}

export function seenOf(world: World, kept: Kept, message: WireMessage): Seen {
  const options = (message.pollOptions ?? []) as readonly WirePollOption[];
  const media = world.media.get(String(message.directPath));
  return {
    id: message.key.id,
    type: message.type,
    text: textOf(message),
    buttons: options.map(({ name, localId }) => ({ id: String(localId), label: name })),
    files: media === undefined ? [] : [media.bytes],
    fileName: message.filename as string | undefined,
    location:
      message.type === 'location'
        ? { latitude: Number(message.lat), longitude: Number(message.lng) }
        : undefined,
    card: message.type === 'vcard' ? String(message.body) : undefined,
    byBot: kept.by === 'bot',
    byPhone: kept.by === 'phone',
    at: kept.at,
    ack: kept.message.ack,
    quoted: message.quotedStanzaID as string | undefined,
    edited: kept.edited,
    revoked: kept.message.type === 'revoked',
    request: kept.request,
    reactions: kept.reactions,
  };
}

/** In their chat now, oldest first. */
export function seenBy(world: World, person: PersonState): Seen[] {
  return person.shown.map(({ kept }) => seenOf(world, kept, kept.message)).filter((seen) => !seen.revoked);
}

/** Every copy there ever was, as it was when it came. */
export function everythingOf(world: World, person: PersonState): Seen[] {
  return person.shown.map(({ kept, first }) => seenOf(world, kept, first));
}
