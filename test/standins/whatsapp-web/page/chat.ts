// Chats as the page holds them, and who is who: every person has a number and a lid, and the page may know only one.
import type { WireChat, WireContact } from '../wire-format.ts';
import { type Attributes, Collection, Model } from './model.ts';
import { Msg } from './msg.ts';
import { createWid, Wid } from './wid.ts';
import type { Wire } from './wire.ts';

export class Chat extends Model {
  declare id: Wid;
  declare unreadCount: number;
  declare msgs: Collection<Msg>;
  declare groupMetadata: Model | undefined;

  constructor(attributes: Attributes) {
    const { members, ...rest } = attributes as Attributes & { members?: readonly string[] };
    super(rest);
    this.msgs = new Collection(Msg);
    this.mute = { expiration: 0 };
    if (members === undefined) return;
    const participants = members.map((member) => ({ id: createWid(member), isAdmin: false }));
    this.groupMetadata = new Model({ id: this.id, participants, announce: false });
  }

  override serialize(): Record<string, unknown> {
    return { ...super.serialize(), msgs: this.msgs.getModelsArray().map((msg) => msg.serialize()) };
  }

  override toJSON(): Record<string, unknown> {
    return super.serialize();
  }
}

export function fromWireChat(wire: WireChat): Chat {
  return new Chat({
    id: createWid(wire.id),
    name: wire.name,
    formattedTitle: wire.name,
    unreadCount: wire.unread,
    t: wire.t,
    archive: false,
    isLocked: false,
    ...(wire.members !== undefined && { members: wire.members }),
  });
}

export class Contact extends Model {
  declare id: Wid;
}

export interface Directory {
  readonly contacts: Collection<Contact>;
  learn(contact: WireContact): void;
  lidOf(wid: Wid): Wid | undefined;
  phoneOf(wid: Wid): Wid | undefined;
  otherOf(wid: Wid): Wid | undefined;
  /** Asks the network; what it says is remembered. */
  exists(wid: Wid): Promise<{ wid: Wid } | null>;
  find(wid: unknown): Promise<Contact>;
}

export function createDirectory(wire: Wire): Directory {
  const contacts = new Collection(Contact);
  const lids = new Map<string, Wid>();
  const phones = new Map<string, Wid>();

  function learn({ pn, lid, name, paired }: WireContact): void {
    if (paired) {
      lids.set(pn, new Wid(lid));
      phones.set(lid, new Wid(pn));
    }
    for (const id of [pn, lid]) {
      const contact = contacts.add(new Contact({ id: new Wid(id), name: undefined, pushname: name }));
      contact.set({ pushname: name });
      if (paired && id === lid) contact.phoneNumber = new Wid(pn);
    }
  }

  const lidOf = (wid: Wid): Wid | undefined => (wid.isLid() ? wid : lids.get(wid._serialized));
  const phoneOf = (wid: Wid): Wid | undefined => (wid.isLid() ? phones.get(wid._serialized) : wid);

  async function exists(wid: Wid): Promise<{ wid: Wid } | null> {
    const found = (await wire.ask('exists', { wid: String(wid) })) as WireContact | null;
    if (found === null) return null;
    learn({ ...found, paired: true });
    return { wid: new Wid(found.pn) };
  }

  return {
    contacts,
    learn,
    lidOf,
    phoneOf,
    otherOf: (wid) => (wid.isLid() ? phoneOf(wid) : lidOf(wid)),
    exists,
    async find(like) {
      const wid = createWid(like);
      const known = contacts.get(wid);
      return known ?? contacts.add(new Contact({ id: wid, name: undefined, pushname: undefined }));
    },
  };
}
