// A press of a button, from the finger to the bot's answer. Pressing lives in actor.ts, answering here.
import { type Call, type Handler, number, text } from './call.ts';
import { bad } from './refusal.ts';
import type { Signal } from './signal.ts';

export interface PressAnswer {
  readonly at: number;
  readonly text: string | undefined;
  readonly showAlert: boolean;
  readonly url: string | undefined;
  readonly request: number;
}

export interface Press {
  readonly id: string;
  readonly chatId: number;
  readonly messageId: number;
  readonly userId: number;
  readonly data: string;
  readonly at: number;
  readonly answers: PressAnswer[];
  /** The first answer the person got; rejects when none comes in time. */
  answered(ms?: number): Promise<PressAnswer>;
}

/** After this the server has forgotten the query, answered or not. */
export const QUERY_LIFE_MS = 150 * 1000;

export function createPress(about: Omit<Press, 'answers' | 'answered'>, changed: Signal): Press {
  const answers: PressAnswer[] = [];
  return {
    ...about,
    answers,
    answered: (ms = 5000) => changed.until(() => answers[0], ms, `an answer to the press of "${about.data}"`),
  };
}

export const answerCallbackQuery: Handler = (call: Call) => {
  const { params, world } = call;
  const said = text(params, 'text');
  if (said !== undefined && [...said].length > 200) throw bad('MESSAGE_TOO_LONG', 'too-long');
  const press = call.presses.get(text(params, 'callback_query_id') ?? '');
  if (press === undefined || world.now() - press.at > QUERY_LIFE_MS) {
    throw bad('query is too old and response timeout expired or query ID is invalid');
  }
  if ((number(params, 'cache_time') ?? 0) < 0) throw bad('wrong cache_time specified', 'wrong-type');
  press.answers.push({
    at: world.now(),
    text: said === '' ? undefined : said,
    showAlert: params.show_alert === true,
    url: text(params, 'url'),
    request: call.request,
  });
  world.changed.fire();
  return true;
};
