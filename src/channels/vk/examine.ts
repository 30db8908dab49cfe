// Asks VK whether it takes our key for our community, by calls that change nothing.
import { clockOf, type Examine, type Finding, finding, refused } from '../examine.ts';
import { createVkClient } from './client.ts';
import type { VkConfig } from './settings.ts';

const NAME = 'vk';
const TIMEOUT = 10_000;

export const examineVk: Examine<VkConfig> = async (config, { now }) => {
  const api = await createVkClient({ ...config, timeout: TIMEOUT });
  try {
    const answer = await api.call<unknown>('groups.getById', { group_id: config.group });
    const name = nameIn(answer);
    const found: Finding[] = [finding(NAME, 'ok', 'vk.community', { name: name ?? config.group })];
    if (config.proxyUrl === undefined) found.push(...(await clockOf(NAME, config.apiBaseUrl, now)));
    return found;
  } catch (error) {
    return [refused(NAME, error)];
  } finally {
    await api.close();
  }
};

/** A list of communities, or an object with one, by the version of the API. */
function nameIn(answer: unknown): string | undefined {
  const inner = typeof answer === 'object' && answer !== null && 'groups' in answer ? answer.groups : answer;
  const [first]: readonly unknown[] = Array.isArray(inner) ? inner : [];
  if (typeof first !== 'object' || first === null || !('name' in first)) return undefined;
  return typeof first.name === 'string' ? first.name : undefined;
}
