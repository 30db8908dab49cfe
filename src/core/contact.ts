// Who is at the other end. Ids are opaque: nothing outside this file builds one or reads a network's id out of one.
import { createHash } from 'node:crypto';

/** A person as one channel's account knows them. */
export interface Address {
  /** The channel's registry name: `telegram`, `web`, … */
  readonly channel: string;
  /** Which of our own accounts on that network: a bot's id, a community's id; `''` where there is one only. */
  readonly account: string;
  /** The network's own id of the person or chat. */
  readonly peer: string;
}

/** What the network tells about the person. Every field is as the network gave it, unchecked. */
export interface Person {
  readonly name?: string;
  readonly username?: string;
  /** IETF tag as the network gave it, e.g. `ru`, `en-GB`. */
  readonly locale?: string;
}

/** An operator as the desk knows them; `id` is the desk's own stable id, never a username. */
export interface Operator {
  readonly id: string;
  readonly name: string;
}

/** The contact's id: made from the address, so that two first messages at once make one contact. */
export function contactIdOf(address: Address): string {
  return `c${createHash('sha256')
    .update(`${address.channel}\0${address.account}\0${address.peer}`)
    .digest('base64url')
    .slice(0, 15)}`;
}

/** Where the network's own message ids of this contact are unique. */
export const placeOf = (address: Address): string => `${address.channel}:${address.account}:${address.peer}`;
