// Ids of chats and people, as the page words them: plain fields in evaluate() results, one text in events.

export class Wid {
  readonly server: string;
  readonly user: string;
  readonly _serialized: string;

  constructor(text: string) {
    const [, user, server] = /^([^@]+)@([a-z.]+)$/.exec(text) ?? [];
    if (user === undefined || server === undefined) throw new Error(`wid error: invalid wid ${text}`);
    this.server = server === 's.whatsapp.net' ? 'c.us' : server;
    this.user = user;
    this._serialized = `${user}@${this.server}`;
  }

  isUser(): boolean {
    return this.server === 'c.us' || this.server === 'lid';
  }

  isLid(): boolean {
    return this.server === 'lid';
  }

  isGroup(): boolean {
    return this.server === 'g.us';
  }

  isBroadcast(): boolean {
    return this.server === 'broadcast';
  }

  isStatus(): boolean {
    return this._serialized === 'status@broadcast';
  }

  isNewsletter(): boolean {
    return this.server === 'newsletter';
  }

  equals(other: unknown): boolean {
    return String(other) === this._serialized;
  }

  toJid(): string {
    return this._serialized.replace('@c.us', '@s.whatsapp.net');
  }

  toString(): string {
    return this._serialized;
  }

  toJSON(): string {
    return this._serialized;
  }
}

/** Takes a Wid, its text, or its fields. */
export function createWid(like: unknown): Wid {
  if (like instanceof Wid) return like;
  if (typeof like === 'object' && like !== null && '_serialized' in like)
    return new Wid(String(like._serialized));
  return new Wid(String(like));
}
