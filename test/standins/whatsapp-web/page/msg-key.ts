// Keys of messages. Their text lies in a field whose name the real page's builds have changed; which one is asked for
// by the test. Nothing else in the page may read that field by name.
import type { WireKey } from '../wire-format.ts';
import { config } from './config.ts';
import { createWid, type Wid } from './wid.ts';

export interface KeyParts {
  readonly fromMe?: boolean;
  readonly remote?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly id: string;
  readonly participant?: unknown;
  readonly selfDir?: 'in' | 'out';
}

export class MsgKey {
  readonly fromMe: boolean;
  readonly remote: Wid;
  readonly id: string;
  readonly participant?: Wid;

  constructor(parts: KeyParts) {
    this.fromMe = parts.fromMe ?? parts.selfDir === 'out';
    this.remote = createWid(parts.remote ?? (this.fromMe ? parts.to : parts.from));
    this.id = parts.id;
    if (parts.participant !== undefined && parts.participant !== null) {
      this.participant = createWid(parts.participant);
    }
    Object.defineProperty(this, config.keyField, { value: this.toString(), enumerable: true });
  }

  static async newId(): Promise<string> {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase();
  }

  static fromString(text: string): MsgKey {
    const [fromMe, remote, id, participant] = text.split('_');
    if (remote === undefined || id === undefined) throw new Error(`invalid message key ${text}`);
    return new MsgKey({ fromMe: fromMe === 'true', remote, id, participant });
  }

  equals(other: unknown): boolean {
    return String(other) === this.toString();
  }

  toString(): string {
    const whose = this.participant === undefined ? '' : `_${this.participant}`;
    return `${this.fromMe}_${this.remote}_${this.id}${whose}`;
  }
}

export function toWireKey(key: MsgKey): WireKey {
  return {
    fromMe: key.fromMe,
    remote: String(key.remote),
    id: key.id,
    ...(key.participant !== undefined && { participant: String(key.participant) }),
  };
}
