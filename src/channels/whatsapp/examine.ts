// Asks Meta whether it takes our token and number. A linked phone is examined by the running program alone: a second
// browser on one account would part the first from it.
import { clockOf, type Examine, finding, refused } from '../examine.ts';
import type { WhatsAppConfig } from './settings.ts';

const NAME = 'whatsapp';
const TIMEOUT = 10_000;

export const examineWhatsApp: Examine<WhatsAppConfig> = async ({ cloud }, { now }) => {
  if (!cloud) return [finding(NAME, 'ok', 'whatsapp.linked')];
  const { createGraph } = await import('./cloud/graph.ts');
  const graph = createGraph(cloud, TIMEOUT);
  try {
    await graph.check();
    const clock = cloud.proxyUrl === undefined ? await clockOf(NAME, cloud.apiRoot, now) : [];
    return [finding(NAME, 'ok', 'whatsapp.number', { number: cloud.phoneId }), ...clock];
  } catch (error) {
    return [refused(NAME, error)];
  } finally {
    graph.close();
  }
};
