// The console as its page uses it: signed in over HTTP, reading what operators read and doing what operators do. A test
// judges outcomes by this and never by the store.
import { randomUUID } from 'node:crypto';
import type { LineView, ResponseRow, TicketRow, TicketView } from '../../src/web/console-views.ts';

export interface Console {
  /** Newest first; of one channel. */
  responses(channel: string): Promise<readonly ResponseRow[]>;
  tickets(channel: string): Promise<readonly TicketRow[]>;
  ticket(id: string): Promise<TicketView>;
  /** The bytes of a file as the console gives it. */
  file(file: TicketView['evidence'][number]): Promise<Uint8Array>;
  claim(id: string): Promise<void>;
  reply(id: string, text: string): Promise<void>;
  close(id: string, text: string): Promise<void>;
}

/** What stands in a ticket's talk after what was told at its opening. */
export const linesOf = (ticket: TicketView): readonly (readonly [LineView['author']['kind'], string])[] =>
  ticket.messages.slice(1).map(({ author, text }) => [author.kind, text] as const);

export async function signIn(url: string, password: string, name: string): Promise<Console> {
  const headers = { origin: url, 'x-otklik': '1' };
  const post = async (path: string, body: object, cookie = ''): Promise<Response> => {
    const answer = await fetch(`${url}/console/api/${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const entered = await post('login', { password, name });
  await entered.text();
  const cookie = /^[^;]+/.exec(entered.headers.get('set-cookie') ?? '')?.[0] ?? '';
  const get = async (path: string): Promise<Response> => {
    const answer = await fetch(new URL(path, url), { headers: { cookie } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const act = async (id: string, what: string, body: object): Promise<void> => {
    await (
      await post(`tickets/${encodeURIComponent(id)}/${what}`, { key: randomUUID(), ...body }, cookie)
    ).text();
  };
  const read = async <T>(path: string): Promise<T> =>
    (await get(`/console/api/${path}`)).json() as Promise<T>;
  return {
    async responses(channel) {
      const { responses } = await read<{ responses: ResponseRow[] }>('responses?locale=ru');
      return responses.filter((row) => row.channel === channel);
    },
    async tickets(channel) {
      const lists = await Promise.all(
        ['open', 'closed'].map((state) => read<{ tickets: TicketRow[] }>(`tickets?locale=ru&state=${state}`)),
      );
      return lists.flatMap(({ tickets }) => tickets).filter((row) => row.channel === channel);
    },
    ticket: async (id) =>
      (await read<{ ticket: TicketView }>(`tickets/${encodeURIComponent(id)}?locale=ru`)).ticket,
    file: async (file) => new Uint8Array(await (await get(file.url ?? 'no-address')).arrayBuffer()),
    claim: (id) => act(id, 'claim', {}),
    reply: (id, text) => act(id, 'reply', { text }),
    close: (id, text) => act(id, 'close', { text }),
  };
}
