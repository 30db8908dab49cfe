// A message as the library hands it over, read into plain facts. Pure, and trusts no field: the page changes without
// notice. What is not a talk with one person gives nothing.
import type { RawMessage, Vote } from './protocol.ts';

type Data = Readonly<Record<string, unknown>>;

/** Undefined: not from or to one person, or not to be understood. */
export function rawOf(data: unknown, own: readonly string[]): RawMessage | undefined {
  if (!isData(data) || !isData(data.id) || typeof data.id.id !== 'string' || data.id.id === '')
    return undefined;
  const fromMe = data.id.fromMe === true;
  const chat = jidOf(fromMe ? data.to : data.from) ?? jidOf(data.id.remote);
  if (chat === undefined || !isPerson(chat) || own.includes(chat)) return undefined;
  if (data.isStatusV3 === true || data.broadcast === true || !isPerson(jidOf(data.id.remote) ?? chat))
    return undefined;
  const { type, t, notifyName } = data;
  const replyTo = textIn(data.quotedStanzaID);
  const editedAt = numberIn(data.latestEditSenderTimestampMs);
  const file = fileOf(data);
  const location = type === 'location' ? placeOf(data) : undefined;
  const cards = cardsOf(data);
  return {
    id: data.id.id,
    chat,
    fromMe,
    byWeb: isWebId(data.id.id),
    type: typeof type === 'string' ? type : '',
    text: wordsOf(data, file !== undefined),
    at: (numberIn(t) ?? 0) * 1_000,
    ...(typeof notifyName === 'string' && notifyName !== '' && !fromMe ? { name: notifyName } : {}),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(editedAt === undefined ? {} : { editedAt }),
    ...(file ? { file } : {}),
    ...(location ? { location } : {}),
    ...(cards.length > 0 ? { cards } : {}),
  };
}

/** A vote on the poll of that id. */
export function voteOf(given: unknown, poll: unknown): Vote | undefined {
  if (!isData(given) || typeof poll !== 'string') return undefined;
  const chat = jidOf(given.voter);
  if (chat === undefined || !isPerson(chat)) return undefined;
  const options: readonly unknown[] = Array.isArray(given.selectedOptions) ? given.selectedOptions : [];
  const chosen = options.map((one) => (isData(one) ? Number(one.localId) : -1));
  const words = options.map((one) => (isData(one) ? textIn(one.name) : undefined));
  return { poll, chat, chosen, words, at: numberIn(given.interractedAtTs) ?? 0 };
}

/** An id is a string in events and an object in what the page is asked for. */
export function jidOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (!isData(value)) return undefined;
  const { _serialized: whole, user, server } = value;
  if (typeof whole === 'string' && whole !== '') return whole;
  return typeof user === 'string' && typeof server === 'string' ? `${user}@${server}` : undefined;
}

/** One person, and not WhatsApp itself, which writes as number 0. */
export const isPerson = (jid: string): boolean => /^[1-9]\d*(?::\d+)?@(?:c\.us|lid)$/.test(jid);

/** How the ids of browsers look; telephones make longer ones, or begin with 3A. */
const isWebId = (id: string): boolean => id.length <= 25 && !id.startsWith('3A');

function wordsOf(data: Data, hasFile: boolean): string {
  if (hasFile) return textIn(data.caption) ?? '';
  // A place's body is its picture, a card's is the card.
  if (data.type === 'location' || data.type === 'vcard' || data.type === 'multi_vcard') return '';
  return textIn(data.body) ?? textIn(data.pollName) ?? '';
}

const FILES: ReadonlySet<unknown> = new Set(['image', 'video', 'ptt', 'audio', 'document', 'sticker']);

function fileOf(data: Data): RawMessage['file'] {
  if (!FILES.has(data.type)) return undefined;
  const size = numberIn(data.size);
  const mime = textIn(data.mimetype);
  const name = data.type === 'document' ? (textIn(data.filename) ?? textIn(data.title)) : undefined;
  return {
    ...(size === undefined ? {} : { size }),
    ...(mime === undefined ? {} : { mime }),
    ...(name === undefined ? {} : { name }),
  };
}

function placeOf({ lat, lng, loc }: Data): RawMessage['location'] {
  const latitude = numberIn(lat);
  const longitude = numberIn(lng);
  if (latitude === undefined || longitude === undefined) return undefined;
  const title = textIn(loc);
  return { latitude, longitude, ...(title === undefined ? {} : { title }) };
}

function cardsOf(data: Data): readonly string[] {
  const list = data.type === 'multi_vcard' && Array.isArray(data.vcardList) ? data.vcardList : [];
  const all = data.type === 'vcard' ? [data.body] : list.map((one) => (isData(one) ? one.vcard : undefined));
  return all.filter((card) => typeof card === 'string');
}

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null;

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Numbers come as strings at times. */
function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
