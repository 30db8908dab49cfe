// What a channel is called in a sentence. One without a name of its own goes by its registry name.
import type { Texts } from './texts.ts';

export function channelName(texts: Texts, locale: string, channel: string): string {
  const key = `channels:name.${channel}`;
  return texts.has(locale, key) ? texts.t(locale, key) : channel;
}
