// A stand-in with a real client beside it, closed after each test, for the tests of the stand-in itself.
import { Api, type ApiClientOptions, GrammyError } from 'grammy';
import { onTestFinished } from 'vitest';
import { startTelegram, type TelegramOptions, type TelegramStandIn } from './telegram.ts';

export async function startBoth(
  options: TelegramOptions = {},
  client: ApiClientOptions = {},
): Promise<{ tg: TelegramStandIn; api: Api }> {
  const tg = await startTelegram(options);
  onTestFinished(() => tg.stop());
  return { tg, api: new Api(tg.token, { apiRoot: tg.url, timeoutSeconds: 20, ...client }) };
}

/** The refusal of a call, which must be one. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; text: string; error: GrammyError }> {
  const error = await call.then(
    () => new Error('the call was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof GrammyError)) throw error;
  return { code: error.error_code, text: error.description, error };
}

export const callRaw = async (
  tg: TelegramStandIn,
  method: string,
  body: unknown,
): Promise<Record<string, unknown>> => {
  const response = await fetch(`${tg.url}/bot${tg.token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
};

export const nine = { reply_markup: { inline_keyboard: [[{ text: '9', callback_data: 's:9' }]] } };
export const picture = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4]);
