// The shipped flows as people play them, each from its beginning to its end, with what must have come of it. A play
// knows people and outcomes; how words travel is the player's, and how outcomes are read is the console's.
import { expect } from 'vitest';
import type { ResponseRow, TicketView } from '../../src/web/console-views.ts';
import { type Console, linesOf } from './console.ts';
import type { Heard, Player } from './player.ts';

/** What a play must leave: nothing besides it. */
export interface Outcome {
  readonly responses?: readonly WantedResponse[];
  readonly tickets?: readonly WantedTicket[];
}

export type WantedResponse = Omit<ResponseRow, 'id' | 'at' | 'channel' | 'title'>;

export interface WantedTicket
  extends Pick<TicketView, 'number' | 'kind' | 'status' | 'category' | 'subject'> {
  /** By the node's id. */
  readonly fields: Readonly<Record<string, string>>;
  readonly evidence: readonly Uint8Array[];
  /** After what was told at its opening. */
  readonly lines: ReturnType<typeof linesOf>;
}

export interface Stage {
  readonly player: Player;
  readonly console: Console;
  readonly channel: string;
  /** The operator's name, as signed in. */
  readonly operator: string;
  readonly photo: Uint8Array;
}

type Play = (stage: Stage) => Promise<Outcome>;

const complete = { state: 'complete' } as const;
const nps = { ...complete, flow: 'nps', metric: 'nps', touchpoint: 'relationship' } as const;
const opened = { status: 'acknowledged', category: [], evidence: [], lines: [] } as const;

const numberOf = (heard: Heard, name = 'ticket'): string => heard.values[name] ?? '';

const COMMENT = 'Курьер опоздал на два часа';

/** From the first word to the number told. */
async function calls({ player }: Stage, question: string): Promise<string> {
  await player.begins('operator');
  await player.hears('operator:question');
  await player.says(question);
  return numberOf(await player.hears('operator:told'), 'human');
}

export const PLAYS = {
  async 'NPS: a detractor who may be contacted'({ player }) {
    await player.begins('nps');
    await player.presses(await player.hears('nps:score'), '3');
    await player.ticks(await player.hears('nps:why_low'), ['nps:delivery', 'nps:price']);
    await player.hears('nps:comment');
    await player.says(COMMENT);
    await player.presses(await player.hears('nps:may_contact'), 'nps:contact_yes');
    const number = numberOf(await player.hears('nps:sorry_contact'));
    const reasons = [player.text('nps:delivery'), player.text('nps:price')];
    const fields = { score: '3', why_low: reasons.join(', '), comment: COMMENT };
    return {
      responses: [{ ...nps, score: 3, reasons, comment: COMMENT, contactAllowed: true }],
      tickets: [{ ...opened, number, kind: 'contact', subject: COMMENT, fields }],
    };
  },

  async 'NPS: a promoter, in words'({ player }) {
    await player.begins('nps');
    await player.hears('nps:score');
    await player.says('10 из 10');
    await player.hears('nps:why_high');
    await player.says('Ваши люди');
    await player.presses(await player.hears('nps:comment'), 'engine:button.skip');
    await player.presses(await player.hears('nps:may_contact'), 'nps:contact_no');
    await player.hears('nps:glad');
    return { responses: [{ ...nps, score: 10, reasons: ['Ваши люди'], contactAllowed: false }] };
  },

  async 'CSAT: one who is content, and one who is not'({ player }) {
    const csat = { ...complete, flow: 'csat', metric: 'csat', touchpoint: 'last_contact' } as const;
    await player.begins('csat');
    await player.presses(await player.hears('csat:score'), '5');
    await player.ticks(await player.hears('csat:why_high'), ['csat:fast']);
    await player.presses(await player.hears('csat:comment'), 'engine:button.skip');
    await player.hears('csat:thanks');
    await player.begins('csat');
    await player.presses(await player.hears('csat:score'), '2');
    await player.presses(await player.hears('csat:why_low'), 'engine:button.skip');
    await player.hears('csat:comment');
    await player.says('Ждал ответа неделю');
    await player.presses(await player.hears('csat:may_contact'), 'csat:contact_no');
    await player.hears('csat:sorry');
    return {
      responses: [
        { ...csat, score: 5, reasons: [player.text('csat:fast')] },
        { ...csat, score: 2, reasons: [], comment: 'Ждал ответа неделю', contactAllowed: false },
      ],
    };
  },

  async 'CES: hard, and easy'({ player }) {
    const ces = { ...complete, flow: 'ces', metric: 'ces', touchpoint: 'last_contact' } as const;
    await player.begins('ces');
    await player.presses(await player.hears('ces:score'), '2');
    await player.ticks(await player.hears('ces:why_hard'), ['ces:wait', 'ces:website']);
    await player.hears('ces:comment');
    await player.says('Три раза вводил адрес');
    await player.presses(await player.hears('ces:may_contact'), 'ces:contact_no');
    await player.hears('ces:sorry');
    await player.begins('ces');
    await player.presses(await player.hears('ces:score'), '7');
    await player.hears('ces:what_helped');
    await player.says('Понятная форма');
    await player.hears('ces:thanks');
    const reasons = [player.text('ces:wait'), player.text('ces:website')];
    return {
      responses: [
        { ...ces, score: 2, reasons, comment: 'Три раза вводил адрес', contactAllowed: false },
        { ...ces, score: 7, reasons: [] },
      ],
    };
  },

  async 'a complaint with a photo and one field corrected, then its status and an addition'({
    player,
    photo,
  }) {
    const what = 'Чайник перестал включаться на второй день';
    await player.begins('complaint');
    await player.presses(await player.hears('complaint:area'), 'complaint:product');
    await player.presses(await player.hears('complaint:detail'), 'complaint:product_faulty');
    await player.hears('complaint:what');
    await player.says(what);
    await player.presses(await player.hears('complaint:more'), 'complaint:more_yes');
    await player.presses(await player.hears('complaint:where'), 'engine:button.skip');
    await player.hears('complaint:when');
    await player.says('12.03.2025');
    await player.hears('complaint:order');
    await player.says('A-1042');
    await player.hears('complaint:evidence');
    await player.sends([photo]);
    await player.presses(await player.hears('engine:files_taken', { count: 1 }), 'engine:button.done');
    await player.presses(await player.hears('complaint:wish'), 'complaint:wish_replace');
    await player.presses(await player.hears('complaint:reach'), 'complaint:reach_here');
    const check = await player.hears('complaint:check');
    expect(check.on.text).toContain('A-1042');
    await player.presses(check, 'flow:fix', { title: player.text('complaint:t_order') });
    await player.hears('complaint:order');
    await player.says('A-1043');
    const again = await player.hears('complaint:check');
    expect(again.on.text).toContain('A-1043');
    await player.presses(again, 'complaint:send');
    const number = numberOf(await player.hears('complaint:done'));

    await player.begins('status');
    await player.pressesFirst(await player.hears('status:which'), number);
    await player.presses(await player.hears('status:then', { which: number }), 'status:add');
    await player.hears('status:words', { which: number });
    await player.says('Чек тоже есть');
    await player.presses(await player.hears('status:files'), 'engine:button.skip');
    await player.hears('status:added', { which: number });

    const category = [player.text('complaint:product'), player.text('complaint:product_faulty')];
    const fields = {
      area: category[0] ?? '',
      product: category[1] ?? '',
      what,
      when: '12 марта 2025 г.',
      order: 'A-1043',
      wish: player.text('complaint:wish_replace'),
      reach: player.text('complaint:reach_here'),
    };
    return {
      tickets: [
        {
          ...opened,
          ...{ number, kind: 'complaint', category, subject: what, fields, evidence: [photo] },
          lines: [['customer', 'Чек тоже есть']],
        },
      ],
    };
  },

  async 'an operator is called, answers, is answered, and closes'(stage) {
    const { player, console, channel, operator } = stage;
    const question = 'Как поменять адрес доставки?';
    const number = await calls(stage, question);
    const ticketId = async (): Promise<string | undefined> =>
      (await console.tickets(channel)).find((one) => one.number === number)?.id;
    await expect.poll(ticketId, { timeout: 10_000 }).toBeDefined();
    const id = (await ticketId()) ?? '';
    await console.claim(id);
    await player.hears('engine:claimed', { number, name: operator });
    const answer = 'Здравствуйте! Адрес поменяли, проверьте.';
    await console.reply(id, answer);
    await player.hearsWords(answer);
    const thanks = 'Спасибо, вижу новый адрес';
    await player.says(thanks);
    await expect
      .poll(async () => linesOf(await console.ticket(id)).map(([, text]) => text), { timeout: 10_000 })
      .toContain(thanks);
    const bye = 'Хорошего дня!';
    await console.close(id, bye);
    await player.hearsWords(bye);
    await player.hears('engine:closed', { number });
    return {
      tickets: [
        {
          ...opened,
          ...{ number, kind: 'request', status: 'closed', subject: question, fields: { question } },
          lines: [
            ['bot', player.text('engine:claimed', { number, name: operator })],
            ['operator', answer],
            ['customer', thanks],
            ['operator', bye],
            ['bot', player.text('engine:closed', { number })],
          ],
        },
      ],
    };
  },

  async 'the menu: no tickets yet, then words of their own go to a person'({ player }) {
    const words = 'У вас очень вежливые курьеры';
    await player.begins('menu');
    await player.presses(await player.hears('menu:what'), 'menu:tickets');
    await player.presses(await player.hears('status:none'), 'status:enough');
    await player.begins('menu');
    await player.hears('menu:what');
    await player.says(words);
    await player.presses(await player.hears('menu:pass_on', { what: words }), 'menu:pass_yes');
    const number = numberOf(await player.hears('menu:told'), 'human');
    return { tickets: [{ ...opened, number, kind: 'request', subject: words, fields: { what: words } }] };
  },

  async 'the language is changed in the middle'({ player }) {
    await player.begins('nps');
    await player.hears('nps:score');
    await player.says('/language');
    const asked = await player.hears('engine:choose_language');
    player.speaks('en');
    await player.presses(asked, 'engine:language_name');
    await player.hears('engine:language_set');
    await player.presses(await player.hearsAlso('nps:score'), '8');
    await player.presses(await player.hears('nps:why_mid'), 'engine:button.skip');
    await player.hears('nps:comment');
    await player.says('Fine as it is');
    await player.presses(await player.hears('nps:may_contact'), 'nps:contact_no');
    await player.hears('nps:thanks');
    return {
      responses: [{ ...nps, score: 8, reasons: [], comment: 'Fine as it is', contactAllowed: false }],
    };
  },

  async 'one who stops in the middle keeps what they said'({ player }) {
    await player.begins('nps');
    await player.presses(await player.hears('nps:score'), '6');
    await player.hears('nps:why_low');
    await player.says('стоп');
    await player.hears('engine:stopped');
    return { responses: [{ ...nps, state: 'partial', score: 6, reasons: [] }] };
  },
} satisfies Record<string, Play>;
