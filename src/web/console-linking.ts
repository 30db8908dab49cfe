// Accounts that a person must link, such as a phone that scans a picture: their state, and what can be done about it.
// What the picture says is a secret: it goes to who is signed in, and nowhere else.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Gate } from './console-gate.ts';
import { read } from './console-reads.ts';
import type { WebDeps } from './deps.ts';
import { Refusal } from './refusal.ts';

const wanted = z.discriminatedUnion('do', [
  z.object({ do: z.literal('code'), phone: z.string().regex(/^\+?[\d\s()-]{7,25}$/) }),
  z.object({ do: z.literal('unlink') }),
  z.object({ do: z.literal('restart') }),
  z.object({ do: z.literal('turn'), on: z.boolean() }),
]);

/** Digits with the country's code. Whoever dials 8 and ten digits more, and writes no plus, means Russia's +7. */
function phoneOf(typed: string): string {
  const digits = typed.replace(/\D/g, '');
  return typed.startsWith('+') ? digits : digits.replace(/^8(?=\d{10}$)/, '7');
}

export function consoleLinking(deps: WebDeps, gate: Gate) {
  const linkings = deps.linkings ?? {};
  return async (app: FastifyInstance) => {
    app.get('/console/api/linking', async (request, reply) => {
      await gate.operator(request);
      const all = Object.entries(linkings).map(([name, linking]) => ({ name, state: linking.state() }));
      return reply.header('cache-control', 'no-store').send({ linkings: all });
    });

    app.post<{ Params: { name: string } }>('/console/api/linking/:name', async (request) => {
      gate.fromOurPage(request);
      const by = await gate.operator(request);
      const { name } = request.params;
      const linking = Object.hasOwn(linkings, name) ? linkings[name] : undefined;
      if (!linking) throw new Refusal(404, 'no_linking', 'no account of this name is to be linked');
      const asked = read(wanted, request.body);
      const what = asked.do === 'turn' ? `turn_${asked.on ? 'on' : 'off'}` : asked.do;
      await deps.records.audit({ at: deps.clock(), by, what: `linking.${what}`, on: name });
      try {
        if (asked.do === 'code') await linking.requestCode(phoneOf(asked.phone));
        else if (asked.do === 'unlink') await linking.unlink();
        else if (asked.do === 'restart') await linking.restart();
        else await linking.turn(asked.on);
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        deps.log.warn({ error: name, what }, 'the account did not take what the console asked');
        throw new Refusal(409, 'link_refused', 'the network did not take it now; try again in a minute');
      }
      return { state: linking.state() };
    });
  };
}
